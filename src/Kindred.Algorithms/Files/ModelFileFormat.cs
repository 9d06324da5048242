using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Kindred.Algorithms.Kernels;

namespace Kindred.Algorithms.Files;

/// <summary>Kind of the numbers in a section; the value is what stands in the file.</summary>
internal enum ElementKind
{
    Utf8 = 1,
    Byte = 2,
    SByte = 3,
    Int32 = 4,
    Int64 = 5,
    UInt64 = 6,
    Float32 = 7,
    Float64 = 8,
    BFloat16 = 9,
}

/// <summary>One line of the section table.</summary>
/// <param name="Name">Unique within the file.</param>
/// <param name="Kind">Kind of its elements.</param>
/// <param name="Length">Number of elements.</param>
/// <param name="Offset">First byte in the file, a multiple of <see cref="ModelFileFormat.Alignment"/>.</param>
/// <param name="Checksum">SHA-256 of its bytes.</param>
internal sealed record Section(string Name, ElementKind Kind, long Length, long Offset, byte[] Checksum)
{
    /// <summary>Number of bytes.</summary>
    public long Bytes => Length * ModelFileFormat.SizeOf(Kind);
}

/// <summary>
/// The envelope of a model file, little-endian. One page of header: slot 0 holds magic, format version, number of sections, total length,
/// recommender and the page's checksum; each further slot of 128 bytes is a section. The sections follow at multiples of 64 bytes, in the
/// table's order, with zeros between. Nothing in the file is unchecked: page and sections by SHA-256, the gaps by being zero.
/// </summary>
internal static class ModelFileFormat
{
    /// <summary>Newest format that is read and written.</summary>
    public const int Version = 2;

    /// <summary>The first format with <see cref="ElementKind.BFloat16"/>.</summary>
    private const int HalvesSince = 2;

    public const int PageBytes = 4096;
    public const int SlotBytes = 128;
    public const int MaxSections = (PageBytes / SlotBytes) - 1;
    public const int Alignment = 64;
    public const int MaxNameBytes = 48;
    private const int ChecksumBytes = SHA256.HashSizeInBytes;
    private const int ChecksumAt = SlotBytes - ChecksumBytes;

    private static ReadOnlySpan<byte> Magic => "KINDREDM"u8;

    public static int SizeOf(ElementKind kind) => kind switch
    {
        ElementKind.Utf8 or ElementKind.Byte or ElementKind.SByte => 1,
        ElementKind.BFloat16 => 2,
        ElementKind.Int32 or ElementKind.Float32 => 4,
        ElementKind.Int64 or ElementKind.UInt64 or ElementKind.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of number a model file holds."),
    };

    public static ElementKind KindOf<T>()
        where T : unmanaged => Type.GetTypeCode(typeof(T)) switch
        {
            TypeCode.Byte => ElementKind.Byte,
            TypeCode.SByte => ElementKind.SByte,
            TypeCode.Int32 => ElementKind.Int32,
            TypeCode.Int64 => ElementKind.Int64,
            TypeCode.UInt64 => ElementKind.UInt64,
            TypeCode.Single => ElementKind.Float32,
            TypeCode.Double => ElementKind.Float64,
            _ when typeof(T) == typeof(BFloat16) => ElementKind.BFloat16,
            _ => throw new NotSupportedException($"A model file holds no sections of {typeof(T).Name}."),
        };

    public static long Align(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>The header page of a file with these sections. It is of the oldest format that has all their kinds, so that an older program reads what it can.</summary>
    public static byte[] WritePage(string recommender, IReadOnlyList<Section> sections, long totalLength)
    {
        var page = new byte[PageBytes];
        Magic.CopyTo(page);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(8), sections.Any(section => section.Kind == ElementKind.BFloat16) ? HalvesSince : 1);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(12), sections.Count);
        BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(16), totalLength);
        WriteName(page.AsSpan(24, MaxNameBytes), recommender);
        for (var s = 0; s < sections.Count; s++)
        {
            var slot = page.AsSpan((s + 1) * SlotBytes, SlotBytes);
            WriteName(slot[..MaxNameBytes], sections[s].Name);
            BinaryPrimitives.WriteInt32LittleEndian(slot[48..], (int)sections[s].Kind);
            BinaryPrimitives.WriteInt64LittleEndian(slot[56..], sections[s].Length);
            BinaryPrimitives.WriteInt64LittleEndian(slot[64..], sections[s].Offset);
            sections[s].Checksum.CopyTo(slot[ChecksumAt..]);
        }

        SHA256.HashData(page).CopyTo(page.AsSpan(ChecksumAt));
        return page;
    }

    /// <summary>Reads and checks a header page; every number in it is plausible for a file of <paramref name="fileLength"/> bytes afterwards.</summary>
    /// <exception cref="ModelFileException">It is not one, is damaged, or is newer than this program.</exception>
    public static (string Recommender, Section[] Sections) ReadPage(ReadOnlySpan<byte> page, long fileLength)
    {
        if (!page[..Magic.Length].SequenceEqual(Magic))
        {
            throw new ModelFileException("it is not a model file of Kindred");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(page[8..]);
        if (version is < 1 or > Version)
        {
            throw new ModelFileException(version > Version
                ? $"its format {version} is newer than this program, which reads formats 1 to {Version}"
                : $"its format {version} is not one this program reads (1 to {Version})");
        }

        Span<byte> zeroed = stackalloc byte[PageBytes];
        page.CopyTo(zeroed);
        zeroed.Slice(ChecksumAt, ChecksumBytes).Clear();
        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        SHA256.HashData(zeroed, checksum);
        if (!checksum.SequenceEqual(page.Slice(ChecksumAt, ChecksumBytes)))
        {
            throw new ModelFileException("its header is damaged (checksum)");
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(page[12..]);
        var total = BinaryPrimitives.ReadInt64LittleEndian(page[16..]);
        if (total != fileLength)
        {
            throw new ModelFileException($"it is {fileLength} bytes long instead of {total}");
        }

        if (count is < 0 or > MaxSections)
        {
            throw new ModelFileException($"its header names {count} sections");
        }

        var sections = new Section[count];
        var end = (long)PageBytes;
        for (var s = 0; s < count; s++)
        {
            sections[s] = ReadSlot(page.Slice((s + 1) * SlotBytes, SlotBytes), version, end, fileLength);
            end = sections[s].Offset + sections[s].Bytes;
        }

        return Align(end) == fileLength
            ? (ReadName(page.Slice(24, MaxNameBytes)), sections)
            : throw new ModelFileException($"its sections end at byte {end} of {fileLength}");
    }

    private static Section ReadSlot(ReadOnlySpan<byte> slot, int version, long end, long fileLength)
    {
        var name = ReadName(slot[..MaxNameBytes]);
        var kind = (ElementKind)BinaryPrimitives.ReadInt32LittleEndian(slot[48..]);
        var length = BinaryPrimitives.ReadInt64LittleEndian(slot[56..]);
        var offset = BinaryPrimitives.ReadInt64LittleEndian(slot[64..]);
        if (kind < ElementKind.Utf8 || kind > (version < HalvesSince ? ElementKind.Float64 : ElementKind.BFloat16))
        {
            throw new ModelFileException($"its section '{name}' holds an unknown kind of numbers ({(int)kind})");
        }

        // Divided, not multiplied: a declared length near 2^63 must not wrap around.
        if (offset != Align(end) || length < 0 || offset > fileLength || length > (fileLength - offset) / SizeOf(kind) || length > int.MaxValue)
        {
            throw new ModelFileException($"its section '{name}' ({length} numbers at byte {offset}) does not fit into {fileLength} bytes");
        }

        return new Section(name, kind, length, offset, slot[ChecksumAt..].ToArray());
    }

    private static void WriteName(Span<byte> to, string name)
    {
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > to.Length)
        {
            throw new ArgumentException($"A name in a model file has 1 to {to.Length} bytes, not '{name}'.", nameof(name));
        }

        Encoding.UTF8.GetBytes(name, to);
    }

    private static string ReadName(ReadOnlySpan<byte> from)
    {
        var end = from.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? from : from[..end]);
    }
}
