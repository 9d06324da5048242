using Kindred.Platform.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kindred.Platform.Web;

/// <summary>One part in <c>/health/ready</c>.</summary>
public sealed record HealthPart(string Name, ReadyState State, string Detail);

/// <summary>The whole of <c>/health/ready</c>: the worst of its parts.</summary>
public sealed record HealthResponse(ReadyState Status, IReadOnlyList<HealthPart> Parts);

/// <summary>What clients of purchases read.</summary>
public sealed record LegacyHealth(string Status);

internal static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Ok(new HealthResponse(ReadyState.Ok, []))).OpenToAll();
        routes.MapGet("/api/health-check/", () => TypedResults.Ok(new LegacyHealth("200"))).OpenToAll().WithTags("Purchases").WithSummary("Alive, as clients of purchases ask");
        routes.MapGet("/health/ready", ReadyAsync).OpenToAll().Produces<HealthResponse>().Produces<HealthResponse>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> ReadyAsync(HttpContext context, CancellationToken cancellation)
    {
        List<HealthPart> parts = [];
        foreach (var part in context.RequestServices.GetServices<IReadiness>())
        {
            var (state, detail) = await part.CheckAsync(cancellation);
            parts.Add(new HealthPart(part.Name, state, detail));
        }

        var worst = parts.Count == 0 ? ReadyState.Ok : parts.Max(part => part.State);
        return TypedResults.Json(new HealthResponse(worst, parts), statusCode: worst == ReadyState.Down ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }
}

internal sealed class DatabaseReadiness(Database database) : IReadiness
{
    public string Name => "database";

    public async ValueTask<(ReadyState State, string Detail)> CheckAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.OpenAsync(cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = "select count(*) from collections";
            await command.ExecuteScalarAsync(cancellation);
            return (ReadyState.Ok, database.Dialect == Dialect.Sqlite ? "sqlite" : "postgresql");
        }
        catch (Exception away) when (away is System.Data.Common.DbException or IOException or System.Net.Sockets.SocketException or TimeoutException)
        {
            return (ReadyState.Down, "the database does not answer");
        }
    }
}
