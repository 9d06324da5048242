using Kindred.Algorithms.Sparse;

namespace Kindred.Speed;

/// <summary>A split's <c>p1_train.csv</c> and <c>p1_test.csv</c>: user, item, ... with a header; every row is one positive.</summary>
internal static class Split
{
    public static (Interactions Train, Interactions Test, int[] TieOrder) Read(string folder)
    {
        var users = new IdMap();
        var items = new IdMap();
        var train = File("p1_train.csv");
        var test = File("p1_test.csv");
        return (new Interactions(train.Build(users.Count, items.Count)), new Interactions(test.Build(users.Count, items.Count)), items.Order());

        CsrBuilder File(string name)
        {
            var builder = new CsrBuilder();
            foreach (var line in System.IO.File.ReadLines(Path.Combine(folder, name)).Skip(1))
            {
                var fields = line.Split(',');
                builder.Add(users.Add(fields[0]), items.Add(fields[1]), 1);
            }

            return builder;
        }
    }
}
