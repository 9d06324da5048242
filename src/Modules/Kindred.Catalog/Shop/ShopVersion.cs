using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Kindred.Platform.Storage;

namespace Kindred.Catalog.Shop;

/// <summary>
/// The number of the shop's last change of a store or product. A change committed by this process counts at once, one of another process
/// within <see cref="Fresh"/>: until then the number read last stands, so that a cached page costs no query. Views are no such change.
/// </summary>
internal sealed class ShopVersion
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);

    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly ConditionalWeakTable<DbTransaction, StrongBox<long>> _open = [];
    private readonly Lock _lock = new();
    private long _known = -1;
    private long _readAt;
    private Task<long>? _reading;

    public ShopVersion(Database database, TimeProvider clock)
    {
        _database = database;
        _clock = clock;
        database.Committed += OnCommitted;
    }

    /// <summary>Numbers the changes of this transaction; the others wait for its end.</summary>
    public async Task<long> NextAsync(DbTransaction transaction, CancellationToken cancellation)
    {
        var version = await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            "update shop_version set version = version + 1 where one = 1 returning version", transaction: transaction, cancellationToken: cancellation));
        _open.GetOrCreateValue(transaction).Value = version;
        return version;
    }

    /// <summary>The number of the last change, at most <see cref="Fresh"/> old.</summary>
    public ValueTask<long> CurrentAsync(CancellationToken cancellation)
    {
        Task<long> reading;
        lock (_lock)
        {
            if (_known >= 0 && _clock.GetElapsedTime(_readAt) < Fresh)
            {
                return ValueTask.FromResult(_known);
            }

            reading = _reading ??= Task.Run(ReadAsync, CancellationToken.None);
        }

        return new ValueTask<long>(reading.WaitAsync(cancellation));
    }

    private async Task<long> ReadAsync()
    {
        try
        {
            var began = _clock.GetTimestamp();
            await using var connection = await _database.OpenAsync(CancellationToken.None);
            var read = await connection.ExecuteScalarAsync<long>("select version from shop_version where one = 1");
            lock (_lock)
            {
                _readAt = began;
                return _known = Math.Max(_known, read);
            }
        }
        finally
        {
            lock (_lock)
            {
                _reading = null;
            }
        }
    }

    private void OnCommitted(DbTransaction transaction)
    {
        if (_open.TryGetValue(transaction, out var version))
        {
            lock (_lock)
            {
                _known = Math.Max(_known, version.Value);
            }
        }
    }
}
