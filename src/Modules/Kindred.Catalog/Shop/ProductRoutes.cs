using Kindred.Catalog.Shop.Currency;
using Kindred.Contracts;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Catalog.Shop;

/// <summary><c>/api/v1/store/products/</c>: one's own products, everybody's most popular ones, and a view of any.</summary>
internal static class ProductRoutes
{
    private static readonly TimeSpan s_busy = TimeSpan.FromSeconds(1);

    public static Task<IResult> List(Caller caller, ProductPages pages, Rates rates, HttpContext context, CancellationToken cancellation)
    {
        var seller = Seller.Of(caller);
        return PageAsync(new(seller.Only, Popular: false, Addresses: true, Page: 0, Rate: 1), pages, rates, context, cancellation);
    }

    /// <summary>All products by how often they were viewed. Other vendors' addresses are for admins only.</summary>
    public static Task<IResult> MostPopular(Caller caller, ProductPages pages, Rates rates, HttpContext context, CancellationToken cancellation) =>
        PageAsync(new(Only: null, Popular: true, Addresses: Seller.Of(caller).IsAdmin, Page: 0, Rate: 1), pages, rates, context, cancellation);

    /// <summary>A product, counted as looked at by a person; a program with a key is nobody's view.</summary>
    public static async Task<IResult> View(
        string id, Caller caller, ShopStore shop, ViewLog views, ProductViews answers, Rates rates, HttpContext context, CancellationToken cancellation)
    {
        var (rate, refusal) = await rates.AskedAsync(context, cancellation);
        if (refusal is not null)
        {
            return refusal;
        }

        if (StoreRoutes.Number(id) is not { } number)
        {
            return Missing();
        }

        var view = caller.Person is { } person
            ? await views.RecordAsync(number, person, cancellation)
            : new CountedView(await shop.FindProductAsync(number, only: null, cancellation));
        return view.Refused ? Problems.Unavailable("More views wait to be stored than the queue holds.", s_busy)
            : view.Product is { } product ? TypedResults.Ok(await answers.ResponseAsync(product, rate, Seller.Of(caller), cancellation))
            : Missing();
    }

    public static async Task<IResult> Create(HttpContext context, Caller caller, ShopStore shop, ProductViews answers, Rates rates, CancellationToken cancellation)
    {
        var (rate, refusal) = await rates.AskedAsync(context, cancellation);
        if (refusal is not null)
        {
            return refusal;
        }

        (var request, refusal) = await ShopBody.ReadProductAsync(context, all: true, cancellation);
        if (refusal is not null)
        {
            return refusal;
        }

        var change = await shop.AddProductAsync(request!, Seller.Of(caller), cancellation);
        return change.Product is { } product
            ? TypedResults.Json(await answers.ResponseAsync(product, rate, Seller.Of(caller), cancellation), statusCode: StatusCodes.Status201Created)
            : Refuse(change.Fault, Seller.Of(caller));
    }

    public static Task<IResult> Replace(string id, HttpContext context, Caller caller, ShopStore shop, ProductViews answers, Rates rates, CancellationToken cancellation) =>
        ChangeAsync(id, all: true, context, Seller.Of(caller), shop, answers, rates, cancellation);

    public static Task<IResult> Patch(string id, HttpContext context, Caller caller, ShopStore shop, ProductViews answers, Rates rates, CancellationToken cancellation) =>
        ChangeAsync(id, all: false, context, Seller.Of(caller), shop, answers, rates, cancellation);

    public static async Task<IResult> Delete(string id, Caller caller, ShopStore shop, CancellationToken cancellation)
    {
        var only = Seller.Of(caller).Only;
        return StoreRoutes.Number(id) is { } number && await shop.FindProductAsync(number, only, cancellation) is not null && await shop.DeleteProductAsync(number, only, cancellation)
            ? TypedResults.NoContent()
            : Missing();
    }

    private static async Task<IResult> PageAsync(PageKey key, ProductPages pages, Rates rates, HttpContext context, CancellationToken cancellation)
    {
        var (rate, refusal) = await rates.AskedAsync(context, cancellation);
        if (refusal is not null)
        {
            return refusal;
        }

        if (!VendorPage.TryRead(context.Request, out var page))
        {
            return VendorPage.Missing();
        }

        var made = await pages.GetAsync(key with { Page = page, Rate = rate }, cancellation);
        return VendorPage.Answer(context.Request, page, made.Count, made.Rows, made.Results);
    }

    private static async Task<IResult> ChangeAsync(
        string id, bool all, HttpContext context, Seller seller, ShopStore shop, ProductViews answers, Rates rates, CancellationToken cancellation)
    {
        if (StoreRoutes.Number(id) is not { } number || await shop.FindProductAsync(number, seller.Only, cancellation) is null)
        {
            return Missing();
        }

        var (rate, refusal) = await rates.AskedAsync(context, cancellation);
        if (refusal is not null)
        {
            return refusal;
        }

        (var request, refusal) = await ShopBody.ReadProductAsync(context, all, cancellation);
        if (refusal is not null)
        {
            return refusal;
        }

        var change = await shop.UpdateProductAsync(number, request!, seller, cancellation);
        return change.Product is { } product ? TypedResults.Ok(await answers.ResponseAsync(product, rate, seller, cancellation)) : Refuse(change.Fault, seller);
    }

    // An admin may know which stores there are; for others somebody else's store and none are the same.
    private static ProblemHttpResult Refuse(StoreFault fault, Seller seller) => fault switch
    {
        StoreFault.NoProduct => Missing(),
        StoreFault.NoStore => Problems.Invalid(
            "There is no store for this user.", new FieldError("/store_id", "required", "No store for this user: open one first. Admins name the store by store_id.")),
        _ when seller.IsAdmin => Problems.Invalid("There is no such store.", new FieldError("/store_id", "does_not_exist", "There is no store of this id.")),
        _ => Problems.Of(
            StatusCodes.Status403Forbidden,
            "Only store owners or admins may add products to a store.",
            [new FieldError("/store_id", "permission_denied", "Only store owners or admins may add products to a store.")]),
    };

    private static ProblemHttpResult Missing() => Problems.NotFound("No such product.");
}
