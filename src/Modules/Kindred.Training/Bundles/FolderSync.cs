using System.Runtime.InteropServices;

namespace Kindred.Training.Bundles;

/// <summary>Makes a rename inside a folder durable; .NET opens no folders by itself.</summary>
internal static partial class FolderSync
{
    public static void Flush(string folder)
    {
        var handle = OpenFolder(folder, 0);
        if (handle >= 0)
        {
            _ = SyncFile(handle);
            _ = CloseFile(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int SyncFile(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int handle);
}
