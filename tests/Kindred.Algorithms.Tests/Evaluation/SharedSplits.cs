using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Tests.Evaluation;

/// <summary>The splits all programs are judged on, where they lie beside the repository.</summary>
internal static class SharedSplits
{
    private static readonly string? s_folder = Find();

    public static bool Has(string dataset) => s_folder is not null && Directory.Exists(Path.Combine(s_folder, dataset));

    /// <summary>Train and test with one numbering, and the rank of the items' ids.</summary>
    public static (Interactions Train, Interactions Test, int[] TieOrder) Load(string dataset, string protocol)
    {
        var users = new IdMap();
        var items = new IdMap();
        var train = Read($"{protocol}_train.csv");
        var test = Read($"{protocol}_test.csv");
        return (new Interactions(train.Build(users.Count, items.Count)), new Interactions(test.Build(users.Count, items.Count)), items.Order());

        CsrBuilder Read(string file)
        {
            var builder = new CsrBuilder();
            foreach (var line in File.ReadLines(Path.Combine(s_folder!, dataset, file)).Skip(1))
            {
                var fields = line.Split(',');
                builder.Add(users.Add(fields[0]), items.Add(fields[1]), 1);
            }

            return builder;
        }
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var splits = Path.Combine(folder.FullName, "shared", "data", "splits");
            if (Directory.Exists(splits))
            {
                return splits;
            }
        }

        return null;
    }
}
