using Kindred.Platform.Web;
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
internal sealed class ModelReadiness(ServedCollections served) : IReadiness
{
    public string Name => "models";

    public ValueTask<(ReadyState State, string Detail)> CheckAsync(CancellationToken cancellation)
    {
        var degraded = new List<string>();
        foreach (var collection in served.All)
        {
            if (!collection.Loaded)
            {
                return new((ReadyState.Down, $"{collection.Collection.Name} is being loaded."));
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

        return new(degraded.Count == 0 ? (ReadyState.Ok, "") : (ReadyState.Degraded, string.Join(' ', degraded)));
    }
}
