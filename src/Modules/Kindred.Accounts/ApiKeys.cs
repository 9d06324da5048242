using System.Collections.Concurrent;
using System.Collections.Frozen;
using Dapper;
using Kindred.Accounts.Keys;
using Kindred.Platform.Storage;
using Kindred.Platform.Web;

namespace Kindred.Accounts;

/// <summary>An API key as its owner sees it; never its secret.</summary>
public sealed record ApiKeyEntry(
    string Id, string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> Collections, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt);

/// <summary>
/// API keys: made, listed, revoked, checked. A checked key is remembered for a second, so a revocation holds within one on every process
/// while a busy client costs one read a second.
/// </summary>
public sealed class ApiKeys(Database database, TimeProvider clock)
{
    private const int RememberedKeys = 10_000;
    private static readonly TimeSpan s_noteUse = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_remember = TimeSpan.FromSeconds(1);
    private const string Columns = "id as Id, name as Name, scopes as Scopes, collections as Collections, created_at as CreatedAt, expires_at as ExpiresAt, revoked_at as RevokedAt, last_used_at as LastUsedAt";

    // By hash, not by text: a lookup's timing tells about the hash of what was sent, which nobody can steer.
    private readonly ConcurrentDictionary<string, (Caller? Caller, long Until)> _remembered = new(StringComparer.Ordinal);

    /// <summary>Makes a key; its secret is told here and never again.</summary>
    /// <exception cref="ArgumentException">No scope, or one that is not known.</exception>
    public async Task<(ApiKeyEntry Key, string Secret)> CreateAsync(
        string name, IReadOnlyList<string> scopes, IReadOnlyList<string> collections, DateTimeOffset? expiresAt, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(scopes);
        ArgumentNullException.ThrowIfNull(collections);
        if (scopes.Count == 0 || scopes.Any(scope => !Scopes.All.Contains(scope)))
        {
            throw new ArgumentException($"A key has one or more of these scopes: {string.Join(", ", Scopes.All)}.", nameof(scopes));
        }

        var secret = KeyText.Create();
        var key = new ApiKeyEntry(Guid.CreateVersion7(clock.GetUtcNow()).ToString("N"), name, scopes, collections, clock.GetUtcNow(), expiresAt, RevokedAt: null, LastUsedAt: null);
        await database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "insert into api_keys(id, name, sha256, scopes, collections, created_at, expires_at) values (@Id, @Name, @Hash, @Scopes, @Collections, @Created, @Expires)",
                new
                {
                    key.Id,
                    key.Name,
                    Hash = KeyText.Hash(secret),
                    Scopes = string.Join(' ', scopes),
                    Collections = string.Join(' ', collections),
                    Created = key.CreatedAt.ToUnixTimeMilliseconds(),
                    Expires = expiresAt?.ToUnixTimeMilliseconds(),
                },
                transaction,
                cancellationToken: cancellation)),
            cancellation);
        return (key, secret);
    }

    /// <summary>All keys, oldest first.</summary>
    public async Task<IReadOnlyList<ApiKeyEntry>> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition($"select {Columns} from api_keys order by id", cancellationToken: cancellation))).Select(row => row.Entry())];
    }

    /// <summary>Revokes a key; false when there is none of that id. Revoking twice keeps the first time.</summary>
    public async Task<bool> RevokeAsync(string id, CancellationToken cancellation)
    {
        var changed = await database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "update api_keys set revoked_at = coalesce(revoked_at, @now) where id = @id", new { id, now = clock.GetUtcNow().ToUnixTimeMilliseconds() }, transaction, cancellationToken: cancellation)),
            cancellation);
        _remembered.Clear();
        return changed > 0;
    }

    /// <summary>The caller behind a key, or null when it is not valid.</summary>
    public ValueTask<Caller?> CheckAsync(string bearer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(bearer);
        if (!KeyText.IsWellFormed(bearer))
        {
            return ValueTask.FromResult<Caller?>(null);
        }

        var hash = KeyText.Hash(bearer);
        return _remembered.TryGetValue(hash, out var known) && clock.GetTimestamp() < known.Until
            ? ValueTask.FromResult(known.Caller)
            : ReadAsync(hash, cancellation);
    }

    private async ValueTask<Caller?> ReadAsync(string hash, CancellationToken cancellation)
    {
        var until = clock.GetTimestamp() + (long)(s_remember.TotalSeconds * clock.TimestampFrequency);
        Row? row;
        await using (var connection = await database.OpenAsync(cancellation))
        {
            row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition($"select {Columns} from api_keys where sha256 = @hash", new { hash }, cancellationToken: cancellation));
        }

        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var caller = row is null || row.RevokedAt is not null || row.ExpiresAt <= now
            ? null
            : new Caller(row.Id, Split(row.Scopes).ToFrozenSet(StringComparer.Ordinal), Split(row.Collections).ToFrozenSet(StringComparer.Ordinal));
        if (caller is not null && now - (row!.LastUsedAt ?? 0) >= s_noteUse.TotalMilliseconds)
        {
            // To the minute: a busy key costs one write of it, not one a request.
            await database.WriteAsync(
                transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "update api_keys set last_used_at = @now where id = @Id", new { now, row.Id }, transaction, cancellationToken: cancellation)),
                cancellation);
        }

        if (_remembered.Count >= RememberedKeys)
        {
            _remembered.Clear();
        }

        _remembered[hash] = (caller, until);
        return caller;
    }

    private static string[] Split(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private sealed record Row
    {
        public string Id { get; init; } = "";

        public string Name { get; init; } = "";

        public string Scopes { get; init; } = "";

        public string Collections { get; init; } = "";

        public long CreatedAt { get; init; }

        public long? ExpiresAt { get; init; }

        public long? RevokedAt { get; init; }

        public long? LastUsedAt { get; init; }

        public ApiKeyEntry Entry() => new(
            Id,
            Name,
            Split(Scopes),
            Split(Collections),
            DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            ExpiresAt is { } expires ? DateTimeOffset.FromUnixTimeMilliseconds(expires) : null,
            RevokedAt is { } revoked ? DateTimeOffset.FromUnixTimeMilliseconds(revoked) : null,
            LastUsedAt is { } used ? DateTimeOffset.FromUnixTimeMilliseconds(used) : null);
    }
}
