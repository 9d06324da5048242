using System.Globalization;
using Kindred.Training.Data;

namespace Kindred.Training.Runs;

/// <summary>
/// Figures are worth nothing when the future leaks into training. A run whose split leaks is refused whatever it scored: test pairs that were trained on,
/// or, where one cut divides past from future, training events from after it.
/// </summary>
internal static class LeakCheck
{
    /// <summary>What leaks, in a sentence; null when nothing does.</summary>
    public static string? Find(HeldOut split)
    {
        var train = split.Train.Positives;
        long shared = 0;
        for (var user = 0; user < Math.Min(train.Users, split.Test.Users); user++)
        {
            var trained = train.ByUser.RowColumns(user);
            foreach (var item in split.Test.ByUser.RowColumns(user))
            {
                shared += trained.BinarySearch(item) >= 0 ? 1 : 0;
            }
        }

        if (shared > 0)
        {
            return Say($"Refused: {shared} of {split.Test.Count} held-out pairs are in the training part as well.");
        }

        if (split.Cutoff is { } cutoff && train.Times is { } times && times.Count(time => time >= cutoff) is > 0 and var late)
        {
            return Say($"Refused: {late} of {times.Length} training pairs come from after the cut at {cutoff.ToTime():u}.");
        }

        return null;
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
