using System.Collections.Concurrent;
using System.Text;
using Kindred.Recommendations;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Serving;

public sealed class ModelShelfTests
{
    [Theory]
    [InlineData("flip")]
    [InlineData("cut")]
    [InlineData("gone")]
    [InlineData("newer")]
    [InlineData("outside")]
    [InlineData("garbage")]
    public async Task A_damaged_bundle_is_refused_and_the_previous_answers(string damage)
    {
        await using var world = await ServingWorld.StartAsync();
        await world.LikeAsync("ann", 0, 2);
        await world.TrainAsync("2", damage: folder => Damage(damage, folder));
        await world.RefreshAsync();

        world.Served.Shelf.Refusal.ShouldNotBeNull();
        var answer = await world.AskAsync("ann");
        answer.Model!.Run.ShouldBe("1");
        answer.Degraded.ShouldBeTrue();
        answer.Source.ShouldBe("personal");

        await world.TrainAsync("3");
        await world.RefreshAsync();
        var healed = await world.AskAsync("ann");
        healed.Model!.Run.ShouldBe("3");
        healed.Degraded.ShouldBeFalse();
    }

    [Fact]
    public async Task Swapping_under_load_fails_no_request()
    {
        await using var world = await ServingWorld.StartAsync();
        await world.LikeAsync("ann", 0, 2);
        using var done = new CancellationTokenSource();
        ConcurrentDictionary<string, bool> answered = new(StringComparer.Ordinal);
        var askers = Enumerable.Range(0, 4).Select(asker => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var answer = await world.AskAsync(asker % 2 == 0 ? "ann" : $"u{asker}", new ListQuery { N = 5 + asker });
                answer.Data.Count.ShouldBe(5 + asker);
                answer.Data.ShouldNotContain(slot => asker % 2 == 0 && (slot.Item == "f0" || slot.Item == "f2"));
                answered[answer.Model!.Run] = true;
            }
        })).ToList();
        for (var run = 1; run < 22; run++)
        {
            if (run > 1)
            {
                await world.TrainAsync(run.ToString(), run % 2 == 0 ? "als" : "itemknn");
                await world.RefreshAsync();
            }

            while (!answered.ContainsKey(run.ToString()) && !askers.Exists(asker => asker.IsCompleted))
            {
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }
        }

        await done.CancelAsync();
        await Task.WhenAll(askers);
        answered.Keys.ShouldBe(Enumerable.Range(1, 21).Select(run => run.ToString()), ignoreOrder: true);
    }

    private static void Damage(string damage, string folder)
    {
        var model = Path.Combine(folder, "itemknn.model");
        var manifest = Path.Combine(folder, "bundle.json");
        switch (damage)
        {
            case "flip":
                var bytes = File.ReadAllBytes(model);
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(model, bytes);
                break;
            case "cut":
                File.WriteAllBytes(model, File.ReadAllBytes(model)[..^1]);
                break;
            case "gone":
                File.Delete(model);
                break;
            case "newer":
                File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"format\": 1", "\"format\": 2", StringComparison.Ordinal));
                break;
            case "outside":
                File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"file\": \"itemknn.model\"", "\"file\": \"../../../itemknn.model\"", StringComparison.Ordinal));
                break;
            default:
                File.WriteAllText(manifest, "{\"format\":", Encoding.UTF8);
                break;
        }
    }
}
