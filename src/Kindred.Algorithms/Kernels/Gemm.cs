namespace Kindred.Algorithms.Kernels;

/// <summary>
/// Products of dense matrices in single precision. Both sides are packed into panels that fit the caches and multiplied by a tile kernel that
/// keeps its sums in registers (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008). Every number of the result
/// is one chain of fused operations in ascending order of the inner index, so path, blocking and threads change no bit.
/// <para><b>Cost</b>: rows x columns x inner fused operations; scratch is pooled. NaN and infinities go where arithmetic takes them.
/// How it works and how fast: <c>docs/algorithms/kernels.md</c>.</para>
/// </summary>
public static unsafe class Gemm
{
    /// <summary>Writes left x right, <b>[left.Rows x right.Columns]</b>, or adds it to what is there.</summary>
    /// <param name="left"><b>[rows x inner]</b>.</param>
    /// <param name="right"><b>[inner x columns]</b>.</param>
    /// <param name="to"><b>[rows x columns]</b>; numbers between the rows are left alone. Must not overlap the sides.</param>
    /// <param name="stride">Distance of two rows of <paramref name="to"/>, at least the columns.</param>
    /// <param name="add">Whether what is there counts.</param>
    /// <param name="threads">1 or more.</param>
    /// <exception cref="ArgumentException">The shapes do not fit together.</exception>
    public static void Multiply(in MatrixView left, in MatrixView right, Span<float> to, int stride, bool add = false, int threads = 1) =>
        Multiply(left, right, to, stride, add, threads, Simd.Path);

    /// <summary>Writes rows^T x rows, <b>[columns x columns]</b>, both triangles, at half the price of <see cref="Multiply(in MatrixView, in MatrixView, Span{float}, int, bool, int)"/>.</summary>
    /// <param name="rows"><b>[rows x columns]</b>.</param>
    /// <param name="to"><b>[columns x columns]</b>. Must not overlap the rows.</param>
    /// <param name="stride">Distance of two rows of <paramref name="to"/>, at least the columns.</param>
    /// <param name="threads">1 or more.</param>
    /// <exception cref="ArgumentException">The shapes do not fit together.</exception>
    public static void Gram(in MatrixView rows, Span<float> to, int stride, int threads = 1) => Gram(rows, to, stride, threads, Simd.Path);

    internal static void Multiply(in MatrixView left, in MatrixView right, Span<float> to, int stride, bool add, int threads, SimdPath path)
    {
        if (left.Columns != right.Rows)
        {
            throw new ArgumentException($"{left.Rows} x {left.Columns} times {right.Rows} x {right.Columns}: the inner sides differ.", nameof(right));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        MatrixView.CheckShape(to.Length, left.Rows, right.Columns, stride);
        fixed (float* a = left.Values, b = right.Values, c = to)
        {
            var task = new GemmTask(new(a, left.RowStep, left.ColumnStep), new(b, right.RowStep, right.ColumnStep), c, stride, left.Columns, add, lowerOnly: false, path);
            task.Run(left.Rows, right.Columns, threads, default);
        }
    }

    internal static void Gram(in MatrixView rows, Span<float> to, int stride, int threads, SimdPath path)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var n = rows.Columns;
        MatrixView.CheckShape(to.Length, n, n, stride);
        fixed (float* a = rows.Values, c = to)
        {
            var task = new GemmTask(new(a, rows.ColumnStep, rows.RowStep), new(a, rows.RowStep, rows.ColumnStep), c, stride, rows.Rows, add: false, lowerOnly: true, path);
            task.Run(n, n, threads, default);
        }

        for (var row = 0; row < n; row++)
        {
            for (var column = row + 1; column < n; column++)
            {
                to[(row * stride) + column] = to[(column * stride) + row];
            }
        }
    }
}
