using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Kindred.Algorithms.Models;

namespace Kindred.Algorithms.Files;

/// <summary>
/// Writes a model file: named sections with checksums, aside and then renamed. Same sections, same bytes. Sections go straight to the disk;
/// nothing is gathered in memory.
/// </summary>
public sealed class ModelFileWriter
{
    private readonly FileStream _file;
    private readonly List<Section> _sections = [];
    private long _end = ModelFileFormat.PageBytes;
    private string _part = "";

    internal ModelFileWriter(FileStream file)
    {
        _file = file;
        _file.SetLength(ModelFileFormat.PageBytes);
    }

    /// <summary>Adds a section of numbers; names are unique within a file.</summary>
    /// <exception cref="ArgumentException">The name is empty, too long or taken, or the file has all the sections it can hold.</exception>
    public void Add<T>(string section, ReadOnlySpan<T> values)
        where T : unmanaged => Add(section, ModelFileFormat.KindOf<T>(), values.Length, MemoryMarshal.AsBytes(values));

    /// <summary>Adds a section of UTF-8 text (JSON of the options, ids).</summary>
    /// <exception cref="ArgumentException">As for numbers.</exception>
    public void AddText(string section, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Add(section, ElementKind.Utf8, bytes.Length, bytes);
    }

    /// <summary>Adds all sections of a model that is part of this one; <see cref="ModelFile.Part"/> reads them back under the same name.</summary>
    /// <exception cref="ArgumentException">As for numbers.</exception>
    public void AddPart(string part, IModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var outer = _part;
        _part = $"{outer}{part}/";
        model.Write(this);
        _part = outer;
    }

    /// <summary>Writes the header page last: a file without it is refused, so a writer that dies half way leaves nothing that opens.</summary>
    internal void Finish(string recommender)
    {
        var total = ModelFileFormat.Align(_end);
        _file.SetLength(total);
        _file.Position = 0;
        _file.Write(ModelFileFormat.WritePage(recommender, _sections, total));
        _file.Flush(flushToDisk: true);
    }

    private void Add(string section, ElementKind kind, long length, ReadOnlySpan<byte> bytes)
    {
        var name = _part + section;
        if (_sections.Count == ModelFileFormat.MaxSections || _sections.Exists(taken => string.Equals(taken.Name, name, StringComparison.Ordinal)))
        {
            throw new ArgumentException($"Section '{name}' is there already, or the file has {ModelFileFormat.MaxSections} sections.", nameof(section));
        }

        var offset = ModelFileFormat.Align(_end);
        _file.Position = offset;
        _file.Write(bytes);
        _sections.Add(new Section(name, kind, length, offset, SHA256.HashData(bytes)));
        _end = offset + bytes.Length;
    }
}
