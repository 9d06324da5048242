using System.Text.RegularExpressions;
using Kindred.Algorithms.Models;
using Kindred.Platform.Collections;
using Kindred.Platform.Messaging;

namespace Kindred.Settings;

/// <summary>Ranges of settings. A fault names the setting's path.</summary>
internal static partial class SettingsRules
{
    public static IEnumerable<(string Path, string Fault)> Check(KindredSettings settings) =>
    [
        .. Server(settings),
        .. Messaging(settings.Messaging).Select(fault => ($"messaging.{fault.Path}", fault.Fault)),
        .. settings.Mail.Check().Select(fault => ($"mail.{fault.Path}", fault.Fault)),
        .. settings.Chat.Check().Select(fault => ($"chat.{fault.Path}", fault.Fault)),
        .. settings.Shop.Check().Select(fault => ($"shop.{fault.Path}", fault.Fault)),
        .. settings.ShopModels.Check().Select(fault => ($"shop_models.{fault.Path}", fault.Fault)),
        .. settings.FilmLists.Check().Select(fault => ($"film_lists.{fault.Path}", fault.Fault)),
        .. settings.Etl.Check().Select(fault => ($"etl.{fault.Path}", fault.Fault)),
        .. settings.Training.Check().Select(fault => ($"training.{fault.Path}", fault.Fault)),
        .. settings.Collections.SelectMany(pair => Collection($"collections.{pair.Key}", pair.Key, pair.Value)),
    ];

    private static IEnumerable<(string Path, string Fault)> Server(KindredSettings settings)
    {
        if (settings.Environment is not ("production" or "development"))
        {
            yield return ("environment", $"\"{settings.Environment}\" is neither production nor development");
        }

        foreach (var (name, url) in settings.Urls.Split(';').Select(url => ("urls", url)).Concat((settings.AiUrls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(url => ("ai_urls", url))))
        {
            if (!Uri.TryCreate(url.Replace("*", "localhost", StringComparison.Ordinal).Replace("+", "localhost", StringComparison.Ordinal), UriKind.Absolute, out var parsed)
                || parsed.Scheme is not ("http" or "https"))
            {
                yield return (name, $"\"{url}\" is not an address such as http://127.0.0.1:8000");
            }
        }

        if (settings.Web.CinemaRequestsPerSecond is < 0 or > 1_000_000 or double.NaN)
        {
            yield return ("web.cinema_requests_per_second", "0 switches the limit off; else up to 1000000 a second");
        }

        if (settings.Web.CinemaBurst is < 1 or > 1_000_000)
        {
            yield return ("web.cinema_burst", $"{settings.Web.CinemaBurst} is not in 1 to 1000000");
        }

        foreach (var role in settings.Roles.Where(role => !Roles.Names.Contains(role)))
        {
            yield return ("roles", $"there is no role \"{role}\".{Spelling.DidYouMean(role, Roles.Names)} Known are {string.Join(", ", Roles.Names)}");
        }

        if (settings.Systems.AiUrl.Length == 0)
        {
            if (Roles.Has(settings.Roles, Roles.Shop) && !Roles.Has(settings.Roles, Roles.Ai))
            {
                yield return ("systems.ai_url", "a shop without the role ai needs the address of its recommender");
            }
        }
        else if (!Uri.TryCreate(settings.Systems.AiUrl, UriKind.Absolute, out var ai) || ai.Scheme is not ("http" or "https") || ai.Query.Length > 0 || ai.Fragment.Length > 0)
        {
            yield return ("systems.ai_url", $"\"{settings.Systems.AiUrl}\" is not an address such as http://127.0.0.1:8001");
        }
        else if (settings.Web.ClientSecret.Length == 0)
        {
            yield return ("web.client_secret", "the recommender at systems.ai_url takes nothing without the secret");
        }

        if (settings.Collections.Count == 0)
        {
            yield return ("collections", "at least one collection is needed");
        }
    }

    private static IEnumerable<(string Path, string Fault)> Messaging(MessagingSettings messaging)
    {
        if (messaging.RetryAfter.Count > 20 || messaging.RetryAfter.Any(wait => wait <= TimeSpan.Zero || wait > TimeSpan.FromDays(1)))
        {
            yield return ("retry_after", "at most 20 waits, each above zero and at most a day");
        }

        if (messaging.Window is < 1 or > 10_000)
        {
            yield return ("window", $"{messaging.Window} is not in 1 to 10000");
        }

        foreach (var (name, wait) in new[] { ("away_retry", messaging.AwayRetry), ("poll", messaging.Poll), ("settle_within", messaging.SettleWithin) })
        {
            if (wait <= TimeSpan.Zero || wait > TimeSpan.FromMinutes(10))
            {
                yield return (name, "a wait is above zero and at most ten minutes");
            }
        }
    }

    private static IEnumerable<(string Path, string Fault)> Collection(string path, string name, CollectionSettings collection)
    {
        if (!CollectionName().IsMatch(name))
        {
            yield return (path, "a collection's name is 1 to 64 lower-case letters, digits and dashes, starting with a letter or digit");
        }

        if (collection.EventTypes.Count == 0)
        {
            yield return ($"{path}.event_types", "a collection needs at least one event type");
        }

        if (collection.TrainAfterEvents < 0)
        {
            yield return ($"{path}.train_after_events", $"{collection.TrainAfterEvents} is below 0");
        }

        if (collection.TrainEvery < TimeSpan.Zero)
        {
            yield return ($"{path}.train_every", "a duration is not negative");
        }

        foreach (var recommender in collection.Recommenders.Where(recommender => Recommenders.Find(recommender) is null))
        {
            yield return ($"{path}.recommenders",
                $"there is no recommender \"{recommender}\".{Spelling.DidYouMean(recommender, Recommenders.All.Select(known => known.Name))}");
        }

        foreach (var fault in collection.EventTypes.SelectMany(pair => EventType($"{path}.event_types.{pair.Key}", pair.Key, pair.Value)))
        {
            yield return fault;
        }
    }

    private static IEnumerable<(string Path, string Fault)> EventType(string path, string name, EventTypeSettings type)
    {
        if (name.Length is 0 or > 64)
        {
            yield return (path, "an event type's name has 1 to 64 characters");
        }

        if (!float.IsFinite(type.Weight) || type.Weight <= 0)
        {
            yield return ($"{path}.weight", $"{type.Weight} is not above 0");
        }

        if (type.Minimum > type.Maximum)
        {
            yield return ($"{path}.minimum", $"{type.Minimum} is above the maximum {type.Maximum}");
        }

        if (type.HalfLifeDays is <= 0)
        {
            yield return ($"{path}.half_life_days", $"{type.HalfLifeDays} is not above 0");
        }

        foreach (var (key, rule) in new[] { ("positive", type.Positive), ("negative", type.Negative) })
        {
            if (Broken(rule) is { } fault)
            {
                yield return ($"{path}.{key}", fault);
            }
        }
    }

    private static string? Broken(string rule)
    {
        try
        {
            ValueRule.Parse(rule);
            return null;
        }
        catch (FormatException fault)
        {
            return fault.Message.TrimEnd('.');
        }
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}$", RegexOptions.NonBacktracking)]
    private static partial Regex CollectionName();
}
