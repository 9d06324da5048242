using System.Data.Common;
using System.Threading.Channels;
using Kindred.Contracts;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;

namespace Kindred.Catalog.Shop;

/// <summary>A view as it was counted: the product with it, or null when the product is gone.</summary>
internal readonly record struct CountedView(ProductRow? Product, bool Refused = false);

/// <summary>
/// Counts views. Callers queue; one writer takes all who wait into one transaction, in which each product's count grows once by all of its views, and
/// answers them after the commit: no view is lost and none is answered before it is stored. While a commit waits for the disk the next group
/// gathers. At the queue's limit callers are turned away.
/// </summary>
internal sealed class ViewLog(Database database, ShopMessages messages, TimeProvider clock) : IAsyncDisposable
{
    private const int QueueLimit = 10_000;
    private const int GroupLimit = 500;

    private readonly Channel<View> _queue = Channel.CreateBounded<View>(new BoundedChannelOptions(QueueLimit) { SingleReader = true });
    private readonly Lock _starting = new();
    private Task? _writing;

    /// <summary>Counts one person's view of a product, and returns the product with that view counted once it is durable.</summary>
    public async Task<CountedView> RecordAsync(long product, SignedIn person, CancellationToken cancellation)
    {
        var view = new View(product, person, clock.GetUtcNow());
        if (!_queue.Writer.TryWrite(view))
        {
            return new CountedView(null, Refused: true);
        }

        Start();

        // Whoever goes away meanwhile has looked all the same.
        return new CountedView(await view.Answer.Task.WaitAsync(cancellation));
    }

    /// <summary>Takes no more, stores what was queued, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        if (_writing is { } writing)
        {
            await writing;
        }
    }

    private void Start()
    {
        if (_writing is null)
        {
            lock (_starting)
            {
                _writing ??= Task.Run(RunAsync);
            }
        }
    }

    private async Task RunAsync()
    {
        List<View> group = [];
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (group.Count < GroupLimit && _queue.Reader.TryRead(out var view))
            {
                group.Add(view);
            }

            await CommitAsync(group);
            group.Clear();
        }
    }

    private async Task CommitAsync(List<View> group)
    {
        try
        {
            var counted = await database.WriteAsync(transaction => WriteAsync(group, transaction), CancellationToken.None);
            for (var k = 0; k < group.Count; k++)
            {
                group[k].Answer.TrySetResult(counted[k]);
            }
        }
#pragma warning disable CA1031 // whatever failed belongs to the callers of this group; the log goes on with the next
        catch (Exception failure)
#pragma warning restore CA1031
        {
            foreach (var view in group)
            {
                view.Answer.TrySetException(failure);
            }
        }
    }

    private async Task<ProductRow?[]> WriteAsync(List<View> group, DbTransaction transaction)
    {
        var counted = new ProductRow?[group.Count];
        List<(long Product, long Person)> viewers = [];
        List<ProductViewed> told = [];

        // In the order of ids, so that two processes never wait for one another.
        foreach (var views in Enumerable.Range(0, group.Count).GroupBy(k => group[k].Product).OrderBy(views => views.Key))
        {
            int[] places = [.. views];
            if (await ShopStore.AddViewsAsync(views.Key, places.Length, transaction) is not { } product)
            {
                continue;
            }

            for (var k = 0; k < places.Length; k++)
            {
                // Each caller sees the count as if the views had come one by one.
                counted[places[k]] = product with { ViewsCount = product.ViewsCount - places.Length + k + 1 };
                var view = group[places[k]];
                viewers.Add((product.Id, view.Person.Number));
                told.Add(new ProductViewed(Guid.CreateVersion7(view.At).ToString(), product.Id.ToString(), view.Person.User, product.Category, view.At));
            }
        }

        // What is not there leaves the transaction empty, and an empty one waits for no disk.
        await ShopStore.AddViewersAsync(viewers, clock.GetUtcNow(), transaction);
        await messages.ViewedAsync(told, transaction);
        return counted;
    }

    private sealed record View(long Product, SignedIn Person, DateTimeOffset At)
    {
        public TaskCompletionSource<ProductRow?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
