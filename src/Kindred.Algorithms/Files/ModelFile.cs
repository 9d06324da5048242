using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Models;

namespace Kindred.Algorithms.Files;

/// <summary>
/// A model file opened for reading: verified as a whole, memory-mapped, closed when disposed (models copy or keep it alive). Sizes are
/// checked against the file before anything is allocated. The layout stands in <c>docs/algorithms/model-files.md</c>.
/// </summary>
public sealed unsafe class ModelFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Section[] _sections;
    private readonly string _path;
    private readonly byte* _start;
    private readonly ModelFile? _whole;
    private readonly string _prefix = "";
    private bool _open;

    private ModelFile(string path, long length)
    {
        _path = path;
        _map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read);
        _view = _map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _open = true;
        try
        {
            (Recommender, _sections) = ModelFileFormat.ReadPage(new ReadOnlySpan<byte>(_start, ModelFileFormat.PageBytes), length);
            Verify(length);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private ModelFile(ModelFile whole, string prefix, string recommender)
    {
        _whole = whole._whole ?? whole;
        (_map, _view, _sections, _path) = (whole._map, whole._view, whole._sections, whole._path);
        _start = whole._start;
        _prefix = prefix;
        Recommender = recommender;
    }

    /// <summary>Name of the recommender that wrote it.</summary>
    public string Recommender { get; }

    /// <summary>Writes a model aside, syncs it and renames it into place; an existing file stays until then.</summary>
    /// <exception cref="IOException">The disk is full or the folder cannot be written; the existing file is untouched.</exception>
    public static void Save(IModel model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        var target = Path.GetFullPath(path);
        var aside = $"{target}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (var stream = new FileStream(aside, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            {
                var writer = new ModelFileWriter(stream);
                model.Write(writer);
                writer.Finish(model.Recommender);
            }

            File.Move(aside, target, overwrite: true);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }

        Folder.Sync(Path.GetDirectoryName(target)!);
    }

    /// <summary>Opens and verifies a file and reads its model.</summary>
    /// <exception cref="ModelFileException">Damaged, truncated, of a newer format, or of an unknown recommender; the message says which.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static IModel Load(string path)
    {
        using var file = Open(path);
        var recommender = Recommenders.Find(file.Recommender)
            ?? throw new ModelFileException($"Model file {path} was refused: this program knows no recommender '{file.Recommender}'.");
        try
        {
            return recommender.Read(file);
        }
        catch (Exception unfit) when (unfit is ArgumentException or OverflowException or System.Text.Json.JsonException)
        {
            throw new ModelFileException($"Model file {path} was refused: its sections do not make a model. {unfit.Message}", unfit);
        }
    }

    /// <summary>Opens and verifies a file: O(its length), one pass.</summary>
    /// <exception cref="ModelFileException">Damaged, truncated or of a newer format; the message says which.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static ModelFile Open(string path)
    {
        var length = new FileInfo(path).Length;
        try
        {
            return length >= ModelFileFormat.PageBytes
                ? new ModelFile(path, length)
                : throw new ModelFileException($"it is only {length} bytes long");
        }
        catch (ModelFileException refused)
        {
            throw new ModelFileException($"Model file {path} was refused: {refused.Message}.", refused);
        }
    }

    /// <summary>The sections that <see cref="ModelFileWriter.AddPart"/> wrote under a name, as a file of their own; it lives as long as this one.</summary>
    public ModelFile Part(string part, string recommender) => new(this, $"{_prefix}{part}/", recommender);

    /// <summary>True when the file has a section of that name.</summary>
    public bool Has(string section) => Array.Exists(_sections, candidate => string.Equals(candidate.Name, _prefix + section, StringComparison.Ordinal));

    /// <summary>True when the file has a section of that name with numbers of that kind.</summary>
    public bool Holds<T>(string section)
        where T : unmanaged => Array.Exists(
        _sections, candidate => string.Equals(candidate.Name, _prefix + section, StringComparison.Ordinal) && candidate.Kind == ModelFileFormat.KindOf<T>());

    /// <summary>A section's numbers, straight from the map; valid while this file is open.</summary>
    /// <exception cref="ModelFileException">There is no such section, or it holds other numbers.</exception>
    public ReadOnlySpan<T> Read<T>(string section)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes(Find(section, ModelFileFormat.KindOf<T>())));

    /// <summary>A section's numbers, checked for their number and, where they are floating-point, for being finite.</summary>
    /// <exception cref="ModelFileException">There is no such section, it holds other numbers, more or fewer of them, or NaN or an infinity.</exception>
    public ReadOnlySpan<T> Read<T>(string section, long count)
        where T : unmanaged
    {
        var values = Read<T>(section);
        if (values.Length != count)
        {
            throw Refused($"section '{section}' holds {values.Length} numbers instead of {count}");
        }

        if ((typeof(T) == typeof(float) && !Finite.All(MemoryMarshal.Cast<T, float>(values)))
            || (typeof(T) == typeof(BFloat16) && !Finite.All(MemoryMarshal.Cast<T, BFloat16>(values))))
        {
            throw Refused($"section '{section}' holds a number that is not finite");
        }

        return values;
    }

    /// <summary>A section's text.</summary>
    /// <exception cref="ModelFileException">There is no such section, or it holds numbers.</exception>
    public string ReadText(string section) => Encoding.UTF8.GetString(Bytes(Find(section, ElementKind.Utf8)));

    /// <summary>The exception for a file whose sections a model cannot use.</summary>
    public ModelFileException Refused(string why) => new($"Model file {_path} was refused: {why}.");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_open)
        {
            _open = false;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map.Dispose();
        }
    }

    private void Verify(long length)
    {
        var end = (long)ModelFileFormat.PageBytes;
        Span<byte> checksum = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (var section in _sections)
        {
            SHA256.HashData(Bytes(section), checksum);
            if (!checksum.SequenceEqual(section.Checksum))
            {
                throw new ModelFileException($"its section '{section.Name}' is damaged (checksum)");
            }

            VerifyGap(end, section.Offset);
            end = section.Offset + section.Bytes;
        }

        VerifyGap(end, length);
    }

    private void VerifyGap(long from, long to)
    {
        if (new ReadOnlySpan<byte>(_start + from, (int)(to - from)).ContainsAnyExcept((byte)0))
        {
            throw new ModelFileException($"it holds stray bytes between {from} and {to}");
        }
    }

    private Section Find(string name, ElementKind kind)
    {
        var section = Array.Find(_sections, candidate => string.Equals(candidate.Name, _prefix + name, StringComparison.Ordinal))
            ?? throw Refused($"it has no section '{name}'");
        return section.Kind == kind ? section : throw Refused($"section '{name}' holds {section.Kind}, not {kind}");
    }

    private ReadOnlySpan<byte> Bytes(Section section)
    {
        ObjectDisposedException.ThrowIf(!(_whole ?? this)._open, this);
        return section.Bytes <= int.MaxValue
            ? new ReadOnlySpan<byte>(_start + section.Offset, (int)section.Bytes)
            : throw Refused($"section '{section.Name}' is larger than 2 GB");
    }
}

/// <summary>A model file was refused.</summary>
public sealed class ModelFileException(string message, Exception? inner = null) : Exception(message, inner);
