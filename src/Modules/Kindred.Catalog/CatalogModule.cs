using Kindred.Catalog.Items;
using Kindred.Contracts;
using Kindred.Platform.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Catalog;

/// <summary>Items: what can be recommended.</summary>
public static class CatalogModule
{
    /// <summary>Adds the catalogue's store.</summary>
    public static IServiceCollection AddCatalog(this IServiceCollection services)
    {
        services.AddMigrations("catalog", typeof(CatalogModule).Assembly);
        services.AddSingleton<CatalogStore>();
        services.AddSingleton<IItemReader>(provider => provider.GetRequiredService<CatalogStore>());
        services.AddSingleton<IItemImport, ImportItems>();
        return services;
    }
}
