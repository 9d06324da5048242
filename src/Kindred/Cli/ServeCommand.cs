using System.CommandLine;
using Kindred.Hosting;

namespace Kindred.Cli;

/// <summary><c>kindred serve</c>: the server.</summary>
internal static class ServeCommand
{
    public static Command Create(Func<ParseResult, Terminal> open) => new Verb(
        "serve",
        "Serves the API; prints \"ready URL\" once it answers, ends on Ctrl-C or SIGTERM after the requests under way",
        "kindred serve --data /var/lib/kindred",
        "kindred serve --urls http://127.0.0.1:9000 --set training.threads=2",
        "kindred serve --roles shop --data shop-data --set systems.ai_url=http://127.0.0.1:8001")
    {
        CommonOptions.Urls, CommonOptions.Roles,
    }.Runs(open, ServeAsync, handlesSignals: true);

    private static async Task<int> ServeAsync(CommandContext context)
    {
        var loaded = context.LoadSettings();
        using var folder = DataFolder.Open(loaded);
        await using var app = await KindredHost.StartAsync(loaded.Settings, context.Terminal, context.Cancellation);
        context.Terminal.Say($"Kindred {VersionCommand.Version}, data in {loaded.DataFolder}");
        foreach (var url in app.Urls)
        {
            context.Terminal.Write($"ready {url}");
        }

        await app.WaitForShutdownAsync(context.Cancellation);
        return ExitCode.Ok;
    }
}
