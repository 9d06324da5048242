using System.CommandLine;
using Kindred.Hosting;
using Kindred.Training;

namespace Kindred.Cli;

/// <summary><c>kindred picture clusters</c>: films in clusters, as SVG.</summary>
internal static class PictureCommand
{
    private static readonly Option<int> s_k = new("--k") { Description = "Number of clusters, 1 to 100", HelpName = "N", DefaultValueFactory = _ => TrainingEntry.PictureClusters };
    private static readonly Option<int> s_seed = new("--seed") { Description = "Seed of the clusters", HelpName = "N", DefaultValueFactory = _ => 0 };
    private static readonly Option<string?> s_out = new("--out") { Description = "File to write (default: standard output)", HelpName = "FILE" };

    public static Command Create(Func<ParseResult, Terminal> open) => new Command("picture", "Draws what models see")
    {
        new Verb(
            "clusters",
            "Films in clusters by who rated them how, on the two axes along which they differ most, as SVG",
            "kindred picture clusters --out clusters.svg",
            "kindred picture clusters -c films --k 8 > clusters.svg")
        {
            CommonOptions.Collection, s_k, s_seed, s_out,
        }.Runs(open, DrawAsync),
    };

    private static async Task<int> DrawAsync(CommandContext context)
    {
        var settings = context.LoadSettings().Settings;
        if (context.Get(s_k) is < 1 or > 100)
        {
            throw new CommandException(ExitCode.Usage, $"--k is 1 to 100, not {context.Get(s_k)}.");
        }

        var collection = context.CollectionName(settings, settings.Systems.Films);
        await using var workplace = await Workplace.OpenAsync(settings, context.Cancellation);
        var svg = await workplace.Get<TrainingEntry>().DrawClustersAsync(collection, context.Get(s_k), context.Get(s_seed), context.Cancellation)
            ?? throw new CommandException(ExitCode.NotFound, $"Nobody has rated anything in {collection} yet.");
        if (context.Get(s_out) is { } path)
        {
            await File.WriteAllTextAsync(path, svg, context.Cancellation);
            context.Terminal.Say($"written to {path}");
        }
        else
        {
            await context.Terminal.Output.WriteAsync(svg);
        }

        return ExitCode.Ok;
    }
}
