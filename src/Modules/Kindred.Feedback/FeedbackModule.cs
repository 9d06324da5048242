using Kindred.Contracts;
using Kindred.Feedback.Events;
using Kindred.Feedback.Interactions;
using Kindred.Feedback.Purchases;
using Kindred.Feedback.Users;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Feedback;

/// <summary>Events: purchases, ratings, views; and the users they come from.</summary>
public static class FeedbackModule
{
    /// <summary>Adds the event log and the store.</summary>
    public static IServiceCollection AddFeedback(this IServiceCollection services, FeedbackOptions options)
    {
        services.AddMigrations("feedback", typeof(FeedbackModule).Assembly);
        services.AddSingleton(options);
        services.AddSingleton<EventWriter>();
        services.AddSingleton<EventLog>();
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
