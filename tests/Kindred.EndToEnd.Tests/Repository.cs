namespace Kindred.EndToEnd.Tests;

/// <summary>The checkout these tests were built from, and what may lie beside it.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Real data sets, present only where Kindred is developed.</summary>
    public static string? SharedData
    {
        get
        {
            var folder = Path.GetFullPath(Path.Combine(Root, "..", "shared", "data"));
            return Directory.Exists(folder) ? folder : null;
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Kindred.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("These tests run from within a checkout.");
    }
}
