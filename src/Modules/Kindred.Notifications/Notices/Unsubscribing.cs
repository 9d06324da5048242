using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Dapper;
using Kindred.Platform.Storage;

namespace Kindred.Notifications.Notices;

/// <summary>
/// Links that end newsletters without a login (RFC 8058): the person's number and an HMAC of it under a key of this database. They do that one thing and do not
/// expire, for letters are kept.
/// </summary>
internal sealed class Unsubscribing(Database database, NotificationOptions options)
{
    private const int NumberBytes = sizeof(long);
    private const int MacBytes = 16;
    private static ReadOnlySpan<byte> Purpose => "newsletters"u8;
    private byte[]? _key;

    /// <summary>What makes a person's link. To be asked for before a transaction: the first time the key is written, and there is one writer.</summary>
    public async Task<Func<long, string>> LinksAsync(CancellationToken cancellation)
    {
        var key = await KeyAsync(cancellation);
        return person =>
        {
            var token = new byte[NumberBytes + MacBytes];
            BinaryPrimitives.WriteInt64BigEndian(token, person);
            Mac(key, token.AsSpan(0, NumberBytes)).AsSpan(0, MacBytes).CopyTo(token.AsSpan(NumberBytes));
            return $"{options.PublicUrl}/v1/notifications/unsubscribe/{Base64Url.EncodeToString(token)}";
        };
    }

    /// <summary>Whose link it is, or null for one that was made up.</summary>
    public async Task<long?> ReadAsync(string text, CancellationToken cancellation)
    {
        if (text.Length > 64 || !Base64Url.IsValid(text) || Base64Url.DecodeFromChars(text) is not { Length: NumberBytes + MacBytes } token)
        {
            return null;
        }

        var mac = Mac(await KeyAsync(cancellation), token.AsSpan(0, NumberBytes));
        return CryptographicOperations.FixedTimeEquals(mac.AsSpan(0, MacBytes), token.AsSpan(NumberBytes)) ? BinaryPrimitives.ReadInt64BigEndian(token) : null;
    }

    private static byte[] Mac(byte[] key, ReadOnlySpan<byte> number)
    {
        byte[] signed = [.. Purpose, .. number];
        return HMACSHA256.HashData(key, signed);
    }

    // Whichever process needs it first makes it.
    private async Task<byte[]> KeyAsync(CancellationToken cancellation) => _key ??= Convert.FromHexString(await database.WriteAsync(
        async transaction =>
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "insert into mail_keys(name, value) values ('unsubscribe', @made) on conflict do nothing",
                new { made = Convert.ToHexString(RandomNumberGenerator.GetBytes(32)) },
                transaction,
                cancellationToken: cancellation));
            return await transaction.Connection!.ExecuteScalarAsync<string>(new CommandDefinition("select value from mail_keys where name = 'unsubscribe'", transaction: transaction, cancellationToken: cancellation));
        },
        cancellation) ?? "");
}
