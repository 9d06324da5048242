using System.Data.Common;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.ItemKnn;
using Kindred.Algorithms.Sparse;
using Kindred.Contracts;
using Kindred.Recommendations.Serving;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Recommendations.ShopModels;

/// <summary>
/// Trains the shop's two models when something has changed, each at its own pace, and keeps the last good ones. A training that fails leaves them as they are.
/// </summary>
internal sealed partial class ShopTrainer(
    string collection, ServedCollections served, Func<IEventReader> events, ShopModelSettings settings, TimeProvider clock, ILogger<ShopTrainer> log) : BackgroundService
{
    /// <summary>Name of the event type that is compared.</summary>
    public const string EventType = "view";

    private const int Neighbours = 50;
    private static readonly ItemKnnOptions s_cosine = new() { Weighting = ItemWeighting.Cosine, Neighbours = Neighbours, Locality = 1, OneVote = false };

    private CategoryModel? _categories;
    private ItemKnnModel? _interactions;

    /// <summary>The clusters of categories; null before the first products.</summary>
    public CategoryModel? Categories => Volatile.Read(ref _categories);

    /// <summary>Products viewed by the same people, by item number; null before the first views.</summary>
    public ItemKnnModel? Interactions => Volatile.Read(ref _interactions);

    /// <summary>Clusters the products there are now; null without any.</summary>
    public async Task TrainCategoriesAsync(CancellationToken cancellation)
    {
        var items = (await LoadedAsync(cancellation)).Items;
        List<(string Product, string Category)> products = [];
        for (var number = 0; number < items.Count; number++)
        {
            if (items[number] is { Answerable: true, Categories: [var category, ..] } row)
            {
                products.Add((row.Id, category));
            }
        }

        Volatile.Write(ref _categories, await Task.Run(() => CategoryModel.Train(products, settings.Clusters, cancellation), cancellation));
    }

    /// <summary>Compares products by who viewed them, the newest views only where there are very many.</summary>
    public async Task TrainInteractionsAsync(CancellationToken cancellation)
    {
        var table = await LoadedAsync(cancellation);
        var type = table.Collection.FindEventType(EventType)?.Number ?? -1;
        var after = Math.Max(0, await events().LastSequenceAsync(table.Collection.Number, cancellation) - settings.Events);
        var (users, items) = (0, 0);
        var builder = new InteractionsBuilder();
        await foreach (var record in events().ReadAsync(table.Collection.Number, after, cancellation))
        {
            if (record.Type == type)
            {
                builder.Add(record.User, record.Item, 1);
                (users, items) = (Math.Max(users, record.User + 1), Math.Max(items, record.Item + 1));
            }
        }

        Volatile.Write(ref _interactions, items == 0 ? null : await Task.Run(
            () => ItemKnnTrainer.Train(builder.Build(users, items, withTimes: false), s_cosine, new TrainingContext { Seed = 42, Threads = 1, Cancellation = cancellation }), cancellation));
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RepeatAsync("categories", settings.CategoriesEvery, CatalogueStateAsync, TrainCategoriesAsync, stoppingToken),
        RepeatAsync("interactions", settings.InteractionsEvery, LogStateAsync, TrainInteractionsAsync, stoppingToken));

    // The catalogue's own version: the table's also grows when a change is read a second time.
    private async Task<long> CatalogueStateAsync(CancellationToken cancellation)
    {
        var items = (await LoadedAsync(cancellation)).Items;
        var newest = 0L;
        for (var number = 0; number < items.Count; number++)
        {
            newest = Math.Max(newest, items[number]?.Version ?? 0);
        }

        return newest;
    }

    private async Task<long> LogStateAsync(CancellationToken cancellation) => await events().LastSequenceAsync((await LoadedAsync(cancellation)).Collection.Number, cancellation);

    private async Task RepeatAsync(
        string model, TimeSpan every, Func<CancellationToken, Task<long>> state, Func<CancellationToken, Task> train, CancellationToken stopping)
    {
        if (every == TimeSpan.Zero || served.Find(collection) is null)
        {
            return;
        }

        // The first training does not wait for the first tick: a server that starts with data has both models within moments.
        using PeriodicTimer timer = new(every, clock);
        var trained = -1L;
        do
        {
            try
            {
                if (await state(stopping) is var now && now != trained)
                {
                    await train(stopping);
                    trained = now;
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is DbException or IOException or ArgumentException or InvalidOperationException)
            {
                Failed(log, model, failure);
            }
        }
        while (await TickAsync(timer, stopping));
    }

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<ServedCollection> LoadedAsync(CancellationToken cancellation)
    {
        var table = served.Find(collection) ?? throw new InvalidOperationException($"There is no collection {collection}.");
        await table.EnsureLoadedAsync(cancellation);
        return table;
    }

    [LoggerMessage(LogLevel.Warning, "The shop's model of {Model} could not be trained; the last one stays")]
    private static partial void Failed(ILogger log, string model, Exception exception);
}
