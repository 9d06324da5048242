using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Tuning;
using Kindred.Hosting;
using Kindred.Settings;
using Kindred.Training;

namespace Kindred.Cli;

/// <summary><c>kindred tune</c>: searches recommenders and their options, and sends the winner through the gate.</summary>
internal static class TuneCommand
{
    private static readonly Argument<string[]> s_recommenders = new("recommenders") { Description = "Recommenders to search among (default: all that suit)", HelpName = "NAME", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string?> s_time = new("--time") { Description = "How long to search (default: 5m)", HelpName = "TIME" };
    private static readonly Option<int?> s_seed = new("--seed") { Description = "Seed of every random choice (default: training.seed)", HelpName = "N" };

    public static Command Create(Func<ParseResult, Terminal> open) => new Verb(
        "tune",
        "Searches recommenders, their options and blends on held-out data; the winner goes live if it beats what is live and popularity",
        "kindred tune -c films",
        "kindred tune -c shop --time 3m --json",
        "kindred tune als ease -c films")
    {
        s_recommenders, CommonOptions.Collection, s_time, s_seed,
    }.Runs(open, TuneAsync);

    /// <summary>A length of time as settings write it; five minutes without one.</summary>
    public static TimeSpan ReadTime(string? text, string option = "--time")
    {
        try
        {
            var time = text is null ? TimeSpan.FromMinutes(5) : JsonSerializer.Deserialize<TimeSpan>(JsonSerializer.Serialize(text), SettingsJson.Options);
            return time > TimeSpan.Zero ? time : throw new CommandException(ExitCode.Usage, $"{option} is above zero.", $"Such as {option} 90s");
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException)
        {
            throw new CommandException(ExitCode.Usage, $"{option} is a length of time, not \"{text}\".", $"Such as {option} 90s or {option} 5m");
        }
    }

    /// <summary>Searches on a split and shows the trials as a table on standard error.</summary>
    public static async Task<TuningResult> SearchAsync(CommandContext context, Split split, TuningOptions options, TrainingContext training)
    {
        var result = await ProgressLine.RunAsync(context.Terminal, TimeProvider.System, "tuning", told =>
            Task.Run(() => Tuner.Run(split, options, training with { Progress = new Told(told) }), context.Cancellation));
        foreach (var line in Lines(result))
        {
            context.Terminal.Say(line);
        }

        return result;
    }

    private static async Task<int> TuneAsync(CommandContext context)
    {
        var settings = context.LoadSettings().Settings;
        var collection = context.CollectionName(settings);
        var recommenders = TrainCommand.CheckRecommenders(context.Get(s_recommenders));
        var options = new TuningOptions { Time = ReadTime(context.Get(s_time)), Recommenders = recommenders };
        await using var workplace = await Workplace.OpenAsync(settings, context.Cancellation);
        var (found, run) = await ProgressLine.RunAsync(context.Terminal, workplace.Get<TimeProvider>(), $"tuning {collection}", told =>
            workplace.Get<TrainingEntry>().TuneAsync(collection, options, context.Get(s_seed), told, context.Cancellation));
        if (found is null)
        {
            throw new CommandException(ExitCode.Failed, $"{collection} has too few positive events to search with.", "kindred import brings them");
        }

        if (run is null)
        {
            throw new CommandException(ExitCode.Failed, $"Another run of {collection} is under way.", "A collection has one run at a time; GET /runs shows it.");
        }

        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(new { Found = found, Run = run });
        }
        else
        {
            context.Terminal.WriteTable(
                ["recommender", "options", "rung", "ndcg@10", "seconds"],
                [.. found.Trials.OrderByDescending(trial => trial.Rung).ThenByDescending(trial => trial.Ndcg).Select(trial => (string[])
                [
                    trial.Candidate.Recommender, trial.Candidate.Options.GetRawText(), trial.Rung.ToString(CultureInfo.InvariantCulture),
                    trial.Ndcg.ToString("0.0000", CultureInfo.InvariantCulture), trial.Seconds.ToString("0.00", CultureInfo.InvariantCulture),
                ])]);
        }

        foreach (var line in Lines(found)[^2..])
        {
            context.Terminal.Say(line);
        }

        return TrainCommand.Tell(context.Terminal, run);
    }

    private static string[] Lines(TuningResult result) =>
    [
        .. result.Trials.Select(trial => string.Create(
            CultureInfo.InvariantCulture, $"  rung {trial.Rung}  {trial.Ndcg:0.0000}  {trial.Seconds,7:0.00} s  {trial.Candidate.Recommender} {trial.Candidate.Options}")),
        string.Create(CultureInfo.InvariantCulture, $"best single: {result.BestSingleNdcg:0.0000}  {result.BestSingle.Recommender} {result.BestSingle.Options}{(result.OutOfTime ? "  (out of time)" : "")}"),
        string.Create(CultureInfo.InvariantCulture, $"best: {result.Ndcg:0.0000}  {result.Best.Recommender} {result.Best.Options}"),
    ];

    // Tells in the thread that reports, in order.
    private sealed class Told(Action<string, double> told) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => told(value.Stage, value.Fraction);
    }
}
