using Kindred.Contracts;
using Kindred.Recommendations.Items;
using Microsoft.Extensions.Logging;

namespace Kindred.Recommendations.Models;

/// <summary>
/// The live bundle of one collection. A new head is built aside and swapped by one reference; requests under way keep the old one. A bundle
/// that does not check is refused, with its reason in the log and in the health, and the previous one stays.
/// </summary>
internal sealed class ModelShelf(int collection, string modelsFolder, IModelHeads heads, ItemTable items, TimeProvider clock, ILogger logger) : IDisposable
{
    /// <summary>A refused bundle is tried again after this long: a shared folder may show its files late.</summary>
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private Bundle? _live;
    private string? _refusal;
    private long _refusedVersion;
    private long _refusedAt;

    /// <summary>What answers now; null before the first model.</summary>
    public Bundle? Live => Volatile.Read(ref _live);

    /// <summary>Why the newest bundle is not live; null when it is.</summary>
    public string? Refusal => Volatile.Read(ref _refusal);

    /// <summary>Looks at the head and takes its bundle when it has moved.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await _refreshing.WaitAsync(cancellation);
        try
        {
            var head = await heads.ReadAsync(collection, cancellation);
            if (head is null || head.Version == Live?.Head.Version)
            {
                Volatile.Write(ref _refusal, null);
                return;
            }

            if (Refusal is not null && head.Version == _refusedVersion && clock.GetElapsedTime(_refusedAt) < s_retryAfter)
            {
                return;
            }

            Take(head);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public void Dispose() => _refreshing.Dispose();

    private void Take(ModelHead head)
    {
        try
        {
            var bundle = BundleFiles.Load(modelsFolder, head, items.TieOrder);
            Volatile.Write(ref _live, bundle);
            Volatile.Write(ref _refusal, null);
            logger.ModelTaken(head.Collection, head.Run, head.Version, bundle.Personal.Recommender, bundle.Items);
        }
        catch (BundleRefusedException refused)
        {
            if (_refusedVersion != head.Version)
            {
                logger.ModelRefused(head.Collection, head.Run, head.Version, refused.Message);
            }

            _refusedVersion = head.Version;
            _refusedAt = clock.GetTimestamp();
            Volatile.Write(ref _refusal, $"Run {head.Run} (version {head.Version}) was refused: {refused.Message.TrimEnd('.')}");
        }
    }
}
