using Kindred.Cli;
using Kindred.Settings;

namespace Kindred.Hosting;

/// <summary>A server's hold on its data folder. The lock dies with the process, so nothing needs clearing after a crash.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream? _lock;

    private DataFolder(FileStream? held) => _lock = held;

    /// <summary>Makes the folder where it is missing, readable by its owner only.</summary>
    public static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Takes the folder for one server. On PostgreSQL servers may share it.</summary>
    /// <exception cref="CommandException">Another server has it.</exception>
    public static DataFolder Open(LoadedSettings loaded)
    {
        Make(loaded.DataFolder);
        if (loaded.Settings.Database.ConnectionString.Length > 0)
        {
            return new DataFolder(null);
        }

        try
        {
            return new DataFolder(new FileStream(Path.Combine(loaded.DataFolder, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            throw new CommandException(
                ExitCode.Failed,
                $"Another server already uses {loaded.DataFolder}.",
                "Give each server its own --data, or a PostgreSQL connection string to share.");
        }
    }

    public void Dispose() => _lock?.Dispose();
}
