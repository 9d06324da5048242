using Kindred.Contracts;
using Kindred.Platform.Messaging;

namespace Kindred.Catalog.Shop.Forwarding;

/// <summary>A view as the recommender takes it.</summary>
/// <param name="UserId">Who.</param>
/// <param name="ProductId">What.</param>
/// <param name="Category">Of the product.</param>
/// <param name="EventId">The same for every delivery, so that it counts once.</param>
/// <param name="CreatedAt">When.</param>
internal sealed record ForwardedView(string UserId, string ProductId, string Category, string EventId, DateTimeOffset CreatedAt);

/// <summary>Sends views to the shop's recommender.</summary>
internal sealed class ForwardViews(AiService ai) : IMessageHandler
{
    public string Queue => "forward-views";

    public string Topic => ProductTopics.Viewed;

    public Task HandleAsync(IReadOnlyList<Message> messages, CancellationToken cancellation) => Parallel.ForEachAsync(
        messages.Select(message => message.Read<ProductViewed>()),
        new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation },
        async (view, stop) => await ai.PostAsync("interactions", new ForwardedView(view.UserId, view.ProductId, view.Category, view.Id, view.At), stop));
}
