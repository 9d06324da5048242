using Kindred.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kindred.Hosting;

/// <summary>The program's services over a data folder, for commands that do their work without a server.</summary>
internal sealed class Workplace : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private Workplace(ServiceProvider services) => _services = services;

    /// <summary>Opens the data folder: makes it, brings the database up to date, numbers the collections.</summary>
    public static async Task<Workplace> OpenAsync(KindredSettings settings, CancellationToken cancellation)
    {
        var workplace = Open(settings);
        try
        {
            await KindredHost.PrepareAsync(workplace._services, cancellation);
            return workplace;
        }
        catch
        {
            await workplace.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens the data folder without touching the database.</summary>
    public static Workplace Open(KindredSettings settings)
    {
        DataFolder.Make(settings.Data);
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        KindredHost.AddServices(services, settings, roles: []);
        return new Workplace(services.BuildServiceProvider());
    }

    /// <summary>A service of one of the roles.</summary>
    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
