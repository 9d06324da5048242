using System.Runtime.InteropServices;

namespace Kindred.Algorithms.Files;

/// <summary>A folder whose entries are to survive a power cut.</summary>
internal static partial class Folder
{
    /// <summary>
    /// Makes a rename inside the folder durable. .NET opens no folders, hence the three calls; Windows writes names through by itself, and a
    /// file system that cannot sync a folder (some network mounts) has nothing more to offer, so a failure is not an error.
    /// </summary>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

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
