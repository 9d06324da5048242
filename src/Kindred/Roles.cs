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

/// <summary>The parts of the program, in the order they are added and mapped. Modules meet only through what Contracts names.</summary>
internal static class Roles
{
    public static IReadOnlyList<Role> All { get; } =
    [
        new("storage", (services, settings) => services.AddStorage(Platform(settings), settings.Database, settings.Collections)),
        new("messaging", (services, settings) => services.AddMessaging(settings.Messaging)),
        new("schedules", (services, settings) => services.AddSchedules(settings.Schedules)),
        new("web", (services, settings) => services.AddKindredWeb(settings.Web), (app, _) => app.UseKindredWeb()),
        new("accounts", (services, settings) => services.AddAccounts(settings.Accounts), (app, _) => app.MapAccounts()),
        new("notifications", (services, settings) => services.AddNotifications(new NotificationOptions { PublicUrl = settings.Accounts.PublicUrl }, settings.Mail)),
        new("feedback", (services, settings) => services.AddFeedback(settings.Feedback), (app, collection) =>
        {
            app.MapPurchases(Shop(app));
            app.MapInteractions(Shop(app));
            collection.MapFeedback();
        }),
        new("catalog", (services, settings) => services.AddCatalog().AddFilms(settings.Systems.Films), (_, collection) => collection.MapCatalog()),
        new("shop", (services, settings) => services.AddShop(settings.Shop).AddShopItems(settings.Systems.Shop).AddShopViews(settings.Systems.Shop), (app, _) =>
        {
            app.MapShop();
            app.MapSeeds(Shop(app));
        }),
        new("recommendations", (services, settings) => services.AddRecommendations(settings.Recommendations).AddShopModels(settings.ShopModels, settings.Systems.Shop), (app, collection) =>
        {
            app.MapGeneration(Shop(app));
            app.MapShopModels(Shop(app));
            collection.MapRecommendations();
        }),
        new("training", (services, settings) => services.AddTraining(settings.Training), (_, collection) => collection.MapTraining()),
        new("import", (services, _) => services.AddImport()),
    ];

    private static string Shop(WebApplication app) => app.Services.GetRequiredService<KindredSettings>().Systems.Shop;

    private static PlatformSettings Platform(KindredSettings settings) => new() { DataFolder = settings.Data, Development = settings.Environment == "development" };
}
