namespace Kindred.Algorithms.Decomposition;

/// <summary>Eigenvalues and vectors of a small symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, section 8.5). O(n³) per sweep.</summary>
internal static class SymmetricEigen
{
    private const int MaxSweeps = 60;

    /// <summary>
    /// Eigenvalues, descending, <b>[n]</b>, and the vectors as columns in the same order, <b>[n x n]</b>. Of equal values the order is that of the
    /// diagonal they ended on.
    /// </summary>
    public static (double[] Values, double[] Vectors) Decompose(double[] symmetric, int n)
    {
        var a = (double[])symmetric.Clone();
        var v = new double[n * n];
        for (var f = 0; f < n; f++)
        {
            v[(f * n) + f] = 1;
        }

        for (var sweep = 0; sweep < MaxSweeps && !IsDiagonal(a, n); sweep++)
        {
            for (var p = 0; p < n; p++)
            {
                for (var q = p + 1; q < n; q++)
                {
                    Rotate(a, v, n, p, q);
                }
            }
        }

        var order = Enumerable.Range(0, n).OrderByDescending(f => a[(f * n) + f]).ToArray();
        var vectors = new double[n * n];
        for (var to = 0; to < n; to++)
        {
            for (var f = 0; f < n; f++)
            {
                vectors[(f * n) + to] = v[(f * n) + order[to]];
            }
        }

        return (Array.ConvertAll(order, f => Math.Max(0, a[(f * n) + f])), vectors);
    }

    private static bool IsDiagonal(double[] a, int n)
    {
        double off = 0, on = 0;
        for (var p = 0; p < n; p++)
        {
            on += a[(p * n) + p] * a[(p * n) + p];
            for (var q = p + 1; q < n; q++)
            {
                off += a[(p * n) + q] * a[(p * n) + q];
            }
        }

        return off <= on * 1e-30;
    }

    private static void Rotate(double[] a, double[] v, int n, int p, int q)
    {
        var off = a[(p * n) + q];
        if (Math.Abs(off) < double.Epsilon)
        {
            return;
        }

        var theta = (a[(q * n) + q] - a[(p * n) + p]) / (2 * off);
        var t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        var c = 1 / Math.Sqrt((t * t) + 1);
        var s = t * c;
        for (var k = 0; k < n; k++)
        {
            (a[(k * n) + p], a[(k * n) + q]) = ((c * a[(k * n) + p]) - (s * a[(k * n) + q]), (s * a[(k * n) + p]) + (c * a[(k * n) + q]));
        }

        for (var k = 0; k < n; k++)
        {
            (a[(p * n) + k], a[(q * n) + k]) = ((c * a[(p * n) + k]) - (s * a[(q * n) + k]), (s * a[(p * n) + k]) + (c * a[(q * n) + k]));
            (v[(k * n) + p], v[(k * n) + q]) = ((c * v[(k * n) + p]) - (s * v[(k * n) + q]), (s * v[(k * n) + p]) + (c * v[(k * n) + q]));
        }
    }
}
