using System.Security.Cryptography;
using Kindred.Contracts;
using Kindred.Import;
using Kindred.Import.Demo;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Import;

public sealed class DemoWorldTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DemoOptions s_small = new() { Now = s_now, Films = 120, People = 150, Ratings = 4_000, Products = 80, Customers = 90, PurchaseLines = 1_500 };

    [Fact]
    public async Task Same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        var first = await HashAsync(s_small);

        (await HashAsync(s_small)).ShouldBe(first);
        (await HashAsync(s_small with { Seed = 43 })).ShouldNotBe(first);
    }

    [Fact]
    public void The_default_world_has_the_size_it_says_and_times_in_order()
    {
        var world = new DemoWorld(new DemoOptions { Now = s_now });
        var ratings = world.FilmEvents().ToArray();
        var shop = world.ShopEvents().ToArray();

        world.Films.Count.ShouldBe(1_200);
        world.Products.Count.ShouldBe(800);
        world.Films.Select(film => film.Title).Distinct().Count().ShouldBe(1_200);
        ratings.Length.ShouldBeInRange(68_000, 92_000);
        shop.Count(one => one.Type == "purchase").ShouldBeInRange(34_000, 46_000);
        shop.Count(one => one.Type == "view").ShouldBeInRange(25_000, 60_000);
        foreach (var events in new[] { ratings, shop })
        {
            events.Zip(events.Skip(1)).ShouldAllBe(pair => pair.First.At <= pair.Second.At);
            events.Select(one => one.Id).Distinct().Count().ShouldBe(events.Length);
            events[^1].At.ShouldBeLessThan(s_now.ToUnixTimeMilliseconds() * 1000);
        }

        ratings.ShouldAllBe(one => one.Value >= 1 && one.Value <= 10 && one.Value == MathF.Round(one.Value.Value));
        ratings.Select(one => (one.User, one.Item)).Distinct().Count().ShouldBe(ratings.Length);
        var perUser = ratings.GroupBy(one => one.User).Select(group => group.Count()).ToArray();
        perUser.Length.ShouldBe(2_000);
        perUser.Count(count => count <= 5).ShouldBeGreaterThan(100);
        perUser.Max().ShouldBeGreaterThan(200);
        output.WriteLine($"{ratings.Length} ratings, mean {ratings.Average(one => one.Value):0.00}, positive {ratings.Count(one => one.Value >= 7) / (double)ratings.Length:P0}");
        output.WriteLine(string.Join(" | ", world.Films.Take(20).Select(film => film.Title)));
        output.WriteLine(string.Join(" | ", world.Products.Take(12).Select(product => product.Title)));
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 3)]
    public void Past_events_tell_later_ones_much_better_than_popularity(bool films, double times)
    {
        var world = new DemoWorld(new DemoOptions { Now = s_now });
        var events = (films ? world.FilmEvents().Where(one => one.Value >= 7) : world.ShopEvents().Where(one => one.Type == "purchase")).ToArray();
        var cut = events[(int)(events.Length * 0.8)].At;
        var (neighbours, popularity) = Split.HitsAtTen(events.Where(one => one.At < cut), events.Where(one => one.At >= cut));

        output.WriteLine($"recall@10: item neighbours {neighbours:0.0000}, popularity {popularity:0.0000}");
        neighbours.ShouldBeGreaterThan(times * popularity);
    }

    [Fact]
    public void Things_of_one_set_lie_in_one_basket_more_often_than_chance_has_it()
    {
        var world = new DemoWorld(new DemoOptions { Now = s_now });
        var sets = world.Products.ToDictionary(product => product.Id, product => product.Categories[^1]);
        var baskets = world.ShopEvents().Where(one => one.Type == "purchase").GroupBy(one => (one.User, one.At)).Where(basket => basket.Count() > 1).ToArray();

        baskets.Length.ShouldBeGreaterThan(5_000);
        baskets.Count(basket => basket.Select(line => sets[line.Item]).Distinct().Count() < basket.Count()).ShouldBeGreaterThan(baskets.Length / 2);
    }

    [Fact]
    public async Task What_is_written_as_json_lines_is_what_the_import_reads()
    {
        using var store = new ImportWorld();
        var world = new DemoWorld(s_small);
        await world.WriteJsonLinesAsync(store.Folder, TestContext.Current.CancellationToken);

        var films = await store.ImportAsync(Path.Combine(store.Folder, "films"), ImportWorld.Films);
        films.Error.ShouldBeNull();
        films.Items.ShouldBe(new ImportCounts(120, 120, 0, 0));
        store.Events.Values.ShouldBe(world.FilmEvents(), ignoreOrder: true);

        store.Events.Clear();
        (await store.ImportAsync(Path.Combine(store.Folder, "shop"), ImportWorld.Shop)).Error.ShouldBeNull();
        store.Events.Values.ShouldBe(world.ShopEvents(), ignoreOrder: true);
    }

    private static async Task<string> HashAsync(DemoOptions options)
    {
        using var store = new ImportWorld();
        await new DemoWorld(options).WriteJsonLinesAsync(store.Folder, TestContext.Current.CancellationToken);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.GetFiles(store.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            hash.AppendData(await File.ReadAllBytesAsync(file));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}

/// <summary>A plain referee: cosine neighbours and popularity on a split in time, full ranking, seen items left out.</summary>
file static class Split
{
    private const int Best = 10;

    public static (double Neighbours, double Popularity) HitsAtTen(IEnumerable<ImportedEvent> past, IEnumerable<ImportedEvent> later)
    {
        Dictionary<string, int> items = [];
        Dictionary<string, HashSet<int>> histories = [];
        foreach (var one in past)
        {
            if (!items.TryGetValue(one.Item, out var item))
            {
                items.Add(one.Item, item = items.Count);
            }

            if (!histories.TryGetValue(one.User, out var history))
            {
                histories.Add(one.User, history = []);
            }

            history.Add(item);
        }

        var counts = new float[items.Count];
        var together = new float[items.Count, items.Count];
        foreach (var history in histories.Values)
        {
            foreach (var a in history)
            {
                counts[a]++;
                foreach (var b in history)
                {
                    together[a, b]++;
                }
            }
        }

        double neighbours = 0, popularity = 0;
        var users = 0;
        foreach (var user in later.Where(one => items.ContainsKey(one.Item) && histories.ContainsKey(one.User)).GroupBy(one => one.User))
        {
            var history = histories[user.Key];
            var wanted = user.Select(one => items[one.Item]).Where(item => !history.Contains(item)).ToHashSet();
            if (wanted.Count == 0)
            {
                continue;
            }

            users++;
            var scores = Enumerable.Range(0, items.Count).Select(item => history.Sum(past => together[past, item] / MathF.Sqrt(counts[past] * counts[item]))).ToArray();
            neighbours += Recall(scores);
            popularity += Recall(counts);

            double Recall(float[] by) =>
                Enumerable.Range(0, by.Length).Where(item => !history.Contains(item)).OrderByDescending(item => by[item]).Take(Best).Count(wanted.Contains)
                / (double)Math.Min(Best, wanted.Count);
        }

        return (neighbours / users, popularity / users);
    }
}
