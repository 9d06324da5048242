using Kindred.Contracts;
using Kindred.Platform.Web;
using Kindred.Recommendations.Answers;
using Kindred.Recommendations.Routes;
using Kindred.Recommendations.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Kindred.Recommendations;

/// <summary>Answers from models: personal lists, lists of an item, lists for everyone, and why.</summary>
public static class RecommendationsModule
{
    /// <summary>Registers the module. It needs the platform's storage and the readers of Catalog, Feedback and Training.</summary>
    public static IServiceCollection AddRecommendations(this IServiceCollection services, RecommendationSettings settings)
    {
        services.AddSingleton(settings);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Receipts>();
        services.AddSingleton(provider => new ServedCollections(
            provider.GetRequiredService<Platform.Collections.CollectionRegistry>(),
            settings,
            provider.GetRequiredService<Platform.PlatformSettings>(),
            provider.GetRequiredService<IItemReader>,
            provider.GetRequiredService<IEventReader>,
            provider.GetRequiredService<IModelHeads>(),
            provider.GetRequiredService<Receipts>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ServedCollections>>()));
        services.AddSingleton<IEventsRecorded>(provider => provider.GetRequiredService<ServedCollections>());
        services.AddSingleton<IItemsChanged>(provider => provider.GetRequiredService<ServedCollections>());
        services.AddSingleton(provider => new LocalRecommendations(
            provider.GetRequiredService<ServedCollections>(), provider.GetRequiredService<Platform.Collections.Numbers>()));
        services.AddHostedService<FollowChanges>();
        services.AddSingleton<IReadiness, ModelReadiness>();
        return services;
    }

    /// <summary>Maps the routes on the group <c>/api/v1/collections/{collection}</c>.</summary>
    public static RouteGroupBuilder MapRecommendations(this RouteGroupBuilder collection)
    {
        var routes = collection.MapGroup("").RequireScope(Scopes.RecommendationsRead).WithTags("Recommendations");
        routes.MapGet("/users/{id}/recommendations", GetRecommendations.Handle);
        routes.MapPost("/recommendations", PostRecommendations.Handle);
        routes.MapGet("/items/{id}/similar", GetLists.Similar);
        routes.MapGet("/items/{id}/bought-together", GetLists.BoughtTogether);
        routes.MapGet("/popular", GetLists.Popular);
        routes.MapGet("/trending", GetLists.Trending);
        routes.MapGet("/latest", GetLists.Latest);
        routes.MapGet("/users/{id}/why/{item}", WhyItem.Why);
        routes.MapGet("/users/{id}/why-not/{item}", WhyItem.WhyNot);
        routes.MapGet("/receipts/{id}", GetLists.Receipt);
        return collection;
    }
}
