namespace Kindred.Algorithms.Files;

/// <summary>Writes a model file: named sections with checksums, aside and then renamed. Same sections, same bytes.</summary>
public sealed class ModelFileWriter
{
    /// <summary>Adds a section of numbers; names are unique within a file.</summary>
    public void Add<T>(string section, ReadOnlySpan<T> values)
        where T : unmanaged => throw new NotSupportedException();

    /// <summary>Adds a section of UTF-8 text (JSON of the options, ids).</summary>
    public void AddText(string section, string text) => throw new NotSupportedException();
}
