using System.Security.Cryptography;
using Dapper;
using Kindred.Platform.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kindred.Platform.Web;

/// <summary>
/// Honours <c>Idempotency-Key</c> on every POST that writes: the first success is answered again for a day to the same caller, path and body.
/// Failures are forgotten, so a corrected request may use its key again. A process that died half-way holds its key for a minute.
/// </summary>
internal sealed class IdempotencyMiddleware(RequestDelegate next, Database database, TimeProvider clock)
{
    private const string Header = "Idempotency-Key";
    private const int LongestKey = 255;
    private static readonly TimeSpan s_kept = TimeSpan.FromHours(24);
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);

    public Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method)
            || !context.Request.Headers.TryGetValue(Header, out var given)
            || context.GetEndpoint()?.Metadata.GetMetadata<AccessRule>() is not { Reads: false })
        {
            return next(context);
        }

        return given.Count == 1 && given[0] is { Length: > 0 and <= LongestKey } key && !key.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? RunAsync(context, key)
            : Problems.Invalid("Idempotency-Key is 1 to 255 visible ASCII characters.", new FieldError(Header, "format", "1 to 255 visible ASCII characters, once")).ExecuteAsync(context);
    }

    private async Task RunAsync(HttpContext context, string key)
    {
        var cancellation = context.RequestAborted;
        context.Request.EnableBuffering();
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(context.Request.Body, cancellation));
        context.Request.Body.Position = 0;
        var caller = context.Features.Get<RequestScope>()?.Caller?.Id ?? $"address {context.Connection.RemoteIpAddress}";
        var mine = new Row { Caller = caller, Route = context.Request.Path + context.Request.QueryString, Key = key, BodySha256 = hash };
        if (await ClaimAsync(mine, cancellation) is { } earlier)
        {
            await AnswerAsync(context, earlier, hash);
            return;
        }

        await RecordAsync(context, mine);
    }

    private async Task RecordAsync(HttpContext context, Row mine)
    {
        var real = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var memory = new MemoryStream();
        var kept = false;
        try
        {
            context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(memory));
            await next(context);
            await context.Response.BodyWriter.FlushAsync(CancellationToken.None);
            if (context.Response.StatusCode is >= 200 and < 300)
            {
                await KeepAsync(mine, context.Response, memory.ToArray());
                kept = true;
            }
        }
        finally
        {
            context.Features.Set(real);
            if (!kept)
            {
                await database.WriteAsync(
                    transaction => transaction.Connection!.ExecuteAsync(
                        "delete from idempotency_keys where caller = @Caller and route = @Route and key = @Key and status is null", mine, transaction),
                    CancellationToken.None);
            }
        }

        memory.Position = 0;
        await memory.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    // Null when the key is ours now.
    private Task<Row?> ClaimAsync(Row mine, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            var connection = transaction.Connection!;
            var now = clock.GetUtcNow();
            await connection.ExecuteAsync(new CommandDefinition(
                "delete from idempotency_keys where expires_at <= @now", new { now = now.ToUnixTimeMilliseconds() }, transaction, cancellationToken: cancellation));
            var inserted = await connection.ExecuteAsync(new CommandDefinition(
                "insert into idempotency_keys(caller, route, key, body_sha256, expires_at) values (@Caller, @Route, @Key, @BodySha256, @ExpiresAt) on conflict do nothing",
                mine with { ExpiresAt = (now + s_lease).ToUnixTimeMilliseconds() },
                transaction,
                cancellationToken: cancellation));

            // On PostgreSQL a failed first request may have freed the key since: the caller is told to come again.
            return inserted == 1 ? null : await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
                "select body_sha256 as BodySha256, status as Status, content_type as ContentType, location as Location, body as Body from idempotency_keys where caller = @Caller and route = @Route and key = @Key",
                mine,
                transaction,
                cancellationToken: cancellation)) ?? mine;
        },
        cancellation);

    private Task<int> KeepAsync(Row mine, HttpResponse response, byte[] body) => database.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            "update idempotency_keys set status = @Status, content_type = @ContentType, location = @Location, body = @Body, expires_at = @ExpiresAt where caller = @Caller and route = @Route and key = @Key",
            mine with
            {
                Status = response.StatusCode,
                ContentType = response.ContentType,
                Location = response.Headers.Location,
                Body = body,
                ExpiresAt = (clock.GetUtcNow() + s_kept).ToUnixTimeMilliseconds(),
            },
            transaction),
        CancellationToken.None);

    private static async Task AnswerAsync(HttpContext context, Row earlier, string hash)
    {
        if (earlier.BodySha256 != hash)
        {
            await Problems.Conflict("This Idempotency-Key came with another body before.", new FieldError(Header, "reused", "use a new key for a new request")).ExecuteAsync(context);
            return;
        }

        if (earlier.Status is not { } status)
        {
            context.Response.Headers.RetryAfter = "1";
            await Problems.Conflict("A request with this Idempotency-Key is under way.").ExecuteAsync(context);
            return;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = earlier.ContentType;
        context.Response.Headers.Location = earlier.Location;
        context.Response.Headers["Idempotency-Replayed"] = "true";
        await context.Response.Body.WriteAsync(earlier.Body ?? [], context.RequestAborted);
    }

    private sealed record Row
    {
        public string Caller { get; init; } = "";

        public string Route { get; init; } = "";

        public string Key { get; init; } = "";

        public string BodySha256 { get; init; } = "";

        public long ExpiresAt { get; init; }

        public int? Status { get; init; }

        public string? ContentType { get; init; }

        public string? Location { get; init; }

        public byte[]? Body { get; init; }
    }
}
