using System.Reflection;
using Kindred.Platform.Collections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Kindred.Platform.Storage;

/// <summary>Registers storage and collections.</summary>
public static class StorageServices
{
    /// <summary>Adds the database, the migrator with the platform's own migrations, the collections and their numbers.</summary>
    public static IServiceCollection AddStorage(
        this IServiceCollection services, PlatformSettings platform, DatabaseSettings database, IReadOnlyDictionary<string, CollectionSettings> collections)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(platform);
        services.AddSingleton(_ => new Database(database, platform));
        services.AddMigrations("platform", typeof(StorageServices).Assembly);
        services.AddSingleton<Migrator>();
        services.AddSingleton(provider => new CollectionRegistry(provider.GetRequiredService<Database>(), collections));
        services.AddSingleton<Numbers>();
        return services;
    }

    /// <summary>Adds a module's embedded migrations; they are applied after those added before.</summary>
    public static IServiceCollection AddMigrations(this IServiceCollection services, string module, Assembly assembly) =>
        services.AddSingleton(new MigrationSource(module, assembly));
}
