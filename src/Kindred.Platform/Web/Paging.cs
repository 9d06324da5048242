using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Kindred.Platform.Web;

/// <summary>One page of a list: <c>{"data","has_more","next"}</c>; <c>next</c> goes back as <c>?cursor=</c>.</summary>
/// <param name="Data">The entries.</param>
/// <param name="HasMore">True when there are more.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Data, bool HasMore, string? Next);

/// <summary>Makes pages.</summary>
public static class Page
{
    /// <summary>Makes a page of rows read with one row more than asked.</summary>
    public static Page<T> Of<T>(List<T> rows, int limit, Func<T, string> position)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(position);
        if (rows.Count <= limit)
        {
            return new Page<T>(rows, HasMore: false, null);
        }

        rows.RemoveRange(limit, rows.Count - limit);
        return new Page<T>(rows, HasMore: true, Cursor.Write(position(rows[^1])));
    }
}

/// <summary>An opaque place in a list: base64url of the last entry's position and a checksum that catches made-up ones.</summary>
public static class Cursor
{
    /// <summary>Most entries of a page.</summary>
    public const int MaxLimit = 1000;

    private const int ChecksumBytes = 6;

    /// <summary>The cursor of a position.</summary>
    public static string Write(string position)
    {
        var text = Encoding.UTF8.GetBytes(position);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return Base64Url.EncodeToString([.. hash[..ChecksumBytes], .. text]);
    }

    /// <summary>Reads a cursor and checks a limit; the fault names the query parameter. No cursor gives an empty position.</summary>
    public static FieldError? Read(string? cursor, int limit, out string position)
    {
        position = "";
        if (limit is < 1 or > MaxLimit)
        {
            return new FieldError("limit", "range", $"limit lies in 1 to {MaxLimit}");
        }

        if (cursor is null)
        {
            return null;
        }

        if (cursor.Length <= 1024 && Base64Url.IsValid(cursor, out var length) && length >= ChecksumBytes)
        {
            var bytes = Base64Url.DecodeFromChars(cursor);
            if (SHA256.HashData(bytes.AsSpan(ChecksumBytes)).AsSpan(0, ChecksumBytes).SequenceEqual(bytes.AsSpan(0, ChecksumBytes)))
            {
                position = Encoding.UTF8.GetString(bytes, ChecksumBytes, bytes.Length - ChecksumBytes);
                return null;
            }
        }

        return new FieldError("cursor", "cursor", "cursor is not one this list gave; leave it out to begin at the start");
    }
}
