using System.Globalization;
using System.Security.Cryptography;

namespace Kindred.Recommendations.Answers;

/// <summary>The record of one answer.</summary>
internal sealed record Receipt(string Id, int Collection, int User, string? UserId, DateTimeOffset At, RankedList List);

/// <summary>
/// Recent answers in a ring. An id is a counter (where to look) and a keyed mix of it (so that nobody walks through other people's answers);
/// it is known to the process that answered, until the ring comes round.
/// </summary>
internal sealed class Receipts(RecommendationSettings settings)
{
    private readonly Receipt?[] _ring = new Receipt?[Math.Max(1, settings.Receipts)];
    private readonly ulong _key = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private readonly ulong _otherKey = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private long _next;

    /// <summary>Keeps an answer and gives its id.</summary>
    public string Add(int collection, int user, string? userId, DateTimeOffset at, RankedList list)
    {
        var number = Interlocked.Increment(ref _next);
        var id = string.Create(27, (Number: number, Mix: Mix(number)), static (text, parts) =>
        {
            text[0] = 'r';
            parts.Number.TryFormat(text[1..], out _, "x10", CultureInfo.InvariantCulture);
            parts.Mix.TryFormat(text[11..], out _, "x16", CultureInfo.InvariantCulture);
        });
        Volatile.Write(ref _ring[number % _ring.Length], new Receipt(id, collection, user, userId, at, list));
        return id;
    }

    public Receipt? Find(int collection, string id) =>
        id.Length == 27 && long.TryParse(id.AsSpan(1, 10), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
        && Volatile.Read(ref _ring[number % _ring.Length]) is { } receipt && receipt.Collection == collection
        && CryptographicOperations.FixedTimeEquals(
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(receipt.Id.AsSpan()), System.Runtime.InteropServices.MemoryMarshal.AsBytes(id.AsSpan()))
            ? receipt
            : null;

    /// <summary>Drops a user's answers.</summary>
    public void Forget(int collection, int user)
    {
        for (var k = 0; k < _ring.Length; k++)
        {
            if (Volatile.Read(ref _ring[k]) is { } receipt && receipt.Collection == collection && receipt.User == user)
            {
                Volatile.Write(ref _ring[k], null);
            }
        }
    }

    private ulong Mix(long number)
    {
        var mix = (ulong)number + _key;
        mix = (mix ^ (mix >> 30)) * 0xBF58476D1CE4E5B9 ^ _otherKey;
        mix = (mix ^ (mix >> 27)) * 0x94D049BB133111EB;
        return mix ^ (mix >> 31);
    }
}
