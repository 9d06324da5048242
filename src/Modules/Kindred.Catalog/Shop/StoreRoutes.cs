using System.Globalization;
using Kindred.Contracts;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Catalog.Shop;

/// <summary>A store.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Owner">Who keeps it.</param>
public sealed record StoreResponse(long Id, string Name, string Owner);

/// <summary><c>/api/v1/store/</c>: one's own stores; everybody's for admins.</summary>
internal static class StoreRoutes
{
    public static Task<IResult> List(Caller caller, ShopStore shop, IPeopleReader people, HttpContext context, CancellationToken cancellation) =>
        VendorPage.AnswerAsync<StoreResponse>(
            context,
            async (offset, limit) =>
            {
                var (stores, count) = await shop.ListStoresAsync(Seller.Of(caller).Only, offset, limit, cancellation);
                return (await Responses(stores, people, cancellation), count);
            });

    public static async Task<IResult> Get(string id, Caller caller, ShopStore shop, IPeopleReader people, CancellationToken cancellation) =>
        Number(id) is { } number && await shop.FindStoreAsync(number, Seller.Of(caller).Only, cancellation) is { } store
            ? TypedResults.Ok((await Responses([store], people, cancellation))[0])
            : Missing();

    public static async Task<IResult> Create(HttpContext context, Caller caller, ShopStore shop, IPeopleReader people, CancellationToken cancellation)
    {
        var (request, refusal) = await ShopBody.ReadStoreAsync(context, all: true, cancellation);
        return refusal ?? TypedResults.Json(
            (await Responses([await shop.AddStoreAsync(request!.Name!, caller.Person!.Number, cancellation)], people, cancellation))[0], statusCode: StatusCodes.Status201Created);
    }

    public static Task<IResult> Replace(string id, HttpContext context, Caller caller, ShopStore shop, IPeopleReader people, CancellationToken cancellation) =>
        ChangeAsync(id, all: true, context, Seller.Of(caller), shop, people, cancellation);

    public static Task<IResult> Patch(string id, HttpContext context, Caller caller, ShopStore shop, IPeopleReader people, CancellationToken cancellation) =>
        ChangeAsync(id, all: false, context, Seller.Of(caller), shop, people, cancellation);

    public static async Task<IResult> Delete(string id, Caller caller, ShopStore shop, CancellationToken cancellation)
    {
        var seller = Seller.Of(caller);
        return Number(id) is { } number && await shop.FindStoreAsync(number, seller.Only, cancellation) is not null && await shop.DeleteStoreAsync(number, seller.Only, cancellation)
            ? TypedResults.NoContent()
            : Missing();
    }

    /// <summary>The number of a path; null for anything else, which is no store's and no product's.</summary>
    public static long? Number(string id) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    // Whose it is comes before what is wrong with the body: a stranger learns nothing by the difference.
    private static async Task<IResult> ChangeAsync(string id, bool all, HttpContext context, Seller seller, ShopStore shop, IPeopleReader people, CancellationToken cancellation)
    {
        if (Number(id) is not { } number || await shop.FindStoreAsync(number, seller.Only, cancellation) is not { } store)
        {
            return Missing();
        }

        var (request, refusal) = await ShopBody.ReadStoreAsync(context, all, cancellation);
        return refusal
            ?? (await shop.RenameStoreAsync(number, seller.Only, request!.Name ?? store.Name, cancellation) is { } stored ? TypedResults.Ok((await Responses([stored], people, cancellation))[0]) : Missing());
    }

    private static async Task<IReadOnlyList<StoreResponse>> Responses(IReadOnlyList<StoreRow> stores, IPeopleReader people, CancellationToken cancellation)
    {
        var owners = await people.FindAsync([.. stores.Select(store => store.Owner).Distinct()], cancellation);
        return [.. stores.Select(store => new StoreResponse(store.Id, store.Name, owners.GetValueOrDefault(store.Owner)?.Name ?? ""))];
    }

    private static ProblemHttpResult Missing() => Problems.NotFound("No such store.");
}
