using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Sparse;

public sealed class CsrMatrixTests
{
    [Fact]
    public void Transpose_swaps_rows_and_columns_and_back_again()
    {
        var matrix = new CsrMatrix(4, [0, 2, 2, 3], [1, 3, 1], [5, 6, 7]);
        var transpose = matrix.Transpose();
        transpose.Rows.ShouldBe(4);
        transpose.Columns.ShouldBe(3);
        transpose.RowStarts.ToArray().ShouldBe([0L, 0, 2, 2, 3]);
        transpose.AllColumns.ToArray().ShouldBe([0, 2, 0]);
        transpose.AllValues.ToArray().ShouldBe([5f, 7, 6]);
        transpose.Transpose().AllValues.ToArray().ShouldBe(matrix.AllValues.ToArray());
    }

    [Fact]
    public void Cells_are_found_and_absent_ones_are_zero()
    {
        var matrix = new CsrMatrix(4, [0, 2, 2, 3], [1, 3, 1], [5, 6, 7]);
        matrix.ValueAt(0, 3).ShouldBe(6);
        matrix.ValueAt(0, 2).ShouldBe(0);
        matrix.ValueAt(1, 1).ShouldBe(0);
        matrix.RowLength(2).ShouldBe(1);
    }

    [Theory]
    [InlineData(3, new long[] { 0, 2 }, new[] { 0 }, new[] { 1f })]
    [InlineData(3, new long[] { 0, 1 }, new[] { 0, 1 }, new[] { 1f, 1f })]
    [InlineData(3, new long[] { 1, 1 }, new[] { 0 }, new[] { 1f })]
    [InlineData(3, new long[] { 0, 1 }, new[] { 0 }, new[] { 1f, 2f })]
    [InlineData(3, new long[] { 0, 2, 1 }, new[] { 0 }, new[] { 1f })]
    [InlineData(3, new long[] { 0, 5, 1 }, new[] { 0 }, new[] { 1f })]
    [InlineData(3, new long[] { 0, 2 }, new[] { 1, 0 }, new[] { 1f, 1f })]
    [InlineData(3, new long[] { 0, 2 }, new[] { 1, 1 }, new[] { 1f, 1f })]
    [InlineData(3, new long[] { 0, 1 }, new[] { 3 }, new[] { 1f })]
    [InlineData(3, new long[] { 0, 1 }, new[] { -1 }, new[] { 1f })]
    [InlineData(3, new long[] { 0, 1 }, new[] { 0 }, new[] { float.NaN })]
    [InlineData(3, new long[] { }, new int[] { }, new float[] { })]
    public void Arrays_that_are_no_matrix_are_refused(int columnCount, long[] starts, int[] columns, float[] values) =>
        Should.Throw<ArgumentException>(() => new CsrMatrix(columnCount, starts, columns, values));
}
