using Kindred.Feedback.Ratings;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Feedback.Social;

/// <summary>Done, in words.</summary>
public sealed record MessageResponse(string Message);

/// <summary>What likes, bookmarks and reviews of system C have in common.</summary>
internal static class SocialRules
{
    /// <summary>Entries of a page where nothing else is said.</summary>
    public const int PageSize = 10;

    private const int MaxPageSize = 100;

    /// <summary>The one form of a UUID in which ids are kept.</summary>
    public static string Id(string uuid) => Guid.TryParse(uuid, out var id) ? id.ToString() : uuid;

    /// <summary>What is wrong with a list's query; null where nothing is.</summary>
    public static ProblemHttpResult? CheckPage(string? user, int number, int size, OnlyUser only) =>
        user is null ? Problems.Unprocessable("user_id is missing.", new FieldError("user_id", "required", "user_id is missing"))
        : !Guid.TryParse(user, out _) ? Problems.Invalid("user_id must be a UUID.", new FieldError("user_id", "uuid", "a UUID"))
        : number < 0 ? Problems.Unprocessable("page_number is 0 or more.", new FieldError("page_number", "range", "0 or more"))
        : size is < 1 or > MaxPageSize ? Problems.Unprocessable($"page_size is 1 to {MaxPageSize}.", new FieldError("page_size", "range", $"1 to {MaxPageSize}"))
        : only.Allows(Id(user)) ? null
        : Foreign();

    /// <summary>What is wrong with a new entry's owner and time; null where nothing is.</summary>
    public static ProblemHttpResult? CheckNew(Guid user, DateTimeOffset? at, long now, string field, OnlyUser only) =>
        !only.Allows(user.ToString()) ? Foreign()
        : at is { } time && (RateItem.Micros(time) > now || time < DateTimeOffset.UnixEpoch)
            ? Problems.Unprocessable($"{field} lies in the past.", new FieldError("/" + field, "range", "from 1970 to now"))
        : null;

    public static ProblemHttpResult Foreign() => Problems.Forbidden("Not on behalf of another user.");

    public static ProblemHttpResult Missing(string what) => Problems.NotFound($"The {what} is not found.");

    public static ProblemHttpResult Twice(string what) => Problems.Invalid($"The {what} already exists.", new FieldError("/movie_id", "duplicate", $"one {what} a user and film"));
}
