using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Kindred.Platform.Web;

/// <summary>What clients of a source system read in a problem body besides problem details.</summary>
public enum ErrorStyle
{
    /// <summary>
    /// The cinema and the film club: <c>detail</c> is a machine code where there is one, <c>Unauthorized</c>, <c>Forbidden</c> or <c>Not Found</c>
    /// otherwise; a body of the wrong form is 422.
    /// </summary>
    Cinema,

    /// <summary>The vendors' shop: <c>type</c> is <c>validation_error</c>, <c>client_error</c> or <c>server_error</c>; <c>errors</c> holds <c>{code, detail, attr}</c>.</summary>
    Vendors,

    /// <summary>Purchases: <c>message</c> repeats the detail; a body of the wrong form is 422.</summary>
    Purchases,

    /// <summary>The shop's recommender: <c>error</c> repeats the detail, and <c>message</c> too where nothing is there.</summary>
    Clusters,

    /// <summary>The film clusters: <c>error</c> repeats the detail; a body of the wrong form is 422.</summary>
    FilmClusters,

    /// <summary>What people say of films at the cinema: <c>detail</c> tells which token is missing or wrong; a body of the wrong form is 422.</summary>
    Social,
}

/// <summary>One error as the vendors' clients read it.</summary>
/// <param name="Code">Machine code.</param>
/// <param name="Detail">For people.</param>
/// <param name="Attr">Name of the field; null where it is none's.</param>
public sealed record VendorError(string Code, string Detail, string? Attr);

/// <summary>Puts the members on problems of routes that have a style.</summary>
public static class ErrorStyles
{
    /// <summary>Says which clients read this route's errors.</summary>
    public static TBuilder WithErrors<TBuilder>(this TBuilder route, ErrorStyle style)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new StyleMark(style));

    /// <summary>Status of a body that is not what the route takes: 422 where the style says so, 400 otherwise.</summary>
    internal static int InvalidBody(HttpContext context) => Of(context) is ErrorStyle.Cinema or ErrorStyle.Purchases or ErrorStyle.FilmClusters or ErrorStyle.Social ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status400BadRequest;

    internal static void Complete(HttpContext context, ProblemDetails problem)
    {
        switch (Of(context))
        {
            case ErrorStyle.Cinema when !problem.Extensions.ContainsKey(KeepDetail):
                // Words the clients compare; what people need to know stays in errors and title.
                problem.Detail = problem.Status switch
                {
                    StatusCodes.Status401Unauthorized => "Unauthorized",
                    StatusCodes.Status403Forbidden => "Forbidden",
                    StatusCodes.Status404NotFound => "Not Found",
                    _ => problem.Detail,
                };
                break;
            case ErrorStyle.Vendors:
                Vendors(context, problem);
                break;
            case ErrorStyle.Purchases:
                problem.Extensions["message"] = problem.Status == StatusCodes.Status500InternalServerError ? "Internal Server Error" : problem.Detail;
                break;
            case ErrorStyle.FilmClusters:
                problem.Extensions["error"] = problem.Detail;
                break;
            case ErrorStyle.Social when problem.Status == StatusCodes.Status401Unauthorized:
                problem.Detail = context.Request.Headers.Authorization.Count == 0 ? "No token provided" : $"Token invalid: {problem.Detail}";
                break;
            case ErrorStyle.Clusters:
                problem.Extensions["error"] = problem.Detail;
                if (problem.Status == StatusCodes.Status404NotFound)
                {
                    problem.Extensions["message"] = problem.Detail;
                }

                break;
        }

        problem.Extensions.Remove(KeepDetail);
    }

    /// <summary>A problem whose detail the style leaves alone.</summary>
    internal const string KeepDetail = "keep_detail";

    private static void Vendors(HttpContext context, ProblemDetails problem)
    {
        var status = problem.Status ?? StatusCodes.Status500InternalServerError;
        var faults = problem.Extensions.TryGetValue("errors", out var given) && given is IEnumerable<FieldError> fields ? fields.ToArray() : [];
        problem.Type = status >= 500 ? "server_error" : status == StatusCodes.Status400BadRequest ? "validation_error" : "client_error";
        problem.Extensions["errors"] = faults.Length > 0
            ? faults.Select(fault => new VendorError(fault.Code, fault.Detail, fault.Pointer.Trim('/') is { Length: > 0 } attr ? attr : null)).ToArray()
            : [new VendorError(VendorCode(status), problem.Detail ?? "", Attr: null)];
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"api\"";
        }
    }

    private static string VendorCode(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "invalid",
        StatusCodes.Status401Unauthorized => "not_authenticated",
        StatusCodes.Status403Forbidden => "permission_denied",
        StatusCodes.Status404NotFound => "not_found",
        StatusCodes.Status405MethodNotAllowed => "method_not_allowed",
        StatusCodes.Status415UnsupportedMediaType => "unsupported_media_type",
        StatusCodes.Status429TooManyRequests => "throttled",
        StatusCodes.Status503ServiceUnavailable => "unavailable",
        _ => "error",
    };

    // The exception handler runs with the endpoint taken off the request.
    private static ErrorStyle? Of(HttpContext context) =>
        (context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint)?.Metadata.GetMetadata<StyleMark>()?.Style;

    private sealed record StyleMark(ErrorStyle Style);
}
