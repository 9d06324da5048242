using Kindred.Cli;
using Kindred.Settings;
using Microsoft.Extensions.Logging.Console;

namespace Kindred.Hosting;

/// <summary>One part of the program: its services and its routes.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Add">Registers services.</param>
/// <param name="Map">Maps routes; null for a part without.</param>
internal sealed record Role(string Name, Action<IServiceCollection, KindredSettings> Add, Action<WebApplication>? Map = null);

/// <summary>Builds the server from settings and the table of roles.</summary>
internal static class KindredHost
{
    /// <summary>A server that answers.</summary>
    public static async Task<WebApplication> StartAsync(KindredSettings settings, Terminal terminal, CancellationToken cancellation)
    {
        var app = Build(settings, terminal.Interactive);
        try
        {
            await app.StartAsync(cancellation);
            return app;
        }
        catch (IOException busy) when (busy.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await app.DisposeAsync();
            throw new CommandException(ExitCode.Failed, $"{settings.Urls} is already in use.", "Give another address with --urls, such as --urls http://127.0.0.1:0 for a free port.");
        }
        catch
        {
            await app.DisposeAsync();
            throw;
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
        builder.WebHost.UseUrls(settings.Urls);
        ConfigureLogs(builder.Logging, readableLogs);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(25));
        AddServices(builder.Services, settings);
        adjust?.Invoke(builder);
        var app = builder.Build();
        foreach (var role in Roles.All)
        {
            role.Map?.Invoke(app);
        }

        return app;
    }

    /// <summary>Brings the database up to date and numbers the collections; before anything reads them.</summary>
    public static Task PrepareAsync(IServiceProvider services, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>The services of every role, for the server and for commands that work on the data folder themselves.</summary>
    public static void AddServices(IServiceCollection services, KindredSettings settings)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        foreach (var role in Roles.All)
        {
            role.Add(services, settings);
        }
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
