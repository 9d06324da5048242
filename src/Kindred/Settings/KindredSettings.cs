using Kindred.Accounts;
using Kindred.Catalog;
using Kindred.Feedback;
using Kindred.Import.Content;
using Kindred.Notifications;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;
using Kindred.Platform.Scheduling;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Kindred.Recommendations;
using Kindred.Recommendations.Films;
using Kindred.Recommendations.ShopModels;
using Kindred.Training;

namespace Kindred.Settings;

/// <summary>Every setting of the program, by its name in snake_case. What <c>config show</c> prints.</summary>
internal sealed record KindredSettings
{
    /// <summary>Addresses to listen on, separated by semicolons. Port 0 takes a free one.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:8000";

    /// <summary>
    /// Addresses on which clients of the shop's recommender find it, besides <see cref="Urls"/>. Null: <c>http://127.0.0.1:5001</c> where that port is free
    /// and <see cref="Urls"/> is left as it is; nothing otherwise.
    /// </summary>
    public string? AiUrls { get; init; }

    /// <summary>Roles this process takes, such as <c>shop</c> or <c>ai</c>; empty means all.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Folder of the database, models and keys.</summary>
    public string Data { get; init; } = "kindred-data";

    /// <summary><c>production</c> or <c>development</c>.</summary>
    public string Environment { get; init; } = "production";

    /// <summary>Section <c>database</c>.</summary>
    public DatabaseSettings Database { get; init; } = new();

    /// <summary>Section <c>web</c>.</summary>
    public WebSettings Web { get; init; } = new();

    /// <summary>Section <c>messaging</c>.</summary>
    public MessagingSettings Messaging { get; init; } = new();

    /// <summary>Section <c>accounts</c>.</summary>
    public AccountsOptions Accounts { get; init; } = new();

    /// <summary>Section <c>mail</c>.</summary>
    public MailSettings Mail { get; init; } = new();

    /// <summary>Section <c>chat</c>.</summary>
    public ChatSettings Chat { get; init; } = new();

    /// <summary>Section <c>feedback</c>.</summary>
    public FeedbackOptions Feedback { get; init; } = new();

    /// <summary>Section <c>shop</c>.</summary>
    public ShopOptions Shop { get; init; } = new();

    /// <summary>Section <c>recommendations</c>.</summary>
    public RecommendationSettings Recommendations { get; init; } = new();

    /// <summary>Section <c>training</c>.</summary>
    public TrainingSettings Training { get; init; } = new();

    /// <summary>Section <c>shop_models</c>.</summary>
    public ShopModelSettings ShopModels { get; init; } = new();

    /// <summary>Section <c>schedules</c>: one entry a job, by its name as <c>kindred schedules</c> shows it.</summary>
    public Dictionary<string, ScheduleSettings> Schedules { get; init; } = [];

    /// <summary>Section <c>film_lists</c>.</summary>
    public FilmSettings FilmLists { get; init; } = new();

    /// <summary>Section <c>etl</c>.</summary>
    public EtlSettings Etl { get; init; } = new();

    /// <summary>Section <c>systems</c>.</summary>
    public SystemSettings Systems { get; init; } = new();

    /// <summary>Section <c>collections</c>: one entry a collection. <c>null</c> takes a default collection away.</summary>
    public Dictionary<string, CollectionSettings> Collections { get; init; } = [];

    /// <summary>What holds where nothing else is said: a shop and a cinema.</summary>
    public static KindredSettings Default { get; } = new()
    {
        Collections = new Dictionary<string, CollectionSettings>(StringComparer.Ordinal)
        {
            ["shop"] = new()
            {
                EventTypes = new Dictionary<string, EventTypeSettings>(StringComparer.Ordinal)
                {
                    ["purchase"] = new() { Weight = 1 },
                    ["cart"] = new() { Weight = 0.5f, Seen = false },
                    ["view"] = new() { Weight = 0.2f, Seen = false },
                },
            },
            ["films"] = new()
            {
                EventTypes = new Dictionary<string, EventTypeSettings>(StringComparer.Ordinal)
                {
                    ["rating"] = new() { Weight = 1, Positive = ">= 7", Negative = "<= 4", Minimum = 1, Maximum = 10, ValueRequired = true },
                    ["bookmark"] = new() { Weight = 0.5f, Seen = false },
                    ["view"] = new() { Weight = 0.2f, Seen = false },
                },
            },
        },
    };
}

/// <summary>Which collection the routes of the source systems are about; they name none.</summary>
internal sealed record SystemSettings
{
    /// <summary>Collection of purchases and of the vendors' shop.</summary>
    public string Shop { get; init; } = "shop";

    /// <summary>Collection of the film club and the cinema.</summary>
    public string Films { get; init; } = "films";

    /// <summary>
    /// Address of the shop's recommender where it is another process, such as <c>http://10.0.0.7:8000</c>: products and views are sent there with
    /// <c>web.client_secret</c>. Empty: they go into this process's own collection.
    /// </summary>
    public string AiUrl { get; init; } = "";
}
