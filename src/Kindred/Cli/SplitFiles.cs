using System.Diagnostics;
using System.Globalization;
using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;

namespace Kindred.Cli;

/// <summary>A split in files: every row is one positive of weight 1; times are kept where the files have them. Items are numbered in the order of their ids, so that ties fall as the protocol says.</summary>
/// <param name="Users">User ids by number, ascending.</param>
/// <param name="Items">Item ids by number, ascending: as numbers where all are.</param>
/// <param name="Train">What is trained on.</param>
/// <param name="Test">What is asked for; items absent from <paramref name="Train"/> count and can never be hit.</param>
internal sealed record SplitFiles(IReadOnlyList<string> Users, IReadOnlyList<string> Items, Interactions Train, Interactions Test)
{
    private const long NoTime = long.MinValue;

    /// <summary>Reads <c>pN_train.csv</c> and <c>pN_test.csv</c>; columns are found by the header's names, further ones are ignored.</summary>
    public static SplitFiles Read(string folder, string protocol)
    {
        var train = ReadRows(Path.Combine(folder, $"{protocol}_train.csv"));
        var test = ReadRows(Path.Combine(folder, $"{protocol}_test.csv"));
        var users = Sorted(train.Concat(test).Select(row => row.User));
        var items = Sorted(train.Concat(test).Select(row => row.Item));
        return new SplitFiles(users.Ids, items.Ids, Build(train, users, items), Build(test, users, items));
    }

    /// <summary>The training part cut once more by the same protocol, so that options can be chosen without a look at the test.</summary>
    public Split Validation(string protocol, int seed) => protocol == "p2" && Train.Times is not null
        ? Splits.LeaveLastOut(Train, leastPerUser: 3)
        : Splits.RandomPerUser(Train, seed: seed, leastPerUser: 3);

    private static List<(string User, string Item, long Time)> ReadRows(string path)
    {
        if (!File.Exists(path))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no file \"{path}\".");
        }

        var rows = new List<(string User, string Item, long Time)>();
        var (user, item, time) = (-1, -1, -1);
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            var cells = line.Split(',');
            number++;
            if (number == 1)
            {
                (user, item, time) = (Array.IndexOf(cells, "user"), Array.IndexOf(cells, "item"), Array.IndexOf(cells, "timestamp"));
                if (user < 0 || item < 0)
                {
                    throw new CommandException(ExitCode.Failed, $"{path}: the header names user and item, not \"{line}\".");
                }
            }
            else if (line.Length > 0)
            {
                rows.Add(cells.Length > Math.Max(Math.Max(user, item), time)
                    ? (cells[user], cells[item], time < 0 ? NoTime : ReadTime(cells[time], path, number))
                    : throw new CommandException(ExitCode.Failed, $"{path}, line {number}: {cells.Length} columns are too few."));
            }
        }

        return rows;
    }

    private static IdMap Sorted(IEnumerable<string> ids)
    {
        var found = new IdMap();
        foreach (var id in ids)
        {
            found.Add(id);
        }

        var rank = found.Order();
        var sorted = new string[found.Count];
        for (var number = 0; number < sorted.Length; number++)
        {
            sorted[rank[number]] = found[number];
        }

        var map = new IdMap();
        foreach (var id in sorted)
        {
            map.Add(id);
        }

        return map;
    }

    // Seconds since 1970.
    private static long ReadTime(string text, string path, int line) => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < 1L << 40
        ? seconds * 1_000_000
        : throw new CommandException(ExitCode.Failed, $"{path}, line {line}: timestamp is whole seconds since 1970, not \"{text}\".");

    private static Interactions Build(List<(string User, string Item, long Time)> rows, IdMap users, IdMap items)
    {
        Dictionary<(int User, int Item), long> newest = [];
        foreach (var (user, item, time) in rows)
        {
            var cell = (users.TryGet(user, out var u) ? u : -1, items.TryGet(item, out var i) ? i : -1);
            newest[cell] = Math.Max(time, newest.GetValueOrDefault(cell, NoTime));
        }

        var builder = new InteractionsBuilder();
        foreach (var ((user, item), time) in newest)
        {
            builder.Add(user, item, 1, time);
        }

        return builder.Build(users.Count, items.Count, withTimes: rows.Count > 0 && rows.TrueForAll(row => row.Time != NoTime));
    }
}

/// <summary>What came of one recommender on a split.</summary>
internal sealed record SplitResult(RankedLists Lists, MetricReport Metrics, IReadOnlyList<SegmentQuality> Segments, double FitSeconds, double RankSeconds);

/// <summary>Trains on a split's training file and ranks for every user in it.</summary>
internal static class SplitEvaluation
{
    private const int ListLength = 10;

    public static SplitResult Run(Recommender recommender, object? options, SplitFiles split, TrainingContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var model = recommender.Train(split.Train, options, context);
        var fit = Stopwatch.GetElapsedTime(started).TotalSeconds;
        started = Stopwatch.GetTimestamp();
        var lists = Evaluator.Rank(model, split.Train, ListLength, threads: context.Threads, cancellation: context.Cancellation);
        var rank = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var metrics = Metrics.Compute(lists, split.Test, ListLength);
        var segments = ListQuality.Compute(lists, split.Train, metrics, k: ListLength, threads: context.Threads, cancellation: context.Cancellation);
        return new SplitResult(lists, metrics, [.. segments.Select(segment => segment.Rounded(6))], Math.Round(fit, 4), Math.Round(rank, 4));
    }

    /// <summary>One line for every user of the training file: <c>user,item1,...,item10</c>.</summary>
    public static void WriteRecommendations(string path, SplitFiles split, RankedLists lists)
    {
        using var file = new StreamWriter(path);
        for (var user = 0; user < split.Train.Users; user++)
        {
            if (split.Train.ByUser.RowLength(user) == 0)
            {
                continue;
            }

            file.Write(split.Users[user]);
            foreach (var item in lists.Of(user))
            {
                file.Write(string.Create(CultureInfo.InvariantCulture, $",{split.Items[item]}"));
            }

            file.Write('\n');
        }
    }
}
