using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Kindred.Import.Reading;

/// <summary>A file (plain or gzip) or standard input, with its first half megabyte at hand for looking before reading.</summary>
internal sealed class ImportFile : IDisposable
{
    private const int HeadLength = 1 << 19;
    private static readonly string[] s_endings = [".gz", ".csv", ".tsv", ".txt", ".dat", ".jsonl", ".ndjson"];

    private readonly Stream _raw;
    private readonly Stream _content;
    private readonly byte[] _head;
    private readonly long? _length;

    private ImportFile(string path, Stream raw)
    {
        Path = path;
        _raw = raw;
        _length = raw.CanSeek ? raw.Length : null;
        var first = ReadUpTo(raw, 2);
        Stream whole = new Replay(first, raw);
        _content = first is [0x1f, 0x8b] ? new GZipStream(whole, CompressionMode.Decompress) : whole;
        _head = ReadUpTo(_content, HeadLength);
        Head = Decode(_head, _head.Length < HeadLength);
    }

    /// <summary>The path as given; <c>-</c> is standard input.</summary>
    public string Path { get; }

    /// <summary>The file's name without folder and endings: <c>ratings</c>.</summary>
    public string Name => NameOf(Path);

    /// <summary>Folder of the file; the working folder for standard input.</summary>
    public string Folder => Path == "-" ? Environment.CurrentDirectory : System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;

    /// <summary>Bytes on disk (compressed where it is), or null when unknown.</summary>
    public long? Length => _length;

    /// <summary>Bytes read from disk so far.</summary>
    public long Position => _length is null ? 0 : _raw.Position;

    /// <summary>The beginning, decoded, whole lines only unless the file has no line end there.</summary>
    public string Head { get; }

    /// <summary>Changes when the content does, as far as its length and beginning tell.</summary>
    public string Fingerprint => $"{_length}:{Convert.ToHexStringLower(SHA256.HashData(_head))}";

    public static ImportFile Open(string path) =>
        new(path, path == "-" ? Console.OpenStandardInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan));

    /// <summary>The whole text from its beginning; once.</summary>
    public TextReader OpenText() => new StreamReader(new Replay(_head, _content), EncodingOf(_head), detectEncodingFromByteOrderMarks: true, 1 << 16);

    public void Dispose()
    {
        _content.Dispose();
        _raw.Dispose();
    }

    private static string NameOf(string path)
    {
        var name = path == "-" ? "stdin" : System.IO.Path.GetFileName(path);
        foreach (var ending in s_endings)
        {
            name = name.Length > ending.Length && name.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ? name[..^ending.Length] : name;
        }

        return name;
    }

    // UTF-8, or UTF-16 by its byte order mark; what is neither is taken for Latin-1, as old MovieLens titles are.
    private static Encoding EncodingOf(ReadOnlySpan<byte> head)
    {
        for (var cut = 0; cut < 4 && cut <= head.Length; cut++)
        {
            if (Utf8.IsValid(head[..^cut]))
            {
                return Encoding.UTF8;
            }
        }

        return head is [0xff, 0xfe, ..] or [0xfe, 0xff, ..] ? Encoding.UTF8 : Encoding.Latin1;
    }

    private static string Decode(byte[] head, bool whole)
    {
        using var reader = new StreamReader(new MemoryStream(head), EncodingOf(head), detectEncodingFromByteOrderMarks: true);
        var text = reader.ReadToEnd();
        var end = whole ? -1 : text.AsSpan().LastIndexOfAny('\r', '\n');
        return end < 0 ? text : text[..end];
    }

    private static byte[] ReadUpTo(Stream stream, int length)
    {
        var bytes = new byte[length];
        var read = stream.ReadAtLeast(bytes, length, throwOnEndOfStream: false);
        return read == length ? bytes : bytes[..read];
    }

    /// <summary>Bytes taken from a stream for looking, then the rest of it.</summary>
    private sealed class Replay(byte[] first, Stream rest) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_at == first.Length)
            {
                return rest.Read(buffer);
            }

            var count = Math.Min(buffer.Length, first.Length - _at);
            first.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
