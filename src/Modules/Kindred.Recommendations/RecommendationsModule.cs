using Kindred.Contracts;
using Kindred.Platform.Messaging;
using Kindred.Platform.Scheduling;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Recommendations.Answers;
using Kindred.Recommendations.Films;
using Kindred.Recommendations.Generation;
using Kindred.Recommendations.Routes;
using Kindred.Recommendations.Serving;
using Kindred.Recommendations.ShopModels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.OpenApi;

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
        services.AddMigrations("recommendations", typeof(RecommendationsModule).Assembly);
        services.AddSingleton<GenerationStore>();
        services.AddSingleton<IUserForgotten>(provider => provider.GetRequiredService<GenerationStore>());
        services.AddSingleton<GeneratedLists>();

        // The event log tells these two, and they read it: each finds the other when it is first needed.
        services.AddSingleton(provider => new GenerateLists(
            provider.GetRequiredService<GenerationStore>(),
            provider.GetRequiredService<GeneratedLists>(),
            provider.GetRequiredService<ServedCollections>(),
            provider.GetRequiredService<Platform.Collections.CollectionRegistry>(),
            provider.GetRequiredService<IEventReader>,
            provider.GetRequiredService<Database>()));
        services.AddSingleton<IMessageHandler>(provider => provider.GetRequiredService<GenerateLists>());
        services.AddSingleton<IEventsRecorded>(provider => provider.GetRequiredService<GenerateLists>());
        services.AddHostedService<FollowChanges>();
        services.AddSingleton<IReadiness, ModelReadiness>();
        return services;
    }

    /// <summary>Maps the routes on the group <c>/api/v1/collections/{collection}</c>.</summary>
    public static RouteGroupBuilder MapRecommendations(this RouteGroupBuilder collection)
    {
        var routes = collection.MapGroup("").RequireScope(Scopes.RecommendationsRead, PersonAccess.Any).WithTags("Recommendations");
        var own = collection.MapGroup("").RequireScope(Scopes.RecommendationsRead, PersonAccess.OwnId).WithTags("Recommendations");
        own.MapGet("/users/{id}/recommendations", GetRecommendations.Handle).WithListQuery().Produces<ListResponse>().WithSummary("A user's ranked list, each item with its reason");
        routes.MapPost("/recommendations", PostRecommendations.Handle).Accepts<SessionRequest>("application/json").Produces<ListResponse>()
            .WithSummary("The list for a history sent along; nothing is stored");
        routes.MapGet("/items/{id}/similar", GetLists.Similar).WithListQuery().Produces<ListResponse>().WithSummary("Items like this one");
        routes.MapGet("/items/{id}/bought-together", GetLists.BoughtTogether).WithListQuery().Produces<ListResponse>().WithSummary("Items taken by the same people");
        routes.MapGet("/popular", GetLists.Popular).WithListQuery().Produces<ListResponse>().WithSummary("What most people take");
        routes.MapGet("/trending", GetLists.Trending).WithListQuery().Produces<ListResponse>().WithSummary("What rises now");
        routes.MapGet("/latest", GetLists.Latest).WithListQuery().Produces<ListResponse>().WithSummary("What is new");
        own.MapGet("/users/{id}/why/{item}", WhyItem.Why).WithListQuery().Produces<WhyAnswer>().WithSummary("Which history items carry an item's score");
        own.MapGet("/users/{id}/why-not/{item}", WhyItem.WhyNot).WithListQuery().Produces<WhyNotAnswer>().WithSummary("What keeps an item out of the list");
        collection.MapGet("/receipts/{id}", GetLists.Receipt).RequireScope(Scopes.RecommendationsRead, PersonAccess.Own).WithTags("Recommendations").Produces<ListResponse>().WithSummary("A recent answer read back");
        return collection;
    }

    /// <summary>Maps system A's lists made on demand, which name no collection, under <c>/recommendations</c> and <c>/api/recommendations</c>.</summary>
    public static void MapGeneration(this IEndpointRouteBuilder routes, string collection)
    {
        foreach (var prefix in new[] { "/recommendations", "/api/recommendations" })
        {
            var lists = routes.MapGroup(prefix).InCollection(collection).RequireScope(Scopes.RecommendationsRead, PersonAccess.Own).WithErrors(ErrorStyle.Purchases).WithTags("Purchases");
            lists.MapPost("/generate", GenerationRoutes.Start).WithSummary("Make a user's list in the background");
            lists.MapGet("/jobs/{id}", GenerationRoutes.Job).WithSummary("How far a generation is");
            lists.MapGet("/", GenerationRoutes.OfQuery).Produces<RecommendedProductResponse>().WithSummary("The best product of the newest list, or with n the best ones");
            lists.MapGet("/{user_id}", GenerationRoutes.OfPath).Produces<RecommendedProductResponse>().WithSummary("The same by path");
        }
    }

    /// <summary>Adds the shop's two small models and their schedules.</summary>
    public static IServiceCollection AddShopModels(this IServiceCollection services, ShopModelSettings settings, string collection)
    {
        services.AddSingleton(provider => new ShopTrainer(
            collection,
            provider.GetRequiredService<ServedCollections>(),
            provider.GetRequiredService<IEventReader>,
            settings,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ShopTrainer>>()));
        services.AddHostedService(provider => provider.GetRequiredService<ShopTrainer>());
        services.AddSingleton<IScheduledJob>(provider => new CategoriesNightly(collection, provider.GetRequiredService<ServedCollections>(), provider.GetRequiredService<ShopTrainer>()));
        services.AddSingleton<IScheduledJob>(provider => new InteractionsNightly(collection, provider.GetRequiredService<ServedCollections>(), provider.GetRequiredService<ShopTrainer>()));
        return services;
    }

    /// <summary>Maps the shop's two public lists, which name no collection, with and without <c>/ai</c>.</summary>
    public static void MapShopModels(this IEndpointRouteBuilder routes, string collection)
    {
        foreach (var prefix in new[] { "", "/ai" })
        {
            var lists = routes.MapGroup(prefix).InCollection(collection).RequireScope(Scopes.RecommendationsRead, PersonAccess.Any).WithErrors(ErrorStyle.Clusters).WithTags("Shop recommender");
            lists.MapGet("/interaction-recommendations", ShopModelRoutes.ByInteraction).Produces<IReadOnlyList<ProductDocumentResponse>>().WithSummary("Products viewed by the same people");
            lists.MapGet("/category-recommendations", ShopModelRoutes.ByCategory).Produces<IReadOnlyList<ProductDocumentResponse>>().WithSummary("Products of categories like this one");
        }
    }

    /// <summary>Adds lists of films from ratings.</summary>
    public static IServiceCollection AddFilmLists(this IServiceCollection services, FilmSettings settings, string collection)
    {
        services.AddSingleton(settings);

        // The event log tells this one, and it reads the log: each finds the other when it is first needed.
        services.AddSingleton(provider => new Tastes(
            collection,
            provider.GetRequiredService<Platform.Collections.CollectionRegistry>(),
            provider.GetRequiredService<IEventReader>,
            settings,
            provider.GetRequiredService<RecommendationSettings>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Tastes>>()));
        services.AddSingleton<IEventsRecorded>(provider => provider.GetRequiredService<Tastes>());
        services.AddHostedService(provider => provider.GetRequiredService<Tastes>());
        services.AddSingleton<FilmClusters>();
        services.AddHostedService(provider => provider.GetRequiredService<FilmClusters>());
        services.AddSingleton(provider => new FilmLists(
            collection, provider.GetRequiredService<LocalRecommendations>(), provider.GetRequiredService<Tastes>(), provider.GetRequiredService<FilmClusters>(), settings));
        services.AddSingleton<FilmNews>();
        services.AddHostedService(provider => provider.GetRequiredService<FilmNews>());
        services.AddSingleton(provider => new AnswerCache(provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>Maps lists of films, which name no collection: the cinema's, the film club's and the film clusters'.</summary>
    public static void MapFilmLists(this IEndpointRouteBuilder routes, string collection)
    {
        var cinema = routes.MapGroup("/recom/v1").InCollection(collection).WithErrors(ErrorStyle.Social).WithTags("Cinema");
        cinema.MapGet("/user/{user_id}", CinemaLists.OfUser).RequireScope(Scopes.RecommendationsRead, PersonAccess.Own).Produces<CinemaUserListResponse>().WithSummary("Films that the nearest users rate highly");
        cinema.MapGet("/general", CinemaLists.General).RequireScope(Scopes.RecommendationsRead, PersonAccess.Any).Produces<CinemaListResponse>().WithSummary("Films like those that all rate highly");

        var club = routes.MapGroup("").InCollection(collection).WithErrors(ErrorStyle.Cinema).WithTags("Film club");
        club.MapGet("/rec_auth", ClubLists.Known).RequirePerson().WithTokenCookie("bonds").Produces<IReadOnlyList<string>>().WithSummary("Five titles for me");
        club.MapGet("/rec_nonauth", ClubLists.Everybody).RequireScope(Scopes.RecommendationsRead, PersonAccess.Any).Produces<IReadOnlyList<string>>().WithSummary("The five best titles by Bayesian mean");
        foreach (var method in new[] { HttpMethods.Post, HttpMethods.Get })
        {
            club.MapMethods("/rec_genre_auth", [method], ClubLists.KnownGenre).RequirePerson().WithTokenCookie("bonds").Produces<IReadOnlyList<string>>().WithSummary("Five titles of a genre for me");
            club.MapMethods("/rec_genre_nonauth", [method], ClubLists.EverybodyGenre).RequireScope(Scopes.RecommendationsRead, PersonAccess.Any).Produces<IReadOnlyList<string>>().WithSummary("The five best titles of a genre");
        }

        var clusters = routes.MapGroup("/filmes").InCollection(collection).WithErrors(ErrorStyle.FilmClusters).WithTags("Film clusters");
        clusters.MapGet("/{user_id}/recomendacoes", ClusterLists.OfUser).RequireScope(Scopes.RecommendationsRead, PersonAccess.Own)
            .Produces<IReadOnlyList<RecomendacaoResponse>>().Produces(StatusCodes.Status204NoContent).WithSummary("Five films that the user's cluster rates more than all do");
        clusters.MapPost("/treinamento", ClusterLists.Train).RequireScope(Scopes.Admin).Produces<TreinamentoResponse>().WithSummary("Cluster users now");
    }

    private static RouteHandlerBuilder WithListQuery(this RouteHandlerBuilder route) => route.WithMetadata(
        new QueryParameter("n", JsonSchemaType.Integer, $"How many, 1 to {ListQuery.MaxN}; 10 without it"),
        new QueryParameter("category", JsonSchemaType.String, "Only items of this category"),
        new QueryParameter("filter", JsonSchemaType.String, "Only items that satisfy this predicate, such as price < 50 and in_stock"),
        new QueryParameter("exclude_seen", JsonSchemaType.Boolean, "Leave out what the user has seen; true without it"),
        new QueryParameter("explain", JsonSchemaType.Boolean, "Name every history item that carried a score"));
}
