using System.CommandLine;
using System.Globalization;
using Kindred.Hosting;
using Kindred.Import.Content;

namespace Kindred.Cli;

/// <summary><c>kindred etl</c>: films of a content database into the catalogue, once or for as long as it runs.</summary>
internal static class EtlCommand
{
    private static readonly Option<string?> s_source = new("--source") { Description = "Connection string of the content database (default: setting etl.source); - reads it from standard input", HelpName = "CONNECTION" };
    private static readonly Option<bool> s_once = new("--once") { Description = "Read what changed, compare everything, and end; this is the default" };
    private static readonly Option<string?> s_every = new("--every") { Description = "Keep going, looking for changes this often, such as 2s", HelpName = "TIME" };
    private static readonly Option<bool> s_allowEmpty = new("--allow-empty") { Description = "A source without any film takes all of its films away here" };

    public static Command Create(Func<ParseResult, Terminal> open) => new Verb(
        "etl",
        "Brings films, genres and people of a PostgreSQL content database into the films' collection; a run that is cut off goes on where it was",
        "kindred etl --source 'Host=db;Database=cinema;Username=reader'      the password in $PGPASSWORD or in setting etl.source",
        "kindred etl --every 2s",
        "kindred etl --json --quiet")
    {
        s_source, s_once, s_every, s_allowEmpty,
    }.Runs(open, EtlAsync);

    private static async Task<int> EtlAsync(CommandContext context)
    {
        var settings = context.LoadSettings().Settings;
        var source = context.Get(s_source) is { } given ? given == "-" ? await Console.In.ReadLineAsync(context.Cancellation) ?? "" : given : settings.Etl.Source;
        if (source.Length == 0)
        {
            throw new CommandException(ExitCode.Usage, "Which content database? Give --source or the setting etl.source.");
        }

        if (EtlSettings.SourceFault(source) is { } fault)
        {
            throw new CommandException(ExitCode.Usage, $"--source {fault}.");
        }

        if (context.Get(s_once) && context.Get(s_every) is not null)
        {
            throw new CommandException(ExitCode.Usage, "--once and --every exclude each other.");
        }

        var every = context.Get(s_every) is { } text ? TuneCommand.ReadTime(text, "--every") : (TimeSpan?)null;
        await using var workplace = await Workplace.OpenAsync(settings, context.Cancellation);
        var rejected = Path.Combine(settings.Data, "content.rejected.csv");
        if (every is null)
        {
            await RunAsync(context, workplace, source, compare: true, rejected);
            return ExitCode.Ok;
        }

        await FollowAsync(context, workplace, source, every.Value, settings.Etl.CompareEvery, rejected);
        return ExitCode.Ok;
    }

    private static async Task FollowAsync(CommandContext context, Workplace workplace, string source, TimeSpan every, TimeSpan compareEvery, string rejected)
    {
        var time = workplace.Get<TimeProvider>();

        // The first pass says whether the command makes sense at all; after that the source may go and come.
        var compareAt = time.GetUtcNow() + EtlSettings.NextCompare(compareEvery, await RunAsync(context, workplace, source, compare: true, rejected));
        var away = false;
        while (true)
        {
            await Task.Delay(every, time, context.Cancellation);
            try
            {
                var compare = time.GetUtcNow() >= compareAt;
                var summary = await RunAsync(context, workplace, source, compare, compare ? rejected : null);
                compareAt = compare ? time.GetUtcNow() + EtlSettings.NextCompare(compareEvery, summary) : compareAt;
                away = false;
            }
            catch (CommandException trouble) when (trouble.ExitCode == ExitCode.ServerAway)
            {
                if (!away)
                {
                    context.Terminal.Fail(trouble.Message, "It is asked again until it answers.");
                }

                away = true;
            }
        }
    }

    private static async Task<EtlSummary> RunAsync(CommandContext context, Workplace workplace, string source, bool compare, string? rejected)
    {
        EtlSummary summary;
        try
        {
            summary = await ProgressLine.RunAsync(context.Terminal, workplace.Get<TimeProvider>(), "reading", told =>
                workplace.Get<Etl>().RunAsync(source, compare, context.Get(s_allowEmpty), rejected, new Telling(told), context.Cancellation));
        }
        catch (ContentException trouble)
        {
            throw new CommandException(
                trouble.Trouble switch { ContentTrouble.Away => ExitCode.ServerAway, ContentTrouble.NotAllowed => ExitCode.NotAllowed, _ => ExitCode.Failed }, trouble.Message);
        }

        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(summary);
        }
        else if (compare || summary.Changed || summary.Rejected > 0)
        {
            foreach (var (kind, counts) in new[] { ("films", summary.Films), ("genres", summary.Genres), ("persons", summary.Persons) })
            {
                context.Terminal.Write(string.Create(CultureInfo.InvariantCulture, $"{kind}: {counts.Read:N0} read, {counts.Changed:N0} changed, {counts.Deleted:N0} deleted"));
            }

            context.Terminal.Write(string.Create(CultureInfo.InvariantCulture, $"{summary.Seconds:0.0} s, {summary.RowsPerSecond:N0} rows/s, {summary.Rejected:N0} rejected"));
        }

        if (summary.FirstRejection is { } first)
        {
            context.Terminal.Say($"first rejected: {first}{(summary.RejectedFile is { } file ? $" (all in {file})" : "")}");
        }

        return summary;
    }

    private sealed class Telling(Action<string, double> told) : IProgress<EtlProgress>
    {
        public void Report(EtlProgress value) =>
            told(string.Create(CultureInfo.InvariantCulture, $"{value.Stage} {value.Films:N0} of {value.Total:N0}"), value.Total > 0 ? Math.Min(1, (double)value.Films / value.Total) : 0);
    }
}
