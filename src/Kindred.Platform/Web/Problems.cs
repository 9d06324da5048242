using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Kindred.Platform.Web;

/// <summary>One field's fault in a problem body.</summary>
/// <param name="Pointer">JSON pointer into the body (<c>/events/3/value</c>) or the name of a query parameter.</param>
/// <param name="Code">Stable word: <c>required</c>, <c>range</c>, <c>unknown</c>, ...</param>
/// <param name="Detail">What is wrong and what would be right, for people.</param>
public sealed record FieldError(string Pointer, string Code, string Detail);

/// <summary>A kind of problem: what its status, address and title always are. Listed in <c>docs/problems.md</c>.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Slug">Last part of <c>type</c>.</param>
/// <param name="Title">Fixed title.</param>
public sealed record ProblemKind(int Status, string Slug, string Title);

/// <summary>A machine code and its reason for people.</summary>
public sealed record CodeAndReason(string Code, string Reason);

/// <summary>Problem details (RFC 9457) as every route answers them: <c>type</c> under <c>/problems/</c>, fixed title, detail, errors, trace and request id.</summary>
public static class Problems
{
    /// <summary>Every kind there is, by status.</summary>
    public static IReadOnlyList<ProblemKind> Kinds { get; } =
    [
        new(400, "invalid-request", "The request is not valid"),
        new(401, "unauthenticated", "A valid key is needed"),
        new(403, "forbidden", "The key does not allow this"),
        new(404, "not-found", "There is no such thing"),
        new(405, "method-not-allowed", "The route does not take this method"),
        new(408, "timeout", "The request took too long"),
        new(409, "conflict", "The state of things does not allow it"),
        new(411, "length-required", "The length of the body is needed"),
        new(413, "too-large", "The body is too large"),
        new(415, "unsupported-media-type", "The body is of a kind this route does not read"),
        new(422, "unprocessable", "The body is not what the route takes"),
        new(429, "too-many-requests", "Too many requests"),
        new(431, "headers-too-large", "The headers are too large"),
        new(500, "internal-error", "Something went wrong on our side"),
        new(503, "unavailable", "Not available right now"),
    ];

    /// <summary>400: the request is malformed or invalid; names each field.</summary>
    public static ProblemHttpResult Invalid(string detail, params IReadOnlyList<FieldError> errors) => Of(400, detail, errors);

    /// <summary>415: the body is of a kind this route does not read.</summary>
    public static ProblemHttpResult UnsupportedMediaType(string detail) => Of(415, detail);

    /// <summary>401: no key, or not a valid one.</summary>
    public static ProblemHttpResult Unauthenticated(string detail) => Of(401, detail);

    /// <summary>403: a valid key without the right.</summary>
    public static ProblemHttpResult Forbidden(string detail) => Of(403, detail);

    /// <summary>422: the body is not what the route takes, on routes whose clients know this status for it.</summary>
    public static ProblemHttpResult Unprocessable(string detail, params IReadOnlyList<FieldError> errors) => Of(422, detail, errors);

    /// <summary>A problem whose <c>detail</c> is a machine code or an object that clients of the route compare; it is sent as it stands.</summary>
    public static ProblemHttpResult Coded(int status, string code, string? reason = null)
    {
        var problem = Of(status, code);
        problem.ProblemDetails.Extensions[ErrorStyles.KeepDetail] = true;
        if (reason is not null)
        {
            // Clients of the cinema read an object here; readers of RFC 9457 are to ignore a member of another type.
            problem.ProblemDetails.Detail = null;
            problem.ProblemDetails.Extensions["detail"] = new CodeAndReason(code, reason);
        }

        return problem;
    }

    /// <summary>404: not there, or not the caller's.</summary>
    public static ProblemHttpResult NotFound(string detail) => Of(404, detail);

    /// <summary>409: the state of things does not allow it.</summary>
    public static ProblemHttpResult Conflict(string detail, params IReadOnlyList<FieldError> errors) => Of(409, detail, errors);

    /// <summary>429 with <c>Retry-After</c>.</summary>
    public static ProblemHttpResult TooMany(string detail, TimeSpan retryAfter) => Of(429, detail, retryAfter: retryAfter);

    /// <summary>503 with <c>Retry-After</c>.</summary>
    public static ProblemHttpResult Unavailable(string detail, TimeSpan retryAfter) => Of(503, detail, retryAfter: retryAfter);

    /// <summary>A problem of a status; statuses without a kind of their own take the nearest.</summary>
    public static ProblemHttpResult Of(int status, string detail, IReadOnlyList<FieldError>? errors = null, TimeSpan? retryAfter = null)
    {
        var kind = Kinds.FirstOrDefault(known => known.Status == status) ?? Kinds.First(known => known.Status == (status < 500 ? 400 : 500));
        var problem = new ProblemDetails { Status = status, Type = "/problems/" + kind.Slug, Title = kind.Title, Detail = detail };
        if (errors is { Count: > 0 })
        {
            problem.Extensions["errors"] = errors;
        }

        if (retryAfter is { } wait)
        {
            problem.Extensions[RetryAfter] = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return TypedResults.Problem(problem);
    }

    /// <summary>Key under which a problem carries the header's value until it is written.</summary>
    internal const string RetryAfter = "retry_after";

    /// <summary>Adds what every problem says about its request; the header where it has one.</summary>
    internal static void Complete(HttpContext context, ProblemDetails problem)
    {
        problem.Extensions["request_id"] = context.TraceIdentifier;
        problem.Extensions["trace_id"] = System.Diagnostics.Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
        problem.Extensions.Remove("traceId");
        ErrorStyles.Complete(context, problem);
        if (problem.Extensions.TryGetValue(RetryAfter, out var wait))
        {
            context.Response.Headers.RetryAfter = wait?.ToString();
        }
    }
}
