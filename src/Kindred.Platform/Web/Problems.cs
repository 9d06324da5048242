using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Platform.Web;

/// <summary>One field's fault in a problem body.</summary>
/// <param name="Pointer">JSON pointer into the body (<c>/events/3/value</c>) or the name of a query parameter.</param>
/// <param name="Code">Stable word: <c>required</c>, <c>range</c>, <c>unknown</c>, ...</param>
/// <param name="Detail">What is wrong and what would be right, for people.</param>
public sealed record FieldError(string Pointer, string Code, string Detail);

/// <summary>Problem details (RFC 9457) as every route answers them: <c>type</c> under <c>/problems/</c>, fixed title, detail, errors, trace and request id.</summary>
public static class Problems
{
    /// <summary>400: the request is malformed or invalid; names each field.</summary>
    public static ProblemHttpResult Invalid(string detail, params IReadOnlyList<FieldError> errors) => throw new NotSupportedException();

    /// <summary>415: the body is of a kind this route does not read.</summary>
    public static ProblemHttpResult UnsupportedMediaType(string detail) => throw new NotSupportedException();

    /// <summary>404: not there, or not the caller's.</summary>
    public static ProblemHttpResult NotFound(string detail) => throw new NotSupportedException();

    /// <summary>409: the state of things does not allow it.</summary>
    public static ProblemHttpResult Conflict(string detail, params IReadOnlyList<FieldError> errors) => throw new NotSupportedException();

    /// <summary>429 with <c>Retry-After</c>.</summary>
    public static ProblemHttpResult TooMany(string detail, TimeSpan retryAfter) => throw new NotSupportedException();

    /// <summary>503 with <c>Retry-After</c>.</summary>
    public static ProblemHttpResult Unavailable(string detail, TimeSpan retryAfter) => throw new NotSupportedException();
}
