using Kindred.Platform.Scheduling;
using Kindred.Recommendations.Serving;

namespace Kindred.Recommendations.ShopModels;

/// <summary>Clusters the shop's categories each night whether or not something has changed, in every process: each keeps its own model.</summary>
internal sealed class CategoriesNightly(string collection, ServedCollections served, ShopTrainer trainer) : IScheduledJob
{
    public string Name => "shop-categories";

    public string Cron => "0 0 0 * * ?";

    public string TimeZone => "Asia/Kolkata";

    public bool EveryProcess => true;

    public Task RunAsync(DateTimeOffset due, CancellationToken cancellation) => served.Find(collection) is null ? Task.CompletedTask : trainer.TrainCategoriesAsync(cancellation);
}

/// <summary>The same for products viewed by the same people, an hour later.</summary>
internal sealed class InteractionsNightly(string collection, ServedCollections served, ShopTrainer trainer) : IScheduledJob
{
    public string Name => "shop-interactions";

    public string Cron => "0 0 1 * * ?";

    public string TimeZone => "Asia/Kolkata";

    public bool EveryProcess => true;

    public Task RunAsync(DateTimeOffset due, CancellationToken cancellation) => served.Find(collection) is null ? Task.CompletedTask : trainer.TrainInteractionsAsync(cancellation);
}
