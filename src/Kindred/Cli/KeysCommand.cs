using System.CommandLine;
using Kindred.Accounts;
using Kindred.Hosting;
using Kindred.Platform.Web;
using Kindred.Settings;

namespace Kindred.Cli;

/// <summary><c>kindred keys</c>: API keys, made and revoked on the data folder; a running server follows within a second.</summary>
internal static class KeysCommand
{
    private static readonly Option<string> s_name = new("--name") { Description = "What the key is for", HelpName = "NAME", Required = true };
    private static readonly Option<string[]> s_scopes = new("--scope") { Description = $"What it may do: {string.Join(", ", Scopes.All)}; repeatable", HelpName = "SCOPE", Required = true };
    private static readonly Option<string[]> s_collections = new("--collection", "-c") { Description = "Collections it may touch (default: all); repeatable", HelpName = "NAME" };
    private static readonly Option<int?> s_days = new("--days") { Description = "Days until it expires (default: never)", HelpName = "N" };
    private static readonly Argument<string> s_id = new("id") { Description = "Id of the key, as list shows it", HelpName = "ID" };

    public static Command Create(Func<ParseResult, Terminal> open) => new Command("keys", "API keys")
    {
        new Verb("create", "Makes a key and prints its secret, this once", "kindred keys create --name shop-web --scope events:write --scope recommendations:read -c shop")
        {
            s_name, s_scopes, s_collections, s_days,
        }.Runs(open, CreateAsync),
        new Verb("list", "Lists keys, never their secrets").Runs(open, ListAsync),
        new Verb("revoke", "Revokes a key", "kindred keys revoke 0198c0de").Runs(open, RevokeAsync).With(s_id),
    };

    private static Verb With(this Verb verb, Argument argument)
    {
        verb.Arguments.Add(argument);
        return verb;
    }

    private static async Task<int> CreateAsync(CommandContext context)
    {
        var settings = context.LoadSettings().Settings;
        var scopes = context.Get(s_scopes) ?? [];
        var collections = context.Get(s_collections) ?? [];
        foreach (var scope in scopes.Where(scope => !Scopes.All.Contains(scope)))
        {
            throw new CommandException(ExitCode.Usage, $"There is no scope \"{scope}\".{Spelling.DidYouMean(scope, Scopes.All)}", $"One of: {string.Join(", ", Scopes.All)}");
        }

        foreach (var collection in collections.Where(collection => !settings.Collections.ContainsKey(collection)))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no collection \"{collection}\".{Spelling.DidYouMean(collection, settings.Collections.Keys)}");
        }

        await using var workplace = await Workplace.OpenAsync(settings, context.Cancellation);
        var expires = context.Get(s_days) is { } days ? workplace.Get<TimeProvider>().GetUtcNow().AddDays(days) : (DateTimeOffset?)null;
        var (key, secret) = await workplace.Get<ApiKeys>().CreateAsync(context.Get(s_name)!, scopes, collections, expires, context.Cancellation);
        context.Terminal.Say($"key {key.Id} ({key.Name}); its secret is shown this once:");
        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(new { key.Id, key.Name, key.Scopes, key.Collections, key.ExpiresAt, Secret = secret });
        }
        else
        {
            context.Terminal.Write(secret);
        }

        return ExitCode.Ok;
    }

    private static async Task<int> ListAsync(CommandContext context)
    {
        await using var workplace = await Workplace.OpenAsync(context.LoadSettings().Settings, context.Cancellation);
        var keys = await workplace.Get<ApiKeys>().ListAsync(context.Cancellation);
        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(keys);
        }
        else if (keys.Count > 0)
        {
            context.Terminal.WriteTable(
                ["id", "name", "scopes", "collections", "made", "last used", "state"],
                [.. keys.Select(key => (string[])
                [
                    key.Id, key.Name, string.Join(' ', key.Scopes), key.Collections.Count == 0 ? "all" : string.Join(' ', key.Collections), key.CreatedAt.ToString("yyyy-MM-dd"),
                    key.LastUsedAt?.ToString("yyyy-MM-dd HH:mm") ?? "never",
                    key.RevokedAt is not null ? "revoked" : key.ExpiresAt is { } expires ? $"until {expires:yyyy-MM-dd}" : "valid",
                ])],
                numbers: false);
        }

        context.Terminal.Say(keys.Count == 0 ? "no keys yet; next: kindred keys create --name me --scope admin" : $"{keys.Count} keys");
        return ExitCode.Ok;
    }

    private static async Task<int> RevokeAsync(CommandContext context)
    {
        await using var workplace = await Workplace.OpenAsync(context.LoadSettings().Settings, context.Cancellation);
        var id = context.Get(s_id)!;
        if (!await workplace.Get<ApiKeys>().RevokeAsync(id, context.Cancellation))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no key {id}.", "kindred keys list shows them.");
        }

        context.Terminal.Say($"key {id} is revoked");
        return ExitCode.Ok;
    }
}
