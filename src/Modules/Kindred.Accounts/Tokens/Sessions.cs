using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Kindred.Accounts.People;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;
using Microsoft.Extensions.Logging;

namespace Kindred.Accounts.Tokens;

/// <summary>The tokens of a session; no refresh token where the session ends with its access token.</summary>
internal sealed record TokenPair(string Access, string? Refresh, TimeSpan AccessLifetime, TimeSpan RefreshLifetime);

/// <summary>How long the tokens of a session are good.</summary>
/// <param name="Access">Of an access token.</param>
/// <param name="Refresh">Of a refresh token; null for a session without.</param>
internal readonly record struct SessionTerms(TimeSpan Access, TimeSpan? Refresh);

/// <summary>
/// Sessions. A good token's session and rights are remembered for a second, so a logout, a new password, a disabled account or a role taken away
/// hold within one on every process, at once on this one, while a busy client costs one read a second.
/// </summary>
internal sealed partial class Sessions(Database database, TokenService tokens, AccountsOptions options, TimeProvider clock, ILogger<Sessions> log)
{
    private const int RememberedTokens = 10_000;
    private static readonly TimeSpan s_remember = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (Caller? Caller, long Until)> _remembered = new(StringComparer.Ordinal);

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Opens a session in the caller's transaction.</summary>
    public async Task<TokenPair> OpenAsync(DbTransaction transaction, Person person, SessionTerms terms, CancellationToken cancellation)
    {
        var session = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
        var refresh = terms.Refresh is null ? null : NewId();
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "insert into sessions(id, person, refresh_id, created_at, expires_at) values (@session, @Number, @refresh, @Now, @expires)",
            new { session, person.Number, refresh, Now, expires = Now + (long)(terms.Refresh ?? terms.Access).TotalMilliseconds },
            transaction,
            cancellationToken: cancellation));
        return Pair(person.Id, session, refresh, terms);
    }

    /// <summary>
    /// New tokens for a refresh token, which is used up by that. Null when it is not good; one that was used before ends its whole session, for
    /// somebody else holds a copy.
    /// </summary>
    public async Task<TokenPair?> RefreshAsync(string refreshToken, SessionTerms terms, Func<TokenClaims, bool>? also, CancellationToken cancellation)
    {
        if (tokens.Read(TokenKind.Refresh, refreshToken) is not { } claims || also?.Invoke(claims) == false || terms.Refresh is not { } lifetime)
        {
            return null;
        }

        var next = NewId();
        var (renewed, replayed) = await database.WriteAsync(
            async transaction =>
            {
                // A session has an end of its own, however often it is refreshed.
                var changed = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    """
                    update sessions set refresh_id = @next, expires_at = @expires
                    where id = @Session and refresh_id = @Id and revoked_at is null and expires_at > @Now and created_at > @oldest
                      and person = (select p.number from people p where p.id = @Person and p.disabled_at is null)
                    """,
                    new { next, expires = Now + (long)lifetime.TotalMilliseconds, claims.Session, claims.Id, claims.Person, Now, oldest = Now - (long)options.SessionLifetime.TotalMilliseconds },
                    transaction,
                    cancellationToken: cancellation));
                return changed == 1
                    ? (true, false)
                    : (false, await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                        "update sessions set revoked_at = @Now where id = @Session and refresh_id <> @Id and revoked_at is null", new { claims.Session, claims.Id, Now }, transaction, cancellationToken: cancellation)) == 1);
            },
            cancellation);
        if (replayed)
        {
            _remembered.Clear();
            Replayed(log, claims.Session);
        }

        return renewed ? Pair(claims.Person, claims.Session, next, terms) : null;
    }

    /// <summary>Ends one session; false when it had ended.</summary>
    public async Task<bool> EndAsync(string session, CancellationToken cancellation)
    {
        var ended = await database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "update sessions set revoked_at = @Now where id = @session and revoked_at is null", new { session, Now }, transaction, cancellationToken: cancellation)),
            cancellation);
        _remembered.Clear();
        return ended == 1;
    }

    /// <summary>Ends all sessions of a person but one, in the caller's transaction; <see cref="Changed"/> is to be called after its commit.</summary>
    public Task EndAllAsync(DbTransaction transaction, long person, string? but, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "update sessions set revoked_at = @Now where person = @person and id <> @but and revoked_at is null", new { person, but = but ?? "", Now }, transaction, cancellationToken: cancellation));

    /// <summary>Somebody's sessions or rights changed: nothing remembered holds any longer.</summary>
    public void Changed() => _remembered.Clear();

    /// <summary>Deletes sessions that no token can belong to any more.</summary>
    public Task<int> SweepAsync(CancellationToken cancellation) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "delete from sessions where expires_at < @before", new { before = Now - (long)TimeSpan.FromDays(1).TotalMilliseconds }, transaction, cancellationToken: cancellation)),
            cancellation);

    /// <summary>The caller behind an access token, or null.</summary>
    public ValueTask<Caller?> CheckAsync(string token, CancellationToken cancellation)
    {
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (_remembered.TryGetValue(hash, out var known) && clock.GetTimestamp() < known.Until)
        {
            return ValueTask.FromResult(known.Caller);
        }

        return tokens.Read(TokenKind.Access, token) is { } claims ? ReadAsync(hash, claims, cancellation) : ValueTask.FromResult<Caller?>(null);
    }

    /// <summary>Which of these have a live session and an account that is not disabled.</summary>
    public async Task<IReadOnlySet<SignedIn>> LiveAsync(IReadOnlyCollection<SignedIn> asked, CancellationToken cancellation)
    {
        HashSet<SignedIn> live = [];
        await using var connection = await database.OpenAsync(cancellation);
        var these = database.Dialect == Dialect.Sqlite ? "select value from json_each(@ids)" : "select value from json_array_elements_text(@ids::json)";
        var found = (await connection.QueryAsync<(string Session, long Person)>(new CommandDefinition(
            $"""
            select s.id, s.person from sessions s join people p on p.number = s.person
            where s.id in ({these}) and s.revoked_at is null and s.expires_at > @Now and p.disabled_at is null
            """,
            new { ids = JsonSerializer.Serialize(asked.Select(one => one.Session)), Now },
            cancellationToken: cancellation))).ToHashSet();
        live.UnionWith(asked.Where(one => found.Contains((one.Session, one.Number))));
        return live;
    }

    /// <summary>Permissions of a role as scopes.</summary>
    internal static IEnumerable<string> ScopesOf(Role role) => role.Number switch
    {
        Role.AdminNumber => [Scopes.Admin],
        Role.UserNumber => [],
        _ => role.Permissions.Split(' ').SelectMany(permission => permission switch
        {
            "read" => new[] { Scopes.ItemsRead, Scopes.EventsRead, Scopes.RecommendationsRead },
            "write" => [Scopes.ItemsWrite, Scopes.EventsWrite],
            _ => [Scopes.ItemsWrite],
        }),
    };

    private async ValueTask<Caller?> ReadAsync(string hash, TokenClaims claims, CancellationToken cancellation)
    {
        var remember = new[] { s_remember, claims.ExpiresAt - clock.GetUtcNow() }.Min();
        var until = clock.GetTimestamp() + (long)(remember.TotalSeconds * clock.TimestampFrequency);
        Caller? caller = null;
        await using (var connection = await database.OpenAsync(cancellation))
        {
            var row = await connection.QuerySingleOrDefaultAsync<Person>(new CommandDefinition(
                """
                select p.number as Number, p.user_id as UserId from sessions s join people p on p.number = s.person
                where s.id = @Session and s.revoked_at is null and p.id = @Person and p.disabled_at is null
                """,
                claims,
                cancellationToken: cancellation));
            if (row is { Number: var number })
            {
                var roles = await connection.QueryAsync<Role>(new CommandDefinition(
                    "select r.number as Number, r.permissions as Permissions from roles r join person_roles a on a.role = r.number where a.person = @number", new { number }, cancellationToken: cancellation));
                caller = new Caller(claims.Person, roles.SelectMany(ScopesOf).ToFrozenSet(StringComparer.Ordinal), FrozenSet<string>.Empty, new SignedIn(number, row.UserId, claims.Session));
            }
        }

        if (_remembered.Count >= RememberedTokens)
        {
            _remembered.Clear();
        }

        _remembered[hash] = (caller, until);
        return caller;
    }

    private TokenPair Pair(string person, string session, string? refresh, SessionTerms terms) => new(
        tokens.Write(TokenKind.Access, person, session, NewId(), terms.Access),
        refresh is null ? null : tokens.Write(TokenKind.Refresh, person, session, refresh, terms.Refresh!.Value),
        terms.Access,
        terms.Refresh ?? TimeSpan.Zero);

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    [LoggerMessage(LogLevel.Warning, "A refresh token of session {Session} came a second time; the session was ended")]
    private static partial void Replayed(ILogger log, string session);
}
