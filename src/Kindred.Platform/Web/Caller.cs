using Microsoft.AspNetCore.Http;

namespace Kindred.Platform.Web;

/// <summary>What an API key, or a person by their roles, may do.</summary>
public static class Scopes
{
    /// <summary>Send events.</summary>
    public const string EventsWrite = "events:write";

    /// <summary>Read events and histories.</summary>
    public const string EventsRead = "events:read";

    /// <summary>Change items and users.</summary>
    public const string ItemsWrite = "items:write";

    /// <summary>Read items.</summary>
    public const string ItemsRead = "items:read";

    /// <summary>Read recommendations and everything else that is answered from models.</summary>
    public const string RecommendationsRead = "recommendations:read";

    /// <summary>Ask for notices to people.</summary>
    public const string NotificationsWrite = "notifications:write";

    /// <summary>Everything, also runs, models and forgetting users.</summary>
    public const string Admin = "admin";

    /// <summary>All scopes.</summary>
    public static IReadOnlyList<string> All { get; } = [EventsWrite, EventsRead, ItemsWrite, ItemsRead, RecommendationsRead, NotificationsWrite, Admin];
}

/// <summary>Who a request comes from.</summary>
/// <param name="Id">Id of the key or account, for logs and receipts; never the secret.</param>
/// <param name="Scopes">What it may do; <see cref="Scopes.Admin"/> includes all others.</param>
/// <param name="Collections">Names of the collections it may touch; empty means all.</param>
/// <param name="Person">The person whose token it is; null for a key.</param>
public sealed record Caller(string Id, IReadOnlySet<string> Scopes, IReadOnlySet<string> Collections, SignedIn? Person = null)
{
    /// <summary>Binds a handler's parameter to the caller; null where none is known.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(context.Features.Get<RequestScope>()?.Caller);
    }
}

/// <summary>A person with a live session.</summary>
/// <param name="Number">Number of the account.</param>
/// <param name="User">Their user id in every collection.</param>
/// <param name="Session">The session the token belongs to.</param>
public sealed record SignedIn(long Number, string User, string Session);

/// <summary>The one user a request is kept to, because its caller may only see and change what is theirs; <see cref="Id"/> is null where there is no such limit.</summary>
/// <param name="Id">User id in the collection.</param>
public readonly record struct OnlyUser(string? Id)
{
    /// <summary>True when this user's things are the caller's to see.</summary>
    public bool Allows(string? user) => Id is null || string.Equals(Id, user, StringComparison.Ordinal);

    /// <summary>Binds a handler's parameter.</summary>
    public static ValueTask<OnlyUser> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context));

    /// <summary>The limit of a request.</summary>
    public static OnlyUser Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new OnlyUser(context.Features.Get<RequestScope>()?.OnlyUser);
    }
}

/// <summary>Checks the credentials of a request; Accounts implements it.</summary>
public interface ICredentials
{
    /// <summary>The caller behind a bearer token, or null when it is not valid. Takes the same time for wrong and unknown ones.</summary>
    ValueTask<Caller?> CheckAsync(string bearer, CancellationToken cancellation);

    /// <summary>Which of these people are signed in still, by their sessions; for connections that outlive a request.</summary>
    Task<IReadOnlySet<SignedIn>> LiveAsync(IReadOnlyCollection<SignedIn> people, CancellationToken cancellation);
}
