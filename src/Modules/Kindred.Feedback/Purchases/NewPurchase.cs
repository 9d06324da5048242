using System.Globalization;

namespace Kindred.Feedback.Purchases;

/// <summary>A purchase on its way to the log, with its events: one a product.</summary>
/// <param name="Id">A UUIDv7.</param>
/// <param name="User">User id.</param>
/// <param name="At">Microseconds since 1970 (UTC).</param>
internal sealed record NewPurchase(string Id, string User, long At)
{
    /// <summary>Name of the event type a collection that sells has.</summary>
    public const string EventType = "purchase";

    /// <summary>Id of the event of the product at a place; also how the events are found again.</summary>
    public static string EventId(string purchase, int place) => string.Create(CultureInfo.InvariantCulture, $"purchase/{purchase}/{place}");
}

/// <summary>A purchase as clients read it.</summary>
public sealed record PurchaseResponse(string Id, string UserId, DateTimeOffset PurchaseDate, IReadOnlyList<string> Products);
