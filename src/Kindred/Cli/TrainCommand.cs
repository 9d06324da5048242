using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.OutOfCore;
using Kindred.Hosting;
using Kindred.Settings;
using Kindred.Training;
using Kindred.Training.Runs;

namespace Kindred.Cli;

/// <summary><c>kindred train</c>: a run by hand, or, started by a server, the run it queued.</summary>
internal static class TrainCommand
{
    private static readonly Argument<string[]> s_recommenders = new("recommenders") { Description = "Recommenders to train (default: the collection's)", HelpName = "NAME", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<int?> s_seed = new("--seed") { Description = "Seed of every random choice (default: training.seed)", HelpName = "N" };
    private static readonly Option<string?> s_memory = new("--memory") { Description = "What this process may hold, such as 1GiB: popularity and als, from files on disk; refused before training when it is not enough", HelpName = "SIZE" };
    private static readonly Option<string?> s_preset = new("--preset") { Description = "film-club: the WARP hybrid with the film club's settings, kept in the bundle, and its precision@10", HelpName = "NAME" };
    private static readonly Option<long?> s_run = new("--run") { Hidden = true };
    private static readonly Option<string?> s_token = new("--token") { Hidden = true };

    public static Command Create(Func<ParseResult, Terminal> open) => new Verb(
        "train",
        "Trains recommenders on a collection's events; the best goes live if it beats what is live and popularity",
        "kindred train -c films",
        "kindred train als ease -c films --seed 7",
        "kindred train -c shop --json",
        "kindred train als -c shop --memory 1GiB",
        "kindred train -c films --preset film-club")
    {
        s_recommenders, CommonOptions.Collection, s_seed, s_memory, s_preset, s_run, s_token,
    }.Runs(open, context => context.Get(s_run) is { } run ? ServeRunAsync(context, run) : TrainAsync(context));

    /// <summary>Refuses names that are no recommender's.</summary>
    public static string[] CheckRecommenders(string[]? names)
    {
        foreach (var name in names ?? [])
        {
            if (Recommenders.Find(name) is null)
            {
                var known = Recommenders.All.Select(recommender => recommender.Name).ToArray();
                throw new CommandException(ExitCode.Usage, $"There is no recommender \"{name}\".{Spelling.DidYouMean(name, known)}", $"One of: {string.Join(", ", known)}");
            }
        }

        return names ?? [];
    }

    /// <summary>Trains one collection and tells how it went.</summary>
    public static Task<RunResponse> TrainAsync(
        Workplace workplace, Terminal terminal, string collection, string trigger, string[] recommenders, int? seed, CancellationToken cancellation) =>
        TrainWithinAsync(workplace, terminal, collection, trigger, recommenders, seed, memory: null, preset: null, cancellation);

    private static async Task<RunResponse> TrainWithinAsync(
        Workplace workplace, Terminal terminal, string collection, string trigger, string[] recommenders, int? seed, long? memory, string? preset, CancellationToken cancellation)
    {
        var run = await ProgressLine.RunAsync(terminal, workplace.Get<TimeProvider>(), $"training {collection}", told =>
            workplace.Get<TrainingEntry>().TrainAsync(collection, trigger, recommenders, seed, memory, preset, told, cancellation));
        return run ?? throw new CommandException(ExitCode.Failed, $"Another run of {collection} is under way.", "A collection has one run at a time; GET /runs shows it.");
    }

    private static async Task<int> TrainAsync(CommandContext context)
    {
        var settings = context.LoadSettings().Settings;
        var collection = context.CollectionName(settings);
        var recommenders = CheckRecommenders(context.Get(s_recommenders));
        var memory = context.Get(s_memory) is { } size ? HoldTo(size, recommenders) : (long?)null;
        var preset = CheckPreset(context.Get(s_preset), recommenders, memory);
        await using var workplace = await Workplace.OpenAsync(settings, context.Cancellation);
        var run = await TrainWithinAsync(workplace, context.Terminal, collection, "hand", recommenders, context.Get(s_seed), memory, preset, context.Cancellation);
        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(run);
        }

        return Tell(context.Terminal, run);
    }

    private static string? CheckPreset(string? preset, string[] recommenders, long? memory) =>
        preset is null ? null
        : !TrainingEntry.Presets.Contains(preset) ? throw new CommandException(ExitCode.Usage, $"There is no preset \"{preset}\".{Spelling.DidYouMean(preset, TrainingEntry.Presets)}", $"One of: {string.Join(", ", TrainingEntry.Presets)}")
        : recommenders.Length > 0 || memory is not null ? throw new CommandException(ExitCode.Usage, "--preset names its recommender itself and competes with the collection's; give neither names nor --memory with it.")
        : preset;

    // The collector's heap is limited before anything is read: the promise does not hang on a sum being right.
    private static long HoldTo(string size, string[] recommenders)
    {
        if (recommenders.FirstOrDefault(name => !TrainingEntry.WithinMemory.Contains(name)) is { } other)
        {
            throw new CommandException(ExitCode.Usage, $"--memory trains {string.Join(" and ", TrainingEntry.WithinMemory)} only; {other} keeps its data in memory.");
        }

        var memory = ByteSize.Parse(size) ?? throw new CommandException(ExitCode.Usage, $"--memory is a size, not \"{size}\".", "Such as --memory 1GiB or --memory 800MiB");
        try
        {
            AppContext.SetData("GCHeapHardLimit", (ulong)MemoryBudget.Grant(memory, MemoryBudget.LeastSortBytes));
            GC.RefreshMemoryLimit();
            return memory;
        }
        catch (MemoryBudgetException small)
        {
            throw new CommandException(ExitCode.Usage, small.Message);
        }
    }

    /// <summary>Says how a run ended, and returns its exit code. A refused run is no failure: it did its work, and the live model stays.</summary>
    public static int Tell(Terminal terminal, RunResponse run)
    {
        if (run.Report is { } report)
        {
            if (!terminal.Json && report.Candidates.Count > 0)
            {
                EvaluateCommand.WriteTables(terminal, report.Candidates);
            }

            foreach (var note in report.Notes)
            {
                terminal.Say(note);
            }

            terminal.Say($"{(report.Published ? "live" : "refused")}: {report.Reason}");
        }

        var seconds = ((run.FinishedAt ?? run.RequestedAt) - (run.StartedAt ?? run.RequestedAt)).TotalSeconds;
        var told = string.Create(CultureInfo.InvariantCulture, $"run {run.Id} {run.State} in {seconds:0.0} s: {run.Users:N0} users, {run.Items:N0} items, {run.Events:N0} positives");
        switch (run.State)
        {
            case "succeeded" or "refused":
                terminal.Say(run.Error is null ? told : $"{told}. {run.Error}");
                return ExitCode.Ok;
            case "cancelled":
                terminal.Say(told);
                return ExitCode.Interrupted;
            default:
                terminal.Fail($"{told}. {run.Error}");
                return ExitCode.Failed;
        }
    }

    // The server hands its settings over standard input, which then stays open: its end says that the server is gone, and the run stops.
    private static async Task<int> ServeRunAsync(CommandContext context, long run)
    {
        // Console.In would block its caller until the end of input; a stream of its own does not.
        var input = new StreamReader(Console.OpenStandardInput());
        var line = await input.ReadLineAsync(context.Cancellation);
        var settings = JsonSerializer.Deserialize<KindredSettings>(line ?? "null", SettingsJson.Options)
            ?? throw new CommandException(ExitCode.Usage, "--run is what a server starts; its settings come over standard input.");
        var orphaned = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        var watching = WatchParentAsync(input, orphaned);
        await using var workplace = await Workplace.OpenAsync(settings, orphaned.Token);
        var ended = await workplace.Get<TrainingEntry>().ExecuteAsync(run, context.Get(s_token) ?? "", orphaned.Token);
        _ = watching; // a read of standard input cannot be cancelled; it ends with the process
        return ended is null ? ExitCode.Ok : Tell(context.Terminal, ended);
    }

    private static async Task WatchParentAsync(StreamReader input, CancellationTokenSource orphaned)
    {
        try
        {
            while (await input.ReadLineAsync(orphaned.Token) is not null)
            {
            }

            await orphaned.CancelAsync();
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
        {
            // The run ended first.
        }
    }
}
