using Kindred.Recommendations.Films;

namespace Kindred.Service.Tests.Serving;

public sealed class RatingTableTests
{
    private const int Users = 40, Items = 30;

    [Fact]
    public void Neighbours_are_those_of_all_pairs_compared_after_any_changes()
    {
        var random = new Random(11);
        using var table = new RatingTable();
        var all = new Dictionary<(int User, int Item), (float Value, long At)>();
        for (var round = 0; round < 40; round++)
        {
            for (var k = 0; k < 30; k++)
            {
                var (user, item, value, at) = (random.Next(Users), random.Next(Items), 1 + (random.Next(19) / 2f), (long)random.Next(1000));
                table.Set(user, item, value, at);
                if (!all.TryGetValue((user, item), out var before) || before.At <= at)
                {
                    all[(user, item)] = (value, at);
                }
            }

            var replaced = random.Next(Users);
            var left = all.Where(pair => pair.Key.User == replaced && pair.Key.Item % 2 == 0).OrderByDescending(pair => pair.Value.At).Select(pair => (pair.Key.Item, pair.Value.Value, pair.Value.At)).ToArray();
            table.Replace(replaced, left);
            foreach (var key in all.Keys.Where(key => key.User == replaced && key.Item % 2 != 0).ToArray())
            {
                all.Remove(key);
            }

            var asked = random.Next(Users);
            var near = table.NearestUsers(asked, 5);
            near.Select(one => (one.Number, one.Similarity)).ShouldBe(Slow(all, asked, 5));
            foreach (var one in near)
            {
                one.Others.Zip(one.Values).ShouldBe(all.Where(pair => pair.Key.User == one.Number).OrderBy(pair => pair.Key.Item).Select(pair => (pair.Key.Item, pair.Value.Value)));
            }

            var item2 = random.Next(Items);
            table.NearestItems(item2, 5).Select(one => (one.Number, one.Similarity)).ShouldBe(Slow(all.ToDictionary(pair => (pair.Key.Item, pair.Key.User), pair => pair.Value), item2, 5));
            table.Count.ShouldBe(all.Count);
            var (counts, sums) = table.ItemSums();
            for (var item = 0; item < counts.Length; item++)
            {
                var mine = all.Where(pair => pair.Key.Item == item).ToArray();
                counts[item].ShouldBe(mine.Length);
                sums[item].ShouldBe(mine.Sum(pair => (double)pair.Value.Value), 1e-9);
            }
        }
    }

    [Fact]
    public void Many_at_once_are_what_one_after_the_other_are()
    {
        var random = new Random(5);
        var ratings = Enumerable.Range(0, 500).Select(_ => (User: random.Next(Users), Item: random.Next(Items), Value: (float)random.Next(1, 11), At: (long)random.Next(50))).ToList();
        using var one = new RatingTable();
        using var many = new RatingTable();
        foreach (var (user, item, value, at) in ratings)
        {
            one.Set(user, item, value, at);
            many.Fill(user, item, value, at);
        }

        many.Filled();
        many.Count.ShouldBe(one.Count);
        for (var user = 0; user < Users; user++)
        {
            many.Of(user).Items.Zip(many.Of(user).Values).ShouldBe(one.Of(user).Items.Zip(one.Of(user).Values));
        }
    }

    [Fact]
    public void Nobody_is_near_to_a_stranger_and_a_user_without_ratings_is_gone()
    {
        using var table = new RatingTable();
        table.NearestUsers(7, 5).ShouldBeEmpty();
        table.NearestItems(100_000, 5).ShouldBeEmpty();
        table.Set(1, 2, 8, 0);
        table.Set(70_000, 2, 8, 0);
        table.NearestUsers(1, 5).ShouldHaveSingleItem().ShouldSatisfyAllConditions(near => near.Number.ShouldBe(70_000), near => near.Similarity.ShouldBe(1));
        table.Replace(70_000, []);
        table.NearestUsers(1, 5).ShouldBeEmpty();
        table.NearestUsers(70_000, 5).ShouldBeEmpty();
        table.Count.ShouldBe(1);
    }

    private static List<(int, float)> Slow(Dictionary<(int A, int B), (float Value, long At)> all, int asked, int count)
    {
        var rows = all.GroupBy(pair => pair.Key.A).ToDictionary(of => of.Key, of => of.ToDictionary(pair => pair.Key.B, pair => (double)pair.Value.Value));
        return !rows.TryGetValue(asked, out var mine) ? [] :
        [
            .. rows.Where(row => row.Key != asked)
                .Select(row => (row.Key, Product: mine.OrderBy(one => one.Key).Sum(one => one.Value * row.Value.GetValueOrDefault(one.Key)), Square: row.Value.Sum(one => one.Value * one.Value)))
                .Where(row => row.Product > 0)
                .Select(row => (row.Key, Similarity: (float)(row.Product / Math.Sqrt(mine.Sum(one => one.Value * one.Value) * row.Square))))
                .OrderByDescending(row => row.Similarity).ThenBy(row => row.Key).Take(count),
        ];
    }
}
