using Kindred.Accounts;
using Kindred.Catalog;
using Kindred.Feedback;
using Kindred.Hosting;
using Kindred.Import;
using Kindred.Notifications;
using Kindred.Platform;
using Kindred.Platform.Messaging;
using Kindred.Platform.Scheduling;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Recommendations;
using Kindred.Settings;
using Kindred.Training;

namespace Kindred;

/// <summary>
/// The parts of the program, in the order they are added and mapped, and the roles that processes take. Modules meet only through what Contracts names; roles
/// meet only through messages and HTTP, so a process with some of them has a data folder of its own.
/// </summary>
internal static class Roles
{
    /// <summary>The vendors' shop: stores and products.</summary>
    public const string Shop = "shop";

    /// <summary>Everything about collections: events, items, recommendations and training, with the systems that are served from them.</summary>
    public const string Ai = "ai";

    /// <summary>What <c>--roles</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [Shop, Ai];

    public static IReadOnlyList<Part> All { get; } =
    [
        new("storage", (services, settings) => services.AddStorage(Platform(settings), settings.Database, settings.Collections)),
        new("messaging", (services, settings) => services.AddMessaging(settings.Messaging)),
        new("schedules", (services, settings) => services.AddSchedules(settings.Schedules)),
        new("web", (services, settings) => services.AddKindredWeb(settings.Web), (app, _) => app.UseKindredWeb()),
        new("accounts", (services, settings) => services.AddAccounts(settings.Accounts), (app, _) => app.MapAccounts()),
        new("notifications", (services, settings) => services.AddNotifications(new NotificationOptions { PublicUrl = settings.Accounts.PublicUrl }, settings.Mail, settings.Chat), (app, _) => app.MapNotifications()),
        new("feedback", (services, settings) => services.AddFeedback(settings.Feedback).AddFilmActions(settings.Systems.Films), (app, collection) =>
        {
            app.MapPurchases(ShopOf(app));
            app.MapInteractions(ShopOf(app));
            app.MapFilmTastes(FilmsOf(app));
            collection.MapFeedback();
        }, Ai),
        new("catalog", (services, settings) => services.AddCatalog().AddFilms(settings.Systems.Films)),
        new("items", (_, _) => { }, (app, collection) =>
        {
            app.MapSeeds(ShopOf(app));
            app.MapFilms(FilmsOf(app));
            collection.MapCatalog();
        }, Ai),
        new("shop", (services, settings) =>
        {
            services.AddShop(settings.Shop);
            _ = settings.Systems.AiUrl.Length > 0
                ? services.AddShopForwarding(new Uri(settings.Systems.AiUrl), settings.Web.ClientSecret)
                : services.AddShopItems(settings.Systems.Shop).AddShopViews(settings.Systems.Shop);
        }, (app, _) => app.MapShop(), Shop),
        new("recommendations", (services, settings) => services.AddRecommendations(settings.Recommendations)
            .AddShopModels(settings.ShopModels, settings.Systems.Shop).AddFilmLists(settings.FilmLists, settings.Systems.Films), (app, collection) =>
        {
            app.MapGeneration(ShopOf(app));
            app.MapShopModels(ShopOf(app));
            app.MapFilmLists(FilmsOf(app));
            collection.MapRecommendations();
        }, Ai),
        new("training", (services, settings) => services.AddTraining(settings.Training).AddTrainingNights(settings.Collections.Keys.Order(StringComparer.Ordinal)), (_, collection) => collection.MapTraining(), Ai),
        new("import", (services, settings) => services.AddImport().AddEtl(settings.Etl), In: Ai),
    ];

    /// <summary>Whether a process with these roles, all where none is named, has this one.</summary>
    public static bool Has(IReadOnlyList<string> roles, string role) => roles.Count == 0 || roles.Contains(role);

    /// <summary>Whether a process with these roles has this part.</summary>
    public static bool Has(IReadOnlyList<string> roles, Part part) => part.In is not { } role || Has(roles, role);

    private static string ShopOf(WebApplication app) => app.Services.GetRequiredService<KindredSettings>().Systems.Shop;

    private static string FilmsOf(WebApplication app) => app.Services.GetRequiredService<KindredSettings>().Systems.Films;

    private static PlatformSettings Platform(KindredSettings settings) => new() { DataFolder = settings.Data, Development = settings.Environment == "development" };
}
