using System.Data.Common;
using System.Text.Json;
using Kindred.Platform.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kindred.Platform.Web;

/// <summary>The one place that says how every route behaves: JSON, errors, keys, limits, headers, health and the description of the API.</summary>
public static partial class KindredWeb
{
    /// <summary>Names a request, in both directions.</summary>
    internal const string RequestIdHeader = "X-Request-Id";

    /// <summary>Adds what every route needs.</summary>
    public static IServiceCollection AddKindredWeb(this IServiceCollection services, WebSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        services.AddSingleton(settings);
        services.ConfigureHttpJsonOptions(options => StrictJson.Apply(options.SerializerOptions));
        services.AddProblemDetails(options => options.CustomizeProblemDetails = problem => Problems.Complete(problem.HttpContext, problem.ProblemDetails));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.Configure<KestrelServerOptions>(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = settings.MaxBodyBytes;
            options.Limits.MaxConcurrentConnections = settings.MaxConnections;
            options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        });
        services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy { Timeout = settings.RequestTime, TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable });
        services.AddSingleton<IReadiness, DatabaseReadiness>();
        services.AddCors(options => options.AddDefaultPolicy(policy => policy
            .WithOrigins([.. settings.AllowedOrigins])
            .WithMethods("GET", "POST", "OPTIONS", "DELETE", "PATCH", "PUT")
            .AllowAnyHeader()
            .AllowCredentials()
            .WithExposedHeaders(RequestIdHeader)));
        services.AddKindredOpenApi(settings);
        return services;
    }

    /// <summary>Puts it in front of the routes, and maps health and the description of the API.</summary>
    public static void UseKindredWeb(this WebApplication app)
    {
        app.Use(Dress);
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerExceptionAsync, StatusCodeSelector = Status, SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages(static async code =>
        {
            var response = code.HttpContext.Response;
            await Problems.Of(response.StatusCode, Explain(response.StatusCode)).ExecuteAsync(code.HttpContext);
        });
        app.UseRouting();
        app.UseRequestTimeouts();
        if (app.Services.GetRequiredService<WebSettings>().AllowedOrigins.Count > 0)
        {
            app.UseCors();
        }

        app.UseMiddleware<CinemaEdgeMiddleware>();

        app.UseMiddleware<AccessMiddleware>();
        if (app.Services.GetRequiredService<WebSettings>().RequestsPerSecond > 0)
        {
            app.UseMiddleware<RateLimitMiddleware>();
        }

        app.UseMiddleware<IdempotencyMiddleware>();
        app.MapHealth();
        app.MapGet("/problems/{slug}", Describe).OpenToAll().ExcludeFromDescription();
        if (app.Services.GetRequiredService<WebSettings>().Docs)
        {
            app.MapKindredOpenApi();
        }
    }

    // Every answer, also a refused one, carries its request id and the headers that keep browsers from guessing.
    private static Task Dress(HttpContext context, RequestDelegate next)
    {
        var given = context.Request.Headers[RequestIdHeader];
        context.TraceIdentifier = given.Count == 1 && given[0] is { Length: > 0 and <= 128 } id && !id.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? id
            : Guid.CreateVersion7().ToString();
        var headers = context.Response.Headers;
        headers[RequestIdHeader] = context.TraceIdentifier;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/docs", StringComparison.Ordinal) || CinemaPaths.IsDescription(context.Request.Path)
            ? "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
            : "default-src 'none'; frame-ancestors 'none'";
        headers.CacheControl = "no-store";
        return next(context);
    }

    // The address in "type" answers whoever opens it.
    private static IResult Describe(string slug) => Problems.Kinds.FirstOrDefault(kind => string.Equals(kind.Slug, slug, StringComparison.Ordinal)) is { } kind
        ? TypedResults.Text($"{kind.Status} {kind.Title}\nThe answer's \"detail\" and \"errors\" say what; docs/problems.md says what to do.\n")
        : Problems.NotFound("There is no problem of this name.");

    private static int Status(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        DbException broken when Database.IsUnavailable(broken) => StatusCodes.Status503ServiceUnavailable,
        IOException => StatusCodes.Status503ServiceUnavailable,
        OperationCanceledException => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static async Task AnswerExceptionAsync(HttpContext context)
    {
        var exception = context.Features.GetRequiredFeature<IExceptionHandlerFeature>().Error;
        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        var status = Status(exception);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            Failed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Kindred.Web"), exception, context.Request.Method, context.Request.Path, context.TraceIdentifier);
        }

        // The handler cleared the response; the headers every answer has go on again.
        await Dress(context, static _ => Task.CompletedTask);
        var problem = exception is BadHttpRequestException bad ? Bad(context, bad)
            : status == StatusCodes.Status503ServiceUnavailable ? Problems.Unavailable("Storage does not answer right now; a retry with the same ids is safe.", TimeSpan.FromSeconds(1))
            : Problems.Of(status, "The fault is ours; quote the request id.");
        await problem.ExecuteAsync(context);
    }

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Bad(HttpContext context, BadHttpRequestException bad) =>
        bad.InnerException is JsonException json
            ? Problems.Of(bad.StatusCode == StatusCodes.Status400BadRequest ? ErrorStyles.InvalidBody(context) : bad.StatusCode, "The body is not what this route takes.", Faults(json))
            : Problems.Of(bad.StatusCode == StatusCodes.Status400BadRequest ? ErrorStyles.InvalidBody(context) : bad.StatusCode, Clean(bad.Message));

    private static FieldError[] Faults(JsonException json)
    {
        var at = StrictJson.Pointer(json.Path);
        var missing = MissingMembers().Match(json.Message);
        return missing.Success
            ? [.. missing.Groups["names"].Value.Split(',', StringSplitOptions.TrimEntries).Select(name => name.Trim('\'')).Select(name => new FieldError($"{at}/{name}", "required", $"{name} is missing"))]
            : [new FieldError(at, "json", Clean(json.Message))];
    }

    [System.Text.RegularExpressions.GeneratedRegex("missing required properties including: (?<names>'[^.]*')", System.Text.RegularExpressions.RegexOptions.ExplicitCapture | System.Text.RegularExpressions.RegexOptions.NonBacktracking)]
    private static partial System.Text.RegularExpressions.Regex MissingMembers();

    // Names of our types help nobody outside.
    private static string Clean(string message)
    {
        var end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        var text = end < 0 ? message : message[..end];
        return text.Contains("Kindred.", StringComparison.Ordinal) || text.Contains("System.", StringComparison.Ordinal) || text.Contains("Microsoft.", StringComparison.Ordinal) ? "This value has another type, or an unknown or missing member." : text;
    }

    private static string Explain(int status) => status switch
    {
        StatusCodes.Status404NotFound => "No route has this path.",
        StatusCodes.Status405MethodNotAllowed => "The Allow header lists the methods of this route.",
        StatusCodes.Status415UnsupportedMediaType => "Send application/json.",
        _ => "See the status.",
    };

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed, request {RequestId}")]
    private static partial void Failed(ILogger log, Exception exception, string method, string path, string requestId);
}

/// <summary>Section <c>web</c>.</summary>
public sealed record WebSettings
{
    /// <summary>Most bytes of a body where the route does not say otherwise.</summary>
    public long MaxBodyBytes { get; init; } = 1024 * 1024;

    /// <summary>Most connections at once.</summary>
    public long MaxConnections { get; init; } = 2000;

    /// <summary>Requests a second of one key, or of one address without a key; 0 switches the limit off.</summary>
    public double RequestsPerSecond { get; init; }

    /// <summary>Requests of the cinema's paths a second of one address; 0 switches the limit off. Null: 50 in production, off in development.</summary>
    public double? CinemaRequestsPerSecond { get; init; }

    /// <summary>How many of those may come at once. 1-1,000,000.</summary>
    public int CinemaBurst { get; init; } = 100;

    /// <summary>Requests of the cinema's paths need <c>X-Request-Id</c>, as its services always asked; elsewhere one is made where it is missing.</summary>
    public bool RequestIdRequired { get; init; } = true;

    /// <summary>Longest time a request may take before it is ended with 503; progress sent as server-sent events may take longer.</summary>
    public TimeSpan RequestTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Origins of web pages elsewhere that may call with credentials, such as <c>https://films.example.com</c>; compared exactly.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>What the shop proves itself to its recommender with, in the header <c>Client-Header-Secret</c>; without one those routes are closed.</summary>
    public string ClientSecret { get; init; } = "";

    /// <summary>Serve <c>/docs</c> and <c>/openapi/v1.json</c>.</summary>
    public bool Docs { get; init; } = true;
}
