using Kindred.Algorithms.Models;

namespace Kindred.Algorithms.Files;

/// <summary>A model file opened for reading: verified, memory-mapped, closed when disposed (models copy or keep it alive).</summary>
public sealed class ModelFile : IDisposable
{
    /// <summary>Writes a model aside, syncs it and renames it into place; an existing file stays until then.</summary>
    public static void Save(IModel model, string path) => throw new NotSupportedException();

    /// <summary>Opens and verifies a file and reads its model.</summary>
    /// <exception cref="ModelFileException">Damaged, truncated, of a newer format, or of an unknown recommender; the message says which.</exception>
    public static IModel Load(string path) => throw new NotSupportedException();

    /// <summary>Name of the recommender that wrote it.</summary>
    public string Recommender => throw new NotSupportedException();

    /// <summary>A section's numbers, straight from the map; valid while this file is open.</summary>
    public ReadOnlySpan<T> Read<T>(string section)
        where T : unmanaged => throw new NotSupportedException();

    /// <summary>A section's text.</summary>
    public string ReadText(string section) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotSupportedException();
}

/// <summary>A model file was refused.</summary>
public sealed class ModelFileException(string message, Exception? inner = null) : Exception(message, inner);
