using System.Globalization;

namespace Kindred.Training.Bundles;

/// <summary>Keeps the newest generations of bundles and deletes the folders of older runs, and what broken runs left behind.</summary>
internal static class Retention
{
    private const int Looked = 200;

    public static async Task ApplyAsync(TrainingStore store, BundleFolder bundles, int collection, int keep, CancellationToken cancellation)
    {
        var moves = await store.MovesAsync(collection, Looked, cancellation);
        var kept = moves.Select(move => long.Parse(move.Run, CultureInfo.InvariantCulture)).Distinct().Take(keep).ToHashSet();
        foreach (var run in await store.ListAsync(collection, long.MaxValue, Looked, cancellation))
        {
            if (!kept.Contains(run.Id) && !Runs.RunState.IsActive(run.State))
            {
                bundles.Delete(run.Id);
            }
        }
    }
}
