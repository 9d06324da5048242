using Kindred.Contracts;
using Kindred.Feedback.Events;
using Kindred.Feedback.Interactions;
using Kindred.Feedback.Purchases;
using Kindred.Feedback.Ratings;
using Kindred.Feedback.Social;
using Kindred.Feedback.Users;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kindred.Feedback;

/// <summary>Events: purchases, ratings, views; and the users they come from.</summary>
public static class FeedbackModule
{
    private const string ClubCookie = "bonds";

    /// <summary>Adds the event log and the store.</summary>
    public static IServiceCollection AddFeedback(this IServiceCollection services, FeedbackOptions options)
    {
        services.AddMigrations("feedback", typeof(FeedbackModule).Assembly);
        services.AddSingleton(options);
        services.AddSingleton<EventWriter>();
        services.AddSingleton<EventLog>();
        services.AddSingleton<RatingWriter>();
        services.AddSingleton<RatingStore>();
        services.AddSingleton<ReviewStore>();
        services.AddSingleton<UsuarioStore>();
        services.AddSingleton<RateItem>();
        services.AddSingleton<PurchaseStore>();
        services.AddSingleton<FeedbackStore>();
        services.AddSingleton<IEventReader>(provider => provider.GetRequiredService<FeedbackStore>());
        services.AddSingleton<IEventImport, ImportEvents>();
        services.AddMessageHandler<OnPersonDeleted>();
        return services;
    }

    /// <summary>Takes the shop's views from its messages into a collection.</summary>
    public static IServiceCollection AddShopViews(this IServiceCollection services, string collection) => services.AddSingleton<IMessageHandler>(provider =>
        new RecordViews(collection, provider.GetRequiredService<CollectionRegistry>(), provider.GetRequiredService<EventLog>(), provider.GetRequiredService<FeedbackStore>()));

    /// <summary>Maps the views that the shop sends over HTTP, with and without <c>/ai</c>.</summary>
    public static void MapInteractions(this IEndpointRouteBuilder routes, string collection)
    {
        foreach (var path in new[] { "/interactions", "/ai/interactions" })
        {
            var interactions = routes.MapGroup(path).InCollection(collection).WithErrors(ErrorStyle.Clusters).WithTags("Shop recommender");
            interactions.MapPost("/", InteractionRoutes.Add).RequireClientSecret(Scopes.EventsWrite).WithSummary("Somebody looked at a product");
            interactions.MapGet("/", InteractionRoutes.List).RequireClientSecret(Scopes.EventsRead).WithSummary("The newest views");
        }

        routes.MapGroup("/ai/users").InCollection(collection).WithErrors(ErrorStyle.Clusters).WithTags("Shop recommender")
            .MapDelete("/{id}", InteractionRoutes.Forget).RequireClientSecret(Scopes.EventsWrite).WithSummary("Somebody's account is gone: their views go too");
    }

    /// <summary>Maps the purchases of system A, which name no collection, under <c>/purchases</c> and <c>/api/purchases</c>.</summary>
    public static void MapPurchases(this IEndpointRouteBuilder routes, string collection)
    {
        foreach (var prefix in new[] { "/purchases", "/api/purchases" })
        {
            var purchases = routes.MapGroup(prefix).InCollection(collection).WithErrors(ErrorStyle.Purchases).WithTags("Purchases");
            purchases.MapPost("/", PurchaseRoutes.Add).RequireScope(Scopes.EventsWrite, PersonAccess.Own).WithBodyLimit(RecordEvents.MaxBytes)
                .Produces<StatusResponse>(StatusCodes.Status201Created).WithSummary("Add a purchase");
            purchases.MapGet("/", PurchaseRoutes.List).RequireScope(Scopes.EventsRead, PersonAccess.Own).Produces<IReadOnlyList<PurchaseResponse>>().WithSummary("Purchases, oldest first; Link leads to the next page");
            purchases.MapGet("/{id}", PurchaseRoutes.Get).RequireScope(Scopes.EventsRead, PersonAccess.Own).WithSummary("A purchase");
            purchases.MapDelete("/{id}", PurchaseRoutes.Delete).RequireScope(Scopes.EventsWrite, PersonAccess.Own).WithSummary("Take a purchase back");
        }
    }

    /// <summary>Takes ratings of films from messages into a collection.</summary>
    public static IServiceCollection AddFilmActions(this IServiceCollection services, string collection) => services.AddSingleton<IMessageHandler>(provider => new RecordActions(
        collection,
        provider.GetRequiredService<CollectionRegistry>(),
        provider.GetRequiredService<EventLog>(),
        provider.GetRequiredService<FeedbackStore>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<RecordActions>>()));

    /// <summary>Maps what people say of films, which names no collection: the cinema's likes, the film club's ratings, the film clusters' users and ratings.</summary>
    public static void MapFilmTastes(this IEndpointRouteBuilder routes, string collection)
    {
        var likes = routes.MapGroup("/social/v1/likes").InCollection(collection).WithErrors(ErrorStyle.Social).WithTags("Cinema");
        likes.MapGet("/", LikeRoutes.List).RequireBearer(Scopes.EventsRead, PersonAccess.Own).Produces<IReadOnlyList<LikeResponse>>().WithSummary("A user's ratings, in the order they were given");
        likes.MapPost("/", LikeRoutes.Add).RequireBearer(Scopes.EventsWrite, PersonAccess.Own).Produces<LikeDocumentResponse>().WithSummary("Rate a film, 1 to 10");
        likes.MapGet("/{like_id}", LikeRoutes.Get).RequireBearer(Scopes.EventsRead, PersonAccess.Own).Produces<LikeResponse>().WithSummary("A rating");
        likes.MapPut("/{like_id}", LikeRoutes.Change).RequireBearer(Scopes.EventsWrite, PersonAccess.Own).Produces<MessageResponse>().WithSummary("Change a rating");
        likes.MapDelete("/{like_id}", LikeRoutes.Delete).RequireBearer(Scopes.EventsWrite, PersonAccess.Own).Produces<MessageResponse>().WithSummary("Take a rating back");

        var bookmarks = routes.MapGroup("/social/v1/bookmarks").InCollection(collection).WithErrors(ErrorStyle.Social).WithTags("Cinema");
        bookmarks.MapGet("/", BookmarkRoutes.List).RequireBearer(Scopes.EventsRead, PersonAccess.Own).Produces<IReadOnlyList<BookmarkResponse>>().WithSummary("A user's bookmarks, in the order they were set");
        bookmarks.MapPost("/", BookmarkRoutes.Add).RequireBearer(Scopes.EventsWrite, PersonAccess.Own).Produces<BookmarkDocumentResponse>().WithSummary("Bookmark a film");
        bookmarks.MapDelete("/{bookmark_id}", BookmarkRoutes.Delete).RequireBearer(Scopes.EventsWrite, PersonAccess.Own).Produces<MessageResponse>().WithSummary("Take a bookmark away");

        var reviews = routes.MapGroup("/social/v1/reviews").InCollection(collection).WithErrors(ErrorStyle.Social).WithTags("Cinema");
        reviews.MapGet("/", ReviewRoutes.List).RequireScope(Scopes.EventsRead, PersonAccess.Any).Produces<IReadOnlyList<ReviewResponse>>().WithSummary("A user's reviews, in the order they were written");
        reviews.MapGet("/{review_id}", ReviewRoutes.Get).RequireScope(Scopes.EventsRead, PersonAccess.Any).Produces<ReviewResponse>().WithSummary("A review");
        reviews.MapPost("/", ReviewRoutes.Add).RequireBearer(Scopes.EventsWrite, PersonAccess.Own).Produces<ReviewDocumentResponse>().WithSummary("Review a film");
        reviews.MapPut("/{review_id}", ReviewRoutes.Change).RequireBearer(Scopes.EventsWrite, PersonAccess.Own).Produces<MessageResponse>().WithSummary("Change a review");
        reviews.MapDelete("/{review_id}", ReviewRoutes.Delete).RequireBearer(Scopes.EventsWrite, PersonAccess.Own).Produces<MessageResponse>().WithSummary("Delete a review");

        var club = routes.MapGroup("/ratings").InCollection(collection).WithErrors(ErrorStyle.Cinema).WithTags("Film club");
        club.MapPost("/", ClubRatings.Rate).RequirePerson().WithTokenCookie(ClubCookie).Produces<ClubRatingResponse>(StatusCodes.Status201Created).Produces<ClubRatingResponse>().WithSummary("Rate a film in stars, or anew");
        club.MapGet("/", ClubRatings.List).RequirePerson().WithTokenCookie(ClubCookie).Produces<IReadOnlyList<ClubRatingResponse>>().WithSummary("My ratings in stars");
        club.MapDelete("/{film_id}", ClubRatings.Delete).RequirePerson().WithTokenCookie(ClubCookie).Produces(StatusCodes.Status204NoContent).WithSummary("Take my rating of a film back");

        var clusters = routes.MapGroup("").InCollection(collection).WithErrors(ErrorStyle.FilmClusters).WithTags("Film clusters");
        clusters.MapPost("/usuarios", ClusterRatings.AddUser).RequireScope(Scopes.EventsWrite, PersonAccess.Own).Produces<UsuarioResponse>(StatusCodes.Status201Created).WithSummary("Add a user; with a token say how I am called");
        clusters.MapGet("/usuarios/{usuario_id}", ClusterRatings.GetUser).RequireBearer(Scopes.EventsRead, PersonAccess.Own).Produces<UsuarioResponse>().WithSummary("A user");
        clusters.MapPost("/avaliacoes", ClusterRatings.Rate).RequireScope(Scopes.EventsWrite, PersonAccess.Own)
            .Produces<AvaliacaoResponse>(StatusCodes.Status201Created).Produces<AvaliacaoResponse>().WithSummary("Rate a film, 0 to 5, or anew");
        clusters.MapGet("/avaliacoes", ClusterRatings.List).RequireBearer(Scopes.EventsRead, PersonAccess.Own).Produces<IReadOnlyList<AvaliacaoResponse>>().WithSummary("A user's ratings");
    }

    /// <summary>Maps the routes under <c>/api/v1/collections/{collection}</c>.</summary>
    public static void MapFeedback(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/events", RecordEvents.Handle).RequireScope(Scopes.EventsWrite, PersonAccess.Own).WithBodyLimit(RecordEvents.MaxBytes)
            .Accepts<EventRequest>("application/json").Produces<RecordResponse>(StatusCodes.Status202Accepted);
        routes.MapGet("/events", ListEvents.All).RequireScope(Scopes.EventsRead).Produces<Page<EventResponse>>();
        routes.MapGet("/users/{id}/events", ListEvents.OfUser).RequireScope(Scopes.EventsRead, PersonAccess.OwnId).Produces<Page<EventResponse>>();

        routes.MapGet("/users", ChangeUsers.List).RequireScope(Scopes.ItemsRead).Produces<Page<UserResponse>>();
        routes.MapPost("/users:batch", ChangeUsers.Batch).RequireScope(Scopes.ItemsWrite).WithBodyLimit(RecordEvents.MaxBytes).Produces<UserBatchResponse>();
        routes.MapPut("/users/{id}", ChangeUsers.Put).RequireScope(Scopes.ItemsWrite).Produces<UserResponse>();
        routes.MapGet("/users/{id}", ChangeUsers.Get).RequireScope(Scopes.ItemsRead, PersonAccess.OwnId).Produces<UserResponse>();
        routes.MapPatch("/users/{id}", ChangeUsers.Patch).RequireScope(Scopes.ItemsWrite).Produces<UserResponse>();
        routes.MapDelete("/users/{id}", ChangeUsers.Delete).RequireScope(Scopes.Admin).Produces(StatusCodes.Status204NoContent);
    }
}
