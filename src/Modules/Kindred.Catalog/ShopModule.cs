using Kindred.Catalog.Seeds;
using Kindred.Catalog.Shop;
using Kindred.Catalog.Shop.Currency;
using Kindred.Catalog.Shop.Forwarding;
using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Kindred.Catalog;

/// <summary>The vendors' shop: stores and products.</summary>
public static class ShopModule
{
    /// <summary>Adds the shop; its tables come with <see cref="CatalogModule.AddCatalog"/>, its people with the accounts, its messages with the outbox.</summary>
    public static IServiceCollection AddShop(this IServiceCollection services, ShopOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(options);
        services.AddSingleton<ShopVersion>();
        services.AddSingleton<ShopMessages>();
        services.AddSingleton<ShopStore>();
        services.AddSingleton<ProductViews>();
        services.AddSingleton<ProductPages>();
        services.AddSingleton<ViewLog>();
        services.AddSingleton<Rates>();
        services.AddSingleton<IPeopleChanged, OnPeople>();
        _ = options.RatesUrl.Length > 0 ? services.AddSingleton<IRateSource, RateService>() : services.AddSingleton<IRateSource, RateTable>();
        return services;
    }

    /// <summary>Makes the shop's products items of a collection.</summary>
    public static IServiceCollection AddShopItems(this IServiceCollection services, string collection) => services.AddSingleton<IMessageHandler>(provider => new TakeProducts(
        collection, provider.GetRequiredService<CollectionRegistry>(), provider.GetRequiredService<ShopStore>(), provider.GetRequiredService<CatalogStore>()));

    /// <summary>Sends the shop's products and views, and its people who are gone, to a recommender in another process.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="address">The recommender's address, up to <c>/ai</c>.</param>
    /// <param name="secret">What the shop proves itself with.</param>
    public static IServiceCollection AddShopForwarding(this IServiceCollection services, Uri address, string secret)
    {
        services.AddSingleton(_ => new AiService(address, secret));
        services.AddMessageHandler<ForwardProducts>();
        services.AddMessageHandler<ForwardViews>();
        services.AddMessageHandler<ForwardPeople>();
        return services;
    }

    /// <summary>Maps the products that the shop sends over HTTP, with and without <c>/ai</c>.</summary>
    public static void MapSeeds(this IEndpointRouteBuilder routes, string collection)
    {
        foreach (var path in new[] { "/products", "/ai/products" })
        {
            var seeds = routes.MapGroup(path).InCollection(collection).WithErrors(ErrorStyle.Clusters).WithBodyLimit(ShopBody.MaxBytes).WithTags("Shop recommender");
            seeds.MapPost("/", SeedRoutes.Put).RequireClientSecret(Scopes.ItemsWrite).WithSummary("A product as it is now");
            seeds.MapGet("/", SeedRoutes.List).RequireClientSecret(Scopes.ItemsRead).WithSummary("The newest products");
            seeds.MapDelete("/{id}", SeedRoutes.Delete).RequireClientSecret(Scopes.ItemsWrite).WithSummary("A product is gone");
        }
    }

    /// <summary>Maps the shop's routes.</summary>
    public static void MapShop(this IEndpointRouteBuilder routes)
    {
        var shop = routes.MapGroup("/api/v1/store").WithErrors(ErrorStyle.Vendors).WithBodyLimit(ShopBody.MaxBytes).WithTokenScheme("Token").WithTags("Shop");
        MapStores(shop);
        MapProducts(shop.MapGroup("/products").WithMetadata(new QueryParameter("currency", JsonSchemaType.String, "Code of the currency of converted_price, such as EUR; US dollars otherwise")));
    }

    private static void MapStores(RouteGroupBuilder stores)
    {
        stores.MapGet("/", StoreRoutes.List).RequireScope(Scopes.Admin, PersonAccess.Own).Paged().Produces<IReadOnlyList<StoreResponse>>().WithSummary("My stores, newest first; everybody's for admins");
        stores.MapPost("/", StoreRoutes.Create).RequirePerson().Accepts<StoreRequest>(Json).Produces<StoreResponse>(StatusCodes.Status201Created).WithSummary("Open a store");
        stores.MapGet("/{id}/", StoreRoutes.Get).RequireScope(Scopes.Admin, PersonAccess.Own).Produces<StoreResponse>().WithSummary("A store");
        stores.MapPut("/{id}/", StoreRoutes.Replace).RequireScope(Scopes.Admin, PersonAccess.Own).Accepts<StoreRequest>(Json).Produces<StoreResponse>().WithSummary("Replace a store");
        stores.MapPatch("/{id}/", StoreRoutes.Patch).RequireScope(Scopes.Admin, PersonAccess.Own).Accepts<StoreRequest>(Json).Produces<StoreResponse>().WithSummary("Change a store");
        stores.MapDelete("/{id}/", StoreRoutes.Delete).RequireScope(Scopes.Admin, PersonAccess.Own).Produces(StatusCodes.Status204NoContent).WithSummary("Close a store with all its products");
    }

    private static void MapProducts(RouteGroupBuilder products)
    {
        products.MapGet("/", ProductRoutes.List).RequireScope(Scopes.Admin, PersonAccess.Own).Paged().Produces<IReadOnlyList<ProductResponse>>().WithSummary("My products, newest first; everybody's for admins");
        products.MapPost("/", ProductRoutes.Create).RequireScope(Scopes.Admin, PersonAccess.Own).Accepts<ProductRequest>(Json).Produces<ProductResponse>(StatusCodes.Status201Created).WithSummary("Add a product");
        products.MapGet("/most-popular/", ProductRoutes.MostPopular).RequireScope(Scopes.Admin, PersonAccess.Any).Paged().Produces<IReadOnlyList<ProductResponse>>().WithSummary("All products, most viewed first");
        products.MapGet("/{id}/", ProductRoutes.View).RequireScope(Scopes.Admin, PersonAccess.Any).Produces<ProductResponse>().WithSummary("Look at a product, which counts");
        products.MapPut("/{id}/", ProductRoutes.Replace).RequireScope(Scopes.Admin, PersonAccess.Own).Accepts<ProductRequest>(Json).Produces<ProductResponse>().WithSummary("Replace a product");
        products.MapPatch("/{id}/", ProductRoutes.Patch).RequireScope(Scopes.Admin, PersonAccess.Own).Accepts<ProductRequest>(Json).Produces<ProductResponse>().WithSummary("Change a product");
        products.MapDelete("/{id}/", ProductRoutes.Delete).RequireScope(Scopes.Admin, PersonAccess.Own).Produces(StatusCodes.Status204NoContent).WithSummary("Delete a product");
    }

    private const string Json = "application/json";

    private static RouteHandlerBuilder Paged(this RouteHandlerBuilder route) =>
        route.WithMetadata(new QueryParameter("page", JsonSchemaType.Integer, "From 1: answers ten as {count, next, previous, results}; without it the newest 1,000 as a bare array"));
}
