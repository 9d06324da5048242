using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Tuning;
using Kindred.Hosting;
using Kindred.Training;
using Kindred.Training.Runs;

namespace Kindred.Cli;

/// <summary><c>kindred evaluate</c>: recommenders side by side on a collection's own data, or one recommender on a split in files.</summary>
internal static class EvaluateCommand
{
    private const string Auto = "auto";
    private static readonly string[] s_shown = ["ndcg@10", "recall@10", "map@10", "mrr@10", "hr@10"];
    private static readonly string[] s_qualities = ["ndcg@10", "coverage", "novelty bits", "diversity", "gini", "popularity"];
    private static readonly Argument<string[]> s_recommenders = new("recommenders") { Description = "Recommenders to compare (default: the collection's)", HelpName = "NAME", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string?> s_split = new("--split") { Description = "Folder with pN_train.csv and pN_test.csv (header user,item,rating,timestamp)", HelpName = "DIR" };
    private static readonly Option<string> s_protocol = new("--protocol") { Description = "p1 (random fifth per user) or p2 (last one out)", HelpName = "p1|p2", DefaultValueFactory = _ => "p1" };
    private static readonly Option<string?> s_recommender = new("--recommender") { Description = "The recommender to train on the split; auto searches on the training file alone and takes the winner", HelpName = "NAME" };
    private static readonly Option<string?> s_options = new("--options") { Description = "Its options as JSON, such as '{\"factors\":64}'", HelpName = "JSON" };
    private static readonly Option<string?> s_recs = new("--recs") { Description = "Write the lists there: user,item1,...,item10", HelpName = "FILE" };
    private static readonly Option<int?> s_seed = new("--seed") { Description = "Seed of every random choice (default: training.seed)", HelpName = "N" };
    private static readonly Option<int?> s_threads = new("--threads") { Description = "Threads (default: one a core)", HelpName = "N" };
    private static readonly Option<string?> s_time = new("--time") { Description = "With --recommender auto: how long to search (default: 5m)", HelpName = "TIME" };

    public static Command Create(Func<ParseResult, Terminal> open) => new Verb(
        "evaluate",
        "Compares recommenders on held-out data: full ranking, all metrics, gains over popularity with their 95 % intervals",
        "kindred evaluate -c films",
        "kindred evaluate als itemknn -c films --json",
        "kindred evaluate --split splits/ml-latest-small --protocol p1 --recommender als --recs recs.csv",
        "kindred evaluate --split splits/ml-latest-small --recommender auto --time 2m")
    {
        s_recommenders, CommonOptions.Collection, s_split, s_protocol, s_recommender, s_options, s_recs, s_seed, s_threads, s_time,
    }.Runs(open, context => context.Get(s_split) is { } split ? OnSplitAsync(context, split) : OnCollectionAsync(context));

    /// <summary>Recommenders as rows of a table, and below it what their lists are like for all users and by segment.</summary>
    public static void WriteTables(Terminal terminal, IReadOnlyList<CandidateRow> candidates)
    {
        WriteTable(terminal, candidates);
        CandidateRow[] judged = [.. candidates.Where(row => row.Segments is not null)];
        if (judged.Length > 0)
        {
            terminal.WriteTable(
                ["recommender", "users", "number", .. s_qualities],
                [.. judged.SelectMany(row => row.Segments!.Select(segment => (string[])[row.Recommender, segment.Segment, segment.Users.ToString("N0", CultureInfo.InvariantCulture), .. Qualities(segment)]))]);
        }
    }

    private static void WriteTable(Terminal terminal, IReadOnlyList<CandidateRow> candidates) => terminal.WriteTable(
        ["recommender", .. s_shown, "over popularity (95 %)", "train s"],
        [.. candidates.OrderByDescending(row => row.Metrics.GetValueOrDefault("ndcg@10")).Select(row => (string[])
        [
            row.Recommender,
            .. s_shown.Select(name => Say(row.Metrics.GetValueOrDefault(name))),
            row.OverPopularity is { } gain ? string.Create(CultureInfo.InvariantCulture, $"{gain.Mean:+0.0000;-0.0000} ({gain.Low:+0.0000;-0.0000} to {gain.High:+0.0000;-0.0000})") : "",
            row.TrainSeconds.ToString("0.00", CultureInfo.InvariantCulture),
        ])]);

    private static async Task<int> OnCollectionAsync(CommandContext context)
    {
        var settings = context.LoadSettings().Settings;
        var collection = context.CollectionName(settings);
        var names = TrainCommand.CheckRecommenders([.. context.Get(s_recommenders) ?? [], .. context.Get(s_recommender) is { } one ? [one] : Array.Empty<string>()]);
        await using var workplace = await Workplace.OpenAsync(settings, context.Cancellation);
        var summary = await ProgressLine.RunAsync(context.Terminal, workplace.Get<TimeProvider>(), $"evaluating {collection}", told =>
            workplace.Get<TrainingEntry>().EvaluateAsync(collection, names, context.Get(s_seed), context.Get(s_threads), told, context.Cancellation));
        foreach (var note in summary.Notes)
        {
            context.Terminal.Say(note);
        }

        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(summary);
        }
        else if (summary.Candidates.Count > 0)
        {
            WriteTables(context.Terminal, summary.Candidates);
        }

        context.Terminal.Say(summary.Candidates.Count > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{summary.Split} split{(summary.Cutoff is { } cutoff ? $" at {cutoff:yyyy-MM-dd}" : "")}, {summary.TestUsers:N0} users")
            : summary.Reason);
        return ExitCode.Ok;
    }

    private static async Task<int> OnSplitAsync(CommandContext context, string folder)
    {
        var wanted = context.Get(s_recommender) ?? throw new CommandException(ExitCode.Usage, "--split wants a --recommender.", "Such as --recommender als, or auto");
        var protocol = context.Get(s_protocol) is "p1" or "p2" ? context.Get(s_protocol)! : throw new CommandException(ExitCode.Usage, "--protocol is p1 or p2.");
        var training = new TrainingContext
        {
            Seed = context.Get(s_seed) ?? new TrainingSettings().Seed,
            Threads = context.Get(s_threads) is > 0 and { } threads ? threads : Environment.ProcessorCount,
            Cancellation = context.Cancellation,
        };
        var time = TuneCommand.ReadTime(context.Get(s_time));
        var named = wanted == Auto ? null : Recommenders.Find(TrainCommand.CheckRecommenders([wanted])[0])!;
        var chosen = named is null ? null : ReadOptions(named, context.Get(s_options));
        var split = SplitFiles.Read(folder, protocol);
        TuningResult? tuned = null;
        if (named is null)
        {
            tuned = await TuneCommand.SearchAsync(context, split.Validation(protocol, training.Seed), new TuningOptions { Time = time }, training);
            named = Recommenders.Find(tuned.Best.Recommender)!;
            chosen = named.ReadOptions(tuned.Best.Options);
            context.Terminal.Say($"{named.Name} {tuned.Best.Options}");
        }

        var name = named.Name;
        var result = await Task.Run(() => SplitEvaluation.Run(named, chosen, split, training), context.Cancellation);
        if (context.Get(s_recs) is { } recs)
        {
            SplitEvaluation.WriteRecommendations(recs, split, result.Lists);
        }

        var metrics = result.Metrics.All.ToDictionary(series => series.Name, series => Math.Round(series.Mean, 6), StringComparer.Ordinal);
        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(new
            {
                Recommender = name,
                Protocol = protocol,
                Users = split.Train.Users,
                split.Train.Items,
                Interactions = split.Train.Count,
                TestUsers = result.Metrics.Users.Count,
                Metrics = metrics,
                result.Segments,
                HalfWidths = result.Metrics.All.ToDictionary(series => series.Name, series => Math.Round(series.HalfWidth, 6), StringComparer.Ordinal),
                result.FitSeconds,
                result.RankSeconds,
                Recs = context.Get(s_recs),
                tuned?.Best.Options,
            });
        }
        else
        {
            context.Terminal.WriteTable(["metric", "mean", "95 % +-"], [.. result.Metrics.All.Select(series => (string[])[series.Name, Say(series.Mean), Say(series.HalfWidth)])]);
            context.Terminal.WriteTable(["users", "number", .. s_qualities], [.. result.Segments.Select(segment => (string[])[segment.Segment, segment.Users.ToString("N0", CultureInfo.InvariantCulture), .. Qualities(segment)])]);
        }

        context.Terminal.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{name} on {split.Train.Users:N0} users x {split.Train.Items:N0} items, {split.Train.Count:N0} positives: trained in {result.FitSeconds:0.00} s, {split.Train.Users / Math.Max(result.RankSeconds, 1e-6):N0} users/s"));
        return ExitCode.Ok;
    }

    private static object? ReadOptions(Recommender recommender, string? json)
    {
        try
        {
            return json is null ? null : recommender.ReadOptions(JsonElement.Parse(json));
        }
        catch (JsonException wrong)
        {
            throw new CommandException(ExitCode.Usage, $"--options: {wrong.Message}", $"{recommender.Name} takes {RecommenderOptions.Write(Activator.CreateInstance(recommender.OptionsType)!)}");
        }
    }

    private static string[] Qualities(SegmentQuality segment) =>
    [
        Say(segment.Ndcg), Say(segment.Coverage), segment.Novelty.ToString("0.00", CultureInfo.InvariantCulture), Say(segment.Diversity), Say(segment.Gini), Say(segment.Popularity),
    ];

    private static string Say(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
