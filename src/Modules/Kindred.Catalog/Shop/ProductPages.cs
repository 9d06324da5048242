using System.Text.Json;
using Kindred.Platform.Web;

namespace Kindred.Catalog.Shop;

/// <summary>Which page of products.</summary>
/// <param name="Only">Number of the owner the page is kept to; null for everybody's.</param>
/// <param name="Popular">Most viewed first, instead of newest first.</param>
/// <param name="Addresses">With the sellers' addresses.</param>
/// <param name="Page">From 1; 0 for the bare array.</param>
/// <param name="Rate">What prices are multiplied with.</param>
internal readonly record struct PageKey(long? Only, bool Popular, bool Addresses, int Page, decimal Rate);

/// <summary>A page ready to be sent.</summary>
/// <param name="Count">Products of the whole list.</param>
/// <param name="Rows">Products of this page.</param>
/// <param name="Results">The products as a JSON array in UTF-8.</param>
internal sealed record ProductPage(long Count, int Rows, ReadOnlyMemory<byte> Results);

/// <summary>
/// Keeps pages as the bytes that are sent: for 300 seconds, and only as long as no store or product changed. Requests for one page that is not
/// there wait for one query. Views do not drop pages, so counts in lists may be 300 seconds old. At <see cref="MostBytes"/> all pages are dropped.
/// </summary>
internal sealed class ProductPages(ShopStore shop, ShopVersion versions, ProductViews views, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(300);

    private const long MostBytes = 64 * 1024 * 1024;
    private const int EntryBytes = 512; // what a page costs beside its bytes

    private readonly Lock _lock = new();
    private Dictionary<PageKey, Entry> _pages = [];
    private long _version = -1;
    private long _bytes;

    public async ValueTask<ProductPage> GetAsync(PageKey key, CancellationToken cancellation)
    {
        var version = await versions.CurrentAsync(cancellation);
        Task<ProductPage> made;
        lock (_lock)
        {
            if (version > _version)
            {
                (_pages, _version, _bytes) = ([], version, 0);
            }

            if (_pages.TryGetValue(key, out var entry) && !entry.Page.IsFaulted && clock.GetElapsedTime(entry.MadeAt) < Lifetime)
            {
                made = entry.Page;
            }
            else
            {
                // The query outlives the request that asked first: others wait for it too.
                var pages = _pages;
                made = Task.Run(() => MakeAsync(key, pages), CancellationToken.None);
                _pages[key] = new Entry(made, clock.GetTimestamp());
            }
        }

        return await made.WaitAsync(cancellation);
    }

    private async Task<ProductPage> MakeAsync(PageKey key, Dictionary<PageKey, Entry> into)
    {
        var (offset, limit) = key.Page == 0 ? (0, VendorPage.Most) : ((key.Page - 1) * VendorPage.Size, VendorPage.Size);
        var (products, count) = await shop.ListProductsAsync(key.Only, key.Popular, offset, limit, CancellationToken.None);
        var page = new ProductPage(
            count, products.Count, JsonSerializer.SerializeToUtf8Bytes(await views.ResponsesAsync(products, key.Rate, key.Addresses, CancellationToken.None), StrictJson.Options));
        lock (_lock)
        {
            if (ReferenceEquals(into, _pages) && (_bytes += page.Results.Length + EntryBytes) > MostBytes)
            {
                (_pages, _bytes) = ([], 0);
            }
        }

        return page;
    }

    private readonly record struct Entry(Task<ProductPage> Page, long MadeAt);
}
