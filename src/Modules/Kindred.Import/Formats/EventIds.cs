using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Kindred.Import.Formats;

/// <summary>
/// Ids of events whose source has none: a hash of what the row says and of how many rows said the same before, so importing a file again, under
/// whatever name, adds nothing. Rows count as the same within 131,072 to 262,144 rows back, which bounds memory; equal rows further apart get one id
/// and count as repeated.
/// </summary>
internal sealed class EventIds
{
    private const int Generation = 1 << 17;
    private Dictionary<UInt128, int> _now = new(Generation);
    private Dictionary<UInt128, int> _before = new(Generation);
    private int _rows;
    private byte[] _bytes = new byte[1024];

    /// <summary>The id: a UUID (version 8, RFC 9562) of the time in milliseconds and 74 bits of hash, in lower-case hex.</summary>
    public string Make(string user, string item, string type, float? value, long at)
    {
        if (_rows++ == Generation)
        {
            (_before, _now, _rows) = (_now, _before, 1);
            _now.Clear();
        }

        var length = Write(user, item, type, value, at);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(_bytes.AsSpan(0, length), hash);
        var content = BinaryPrimitives.ReadUInt128BigEndian(hash);
        ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_now, content, out var known);
        if (!known && _before.TryGetValue(content, out var earlier))
        {
            seen = earlier;
        }

        if (seen++ > 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(length), seen - 1);
            SHA256.HashData(_bytes.AsSpan(0, length + sizeof(int)), hash);
        }

        // The time leads, as in version 7, so that ids of one time lie together in the index of ids.
        Span<byte> milliseconds = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(milliseconds, at / 1000);
        milliseconds[2..].CopyTo(hash);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString();
    }

    private int Write(string user, string item, string type, float? value, long at)
    {
        var most = (3 * (user.Length + item.Length + type.Length)) + 64;
        if (_bytes.Length < most)
        {
            _bytes = new byte[most];
        }

        var to = 0;
        Put(user, ref to);
        Put(item, ref to);
        Put(type, ref to);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(to), at);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(to + 8), value is { } number ? BitConverter.SingleToInt32Bits(number) : int.MinValue);
        return to + 12;
    }

    // With its length first, so that ("ab", "c") and ("a", "bc") differ.
    private void Put(string text, ref int to)
    {
        var length = System.Text.Encoding.UTF8.GetBytes(text, _bytes.AsSpan(to + 4));
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(to), length);
        to += 4 + length;
    }
}
