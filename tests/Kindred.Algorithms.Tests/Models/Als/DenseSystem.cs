namespace Kindred.Algorithms.Tests.Models.Als;

/// <summary>Linear equations the way one learns it at school.</summary>
internal static class DenseSystem
{
    /// <summary>Solves <b>[n x (n + 1)]</b>, the right side in the last column.</summary>
    public static double[] Solve(double[,] system)
    {
        var n = system.GetLength(0);
        for (var pivot = 0; pivot < n; pivot++)
        {
            for (var row = 0; row < n; row++)
            {
                var ratio = row == pivot ? 0 : system[row, pivot] / system[pivot, pivot];
                for (var column = pivot; column <= n && row != pivot; column++)
                {
                    system[row, column] -= ratio * system[pivot, column];
                }
            }
        }

        return [.. Enumerable.Range(0, n).Select(k => system[k, n] / system[k, k])];
    }
}
