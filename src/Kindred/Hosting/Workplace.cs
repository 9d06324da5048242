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
        DataFolder.Make(settings.Data);
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        KindredHost.AddServices(services, settings);
        var provider = services.BuildServiceProvider();
        try
        {
            await KindredHost.PrepareAsync(provider, cancellation);
            return new Workplace(provider);
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }
    }

    /// <summary>A service of one of the roles.</summary>
    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
