using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Kindred.Recommendations.Serving;

/// <summary>Loads every collection at start, then looks for models, items and events of other processes.</summary>
internal sealed class FollowChanges(ServedCollections served, RecommendationSettings settings, TimeProvider clock) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var collection in served.All)
        {
            await collection.EnsureLoadedAsync(cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.PollEvery, clock);
        do
        {
            foreach (var collection in served.All)
            {
                await collection.PollAsync(stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}

/// <summary>Ready once items are loaded; degraded while a model was refused or the database cannot be followed.</summary>
internal sealed class ModelHealth(ServedCollections served) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var degraded = new List<string>();
        foreach (var collection in served.All)
        {
            if (!collection.Loaded)
            {
                return Task.FromResult(HealthCheckResult.Unhealthy($"{collection.Collection.Name} is being loaded."));
            }

            if (collection.Shelf.Refusal is { } refusal)
            {
                degraded.Add($"{collection.Collection.Name}: {refusal}.");
            }
            else if (collection.Behind)
            {
                degraded.Add($"{collection.Collection.Name}: changes of other processes cannot be read.");
            }
        }

        return Task.FromResult(degraded.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join(' ', degraded)));
    }
}
