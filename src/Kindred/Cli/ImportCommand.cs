using System.CommandLine;
using System.Globalization;
using Kindred.Hosting;
using Kindred.Import;

namespace Kindred.Cli;

/// <summary><c>kindred import</c>: events and items from files.</summary>
internal static class ImportCommand
{
    private static readonly Argument<string[]> s_paths = new("files") { Description = "Files or folders; - is standard input", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> s_format = new("--format") { Description = "auto, movielens, online-retail, csv or jsonl", HelpName = "FORMAT", DefaultValueFactory = _ => "auto" };
    private static readonly Option<string> s_rows = new("--rows") { Description = "auto, events or items", HelpName = "KIND", DefaultValueFactory = _ => "auto" };
    private static readonly Option<string[]> s_map = new("--map") { Description = "Our word = the file's column, such as user=userId,item=movieId,value=rating,time=timestamp", HelpName = "MAP" };
    private static readonly Option<string?> s_type = new("--type") { Description = "Event type of all rows", HelpName = "NAME" };
    private static readonly Option<double?> s_scale = new("--scale") { Description = "Factor for values", HelpName = "X" };
    private static readonly Option<int> s_maxErrors = new("--max-errors") { Description = "Stop when more rows than this are rejected", HelpName = "N", DefaultValueFactory = _ => 10_000 };
    private static readonly Option<bool> s_resume = new("--resume") { Description = "Go on after the last durable batch of an import that was cut off" };
    private static readonly Option<bool> s_dryRun = new("--dry-run") { Description = "Read and check everything, write nothing but the rejected rows" };

    public static Command Create(Func<ParseResult, Terminal> open) => new Verb(
        "import",
        "Reads files into a collection: MovieLens, Online Retail, delimited text by a map, JSON lines. Rows at fault go to NAME.rejected.csv",
        "kindred import ml-latest-small -c films",
        "kindred import online_retail.csv.gz -c shop",
        "kindred import sales.csv -c shop --map user=customer,item=sku,time=sold_at --type purchase")
    {
        s_paths, CommonOptions.Collection, s_format, s_rows, s_map, s_type, s_scale, s_maxErrors, s_resume, s_dryRun,
    }.Runs(open, ImportAsync);

    private static async Task<int> ImportAsync(CommandContext context)
    {
        var settings = context.LoadSettings().Settings;
        var paths = context.Get(s_paths) ?? [];
        var request = new ImportRequest
        {
            Paths = paths,
            Collection = context.CollectionName(settings),
            Format = Word<ImportFormat>("--format", context.Get(s_format)!, ("jsonl", ImportFormat.JsonLines)),
            Rows = Word<ImportRows>("--rows", context.Get(s_rows)!),
            Map = Map(context.Get(s_map) ?? []),
            Type = context.Get(s_type),
            Scale = context.Get(s_scale),
            MaxErrors = context.Get(s_maxErrors),
            Resume = context.Get(s_resume),
            DryRun = context.Get(s_dryRun),
        };
        if (paths.FirstOrDefault(path => path != "-" && !File.Exists(path) && !Directory.Exists(path)) is { } missing)
        {
            throw new CommandException(ExitCode.NotFound, $"There is no file or folder \"{missing}\".");
        }

        await using var workplace = await Workplace.OpenAsync(settings, context.Cancellation);
        var summary = await ProgressLine.RunAsync(context.Terminal, workplace.Get<TimeProvider>(), "importing", told =>
            workplace.Get<Importer>().RunAsync(request, new Telling(told), context.Cancellation));
        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(summary);
        }

        Tell(context.Terminal, summary, request);
        return summary.Error is null ? ExitCode.Ok : ExitCode.Failed;
    }

    private static void Tell(Terminal terminal, ImportSummary summary, ImportRequest request)
    {
        foreach (var format in summary.Formats)
        {
            terminal.Say($"read as {format}");
        }

        foreach (var (kind, counts) in new[] { ("events", summary.Events), ("items", summary.Items) })
        {
            if (counts.Rows > 0)
            {
                terminal.Say(string.Create(
                    CultureInfo.InvariantCulture, $"{counts.Rows:N0} {kind}: {counts.New:N0} new, {counts.Repeated:N0} repeated, {counts.Rejected:N0} rejected"));
            }
        }

        if (summary.FirstRejection is { } first)
        {
            terminal.Say($"first rejected: {first} (all in {string.Join(", ", summary.RejectedFiles)})");
        }

        if (summary.Error is { } error)
        {
            terminal.Fail(error);
            return;
        }

        var rows = summary.All.Rows;
        terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{summary.Seconds:0.0} s, {rows / Math.Max(summary.Seconds, 0.001):N0} rows/s"));
        terminal.Say(request.DryRun ? "a dry run: nothing was written" : $"next: kindred train -c {request.Collection}");
    }

    private static T Word<T>(string option, string word, params (string Word, T Value)[] others)
        where T : struct, Enum
    {
        foreach (var (known, value) in others)
        {
            if (known == word)
            {
                return value;
            }
        }

        return Enum.TryParse<T>(word.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) && !char.IsDigit(word[0])
            ? parsed
            : throw new CommandException(ExitCode.Usage, $"{option} {word} is unknown.{Settings.Spelling.DidYouMean(word, Enum.GetNames<T>().Select(name => name.ToLowerInvariant()))}");
    }

    private static Dictionary<string, string> Map(IEnumerable<string> pairs)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs.SelectMany(part => part.Split(',')))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new CommandException(ExitCode.Usage, $"--map {pair}: written as ours=column, such as user=userId.");
            }

            map[pair[..equals].Trim()] = pair[(equals + 1)..].Trim();
        }

        return map;
    }

    private sealed class Telling(Action<string, double> told) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => told(
            string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(value.File)} {value.Rows:N0} rows, {value.RowsPerSecond:N0} rows/s"),
            value.TotalBytes is > 0 and { } total ? Math.Min(1, (double)value.Bytes / total) : 0);
    }
}
