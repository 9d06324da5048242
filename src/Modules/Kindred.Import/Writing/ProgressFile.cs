using System.Text.Json;

namespace Kindred.Import.Writing;

/// <summary>How far a file is stored, kept beside it while its import runs and removed at its end.</summary>
/// <param name="Fingerprint">Of the file and of how it is read; progress of another counts for nothing.</param>
/// <param name="Rows">Rows that are durable.</param>
/// <param name="New">Of them, new ones.</param>
/// <param name="Repeated">Of them, repeated ones.</param>
internal sealed record Checkpoint(string Fingerprint, long Rows, long New, long Repeated);

internal sealed class ProgressFile(string path, string fingerprint)
{
    private bool _unwritable;

    /// <summary>The progress of an import of the same file in the same way that was cut off, or the beginning.</summary>
    public Checkpoint Read()
    {
        try
        {
            var read = JsonSerializer.Deserialize<Checkpoint>(File.ReadAllBytes(path));
            return read is not null && string.Equals(read.Fingerprint, fingerprint, StringComparison.Ordinal) ? read : Beginning;
        }
        catch (Exception fault) when (fault is IOException or JsonException or UnauthorizedAccessException)
        {
            return Beginning;
        }
    }

    public Checkpoint Beginning => new(fingerprint, 0, 0, 0);

    // Replaced whole, so a kill leaves this one or the one before: then a batch is offered twice, which its ids make harmless.
    public void Write(long rows, long added, long repeated)
    {
        if (_unwritable)
        {
            return;
        }

        try
        {
            File.WriteAllBytes(path + ".tmp", JsonSerializer.SerializeToUtf8Bytes(new Checkpoint(fingerprint, rows, added, repeated)));
            File.Move(path + ".tmp", path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Going on later is then slower, not wrong; a folder that cannot be written is no reason to stop.
            _unwritable = true;
        }
    }

    public void Remove()
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }
}
