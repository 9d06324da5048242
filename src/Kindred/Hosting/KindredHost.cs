using System.Net;
using System.Text.Json;
using Kindred.Cli;
using Kindred.Platform.Collections;
using Kindred.Platform.Scheduling;
using Kindred.Platform.Storage;
using Kindred.Settings;
using Kindred.Training;
using Microsoft.Extensions.Logging.Console;

namespace Kindred.Hosting;

/// <summary>One part of the program: its services and its routes.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Add">Registers services.</param>
/// <param name="In">The role of which it is a part; null for what every process has.</param>
/// <param name="Map">Maps routes: on the server, and on the group <c>/api/v1/collections/{collection}</c>; null for a part without.</param>
internal sealed record Part(string Name, Action<IServiceCollection, KindredSettings> Add, Action<WebApplication, RouteGroupBuilder>? Map = null, string? In = null);

/// <summary>Builds the server from settings and the table of roles.</summary>
internal static class KindredHost
{
    private const int DefaultAiPort = 5001;

    /// <summary>A server that answers.</summary>
    public static async Task<WebApplication> StartAsync(KindredSettings settings, Terminal terminal, CancellationToken cancellation)
    {
        var app = Build(settings, terminal.Interactive);
        try
        {
            await PrepareAsync(app.Services, cancellation);
            await app.StartAsync(cancellation);
            await AskOnceAsync(app, cancellation);
            return app;
        }
        catch (IOException busy) when (busy.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await app.DisposeAsync();
            throw new CommandException(ExitCode.Failed, $"{settings.Urls}{(settings.AiUrls is { Length: > 0 } more ? $" or {more}" : "")} is already in use.", "Give another address with --urls, such as --urls http://127.0.0.1:0 for a free port.");
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    // The first request compiles every route, which takes half a second. It is ours, so that nobody else waits and "ready" means answering.
    private static async Task AskOnceAsync(WebApplication app, CancellationToken cancellation)
    {
        if (app.Urls.Select(BindingAddress.Parse).FirstOrDefault(address => address.Scheme == Uri.UriSchemeHttp && !address.IsUnixPipe) is not { } bound)
        {
            return;
        }

        var host = IPAddress.TryParse(bound.Host, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) ? bound.Host : "127.0.0.1";
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            using var answer = await client.GetAsync(new UriBuilder(bound.Scheme, host, bound.Port, "/health/live").Uri, cancellation);
        }
        catch (Exception away) when (away is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            // An address this process cannot reach itself serves others all the same.
        }
    }

    /// <summary>A server that has not started yet.</summary>
    public static WebApplication Build(KindredSettings settings, bool readableLogs, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            EnvironmentName = settings.Environment == "development" ? Environments.Development : Environments.Production,
            ContentRootPath = AppContext.BaseDirectory,
        });

        // Settings come from one place only; ASPNETCORE_URLS and appsettings.json have no say.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection();
        builder.WebHost.UseUrls([settings.Urls, .. AiUrls(settings)]);
        ConfigureLogs(builder.Logging, readableLogs);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(25));
        AddServices(builder.Services, settings, settings.Roles);
        if (Roles.Has(settings.Roles, Roles.Ai))
        {
            var (program, arguments) = ThisProgram();
            builder.Services.AddTrainingSchedule(program, [.. arguments, "train"], JsonSerializer.Serialize(settings, SettingsJson.Options));
        }

        adjust?.Invoke(builder);
        var app = builder.Build();
        CheckSchedules(app.Services.GetRequiredService<Schedules>, settings.Roles);
        var collection = app.MapGroup("/api/v1/collections/{collection}");
        foreach (var part in Roles.All.Where(part => Roles.Has(settings.Roles, part)))
        {
            part.Map?.Invoke(app, collection);
        }

        return app;
    }

    /// <summary>The schedules, where their settings are what they should be. A process with some roles may have settings of jobs that others do.</summary>
    public static Schedules CheckSchedules(Func<Schedules> read, IReadOnlyList<string> roles)
    {
        try
        {
            var schedules = read();
            return roles.Count == 0 && schedules.Unknown is [var name, ..]
                ? throw new CommandException(ExitCode.Usage, $"schedules.{name}: there is no such job.{Spelling.DidYouMean(name, schedules.All.Select(schedule => schedule.Job.Name))}", "kindred schedules shows all.")
                : schedules;
        }
        catch (FormatException wrong)
        {
            throw new CommandException(ExitCode.Usage, wrong.Message);
        }
    }

    // Left to itself, the second port is a kindness to clients that know it; taken by somebody else it is not worth failing for.
    private static string[] AiUrls(KindredSettings settings)
    {
        if (settings.AiUrls is { } given)
        {
            return given.Length == 0 ? [] : [given];
        }

        if (!string.Equals(settings.Urls, KindredSettings.Default.Urls, StringComparison.Ordinal))
        {
            return [];
        }

        using var probe = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, DefaultAiPort));
            return [$"http://127.0.0.1:{DefaultAiPort}"];
        }
        catch (System.Net.Sockets.SocketException)
        {
            return [];
        }
    }

    /// <summary>Brings the database up to date and numbers the collections; before anything reads them.</summary>
    public static async Task PrepareAsync(IServiceProvider services, CancellationToken cancellation)
    {
        try
        {
            await services.GetRequiredService<Migrator>().ApplyAsync(cancellation);
            await services.GetRequiredService<CollectionRegistry>().LoadAsync(cancellation);
        }
        catch (MigrationException refused)
        {
            throw new CommandException(ExitCode.Failed, refused.Message);
        }
    }

    /// <summary>The services of some roles, for the server; of all, for commands that work on the data folder themselves.</summary>
    public static void AddServices(IServiceCollection services, KindredSettings settings, IReadOnlyList<string> roles)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        foreach (var part in Roles.All)
        {
            if (Roles.Has(roles, part))
            {
                part.Add(services, settings);
                continue;
            }

            // The schema is one for all roles, so that commands and a later process with other roles find their tables.
            var others = new ServiceCollection();
            part.Add(others, settings);
            foreach (var tables in others.Where(service => service.ServiceType == typeof(MigrationSource)))
            {
                services.Add(tables);
            }
        }
    }

    // Beside its own library lies the executable, also where another process hosts the server (tests); without one the library is run by dotnet.
    private static (string Program, IReadOnlyList<string> Arguments) ThisProgram()
    {
        var executable = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "kindred.exe" : "kindred");
        return File.Exists(executable) ? (executable, []) : (Environment.ProcessPath ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "kindred.dll")]);
    }

    // Standard output carries data; logs go to standard error, as text for people and as JSON for collectors.
    private static void ConfigureLogs(ILoggingBuilder logging, bool readable)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("Kindred", LogLevel.Information);
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (readable)
        {
            logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.TimestampFormat = "HH:mm:ss ";
            });
        }
        else
        {
            logging.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
    }
}
