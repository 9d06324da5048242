using Kindred.Catalog.Items;
using Kindred.Contracts;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
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

    /// <summary>Maps the routes under <c>/api/v1/collections/{collection}</c>.</summary>
    public static void MapCatalog(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/items", ReadItems.List).RequireScope(Scopes.ItemsRead, PersonAccess.Any).Produces<Page<ItemResponse>>();
        routes.MapPost("/items:batch", ChangeItems.Batch).RequireScope(Scopes.ItemsWrite).WithBodyLimit(ChangeItems.MaxBatchBytes).Produces<ItemBatchResponse>();
        routes.MapPut("/items/{id}", ChangeItems.Put).RequireScope(Scopes.ItemsWrite).Produces<ItemResponse>();
        routes.MapGet("/items/{id}", ReadItems.Get).RequireScope(Scopes.ItemsRead, PersonAccess.Any).Produces<ItemResponse>();
        routes.MapPatch("/items/{id}", ChangeItems.Patch).RequireScope(Scopes.ItemsWrite).Produces<ItemResponse>();
        routes.MapDelete("/items/{id}", ChangeItems.Delete).RequireScope(Scopes.ItemsWrite).Produces(StatusCodes.Status204NoContent);
    }
}
