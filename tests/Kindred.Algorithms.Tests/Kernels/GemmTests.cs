using Kindred.Algorithms.Kernels;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Kernels;

/// <summary>Every path against one fused chain a number; the wide path runs everywhere, the runtime splits its registers where it must.</summary>
public class GemmTests
{
    private const float Gap = -12345;

    [Fact]
    public void Worked_example_of_the_page()
    {
        var c = new float[4];
        var a = new MatrixView([1, 2, 3, 4], 2, 2, 2);
        Gemm.Multiply(a, new MatrixView([5, 6, 7, 8], 2, 2, 2), c, 2);
        c.ShouldBe([19f, 22, 43, 50]);
        Gemm.Gram(a, c, 2);
        c.ShouldBe([10f, 14, 14, 20]);
    }

    [Theory]
    [InlineData((int)SimdPath.Plain)]
    [InlineData((int)SimdPath.Vector256)]
    [InlineData((int)SimdPath.Vector512)]
    public void Product_of_any_shape_is_one_fused_chain_a_number(int path)
    {
        var random = new Random(path);
        for (var length = 0; length <= 67; length++)
        {
            Check(random, length, random.Next(68), random.Next(68), path);
            Check(random, random.Next(68), length, random.Next(68), path);
            Check(random, random.Next(68), random.Next(68), length, path);
        }
    }

    [Theory]
    [InlineData((int)SimdPath.Vector256, 100, 30, 700)]
    [InlineData((int)SimdPath.Vector256, 7, 2100, 20)]
    [InlineData((int)SimdPath.Vector512, 205, 40, 300)]
    [InlineData((int)SimdPath.Plain, 130, 5, 513)]
    public void Products_larger_than_a_panel_are_the_same_chain(int path, int rows, int columns, int inner) => Check(new Random(rows), rows, columns, inner, path);

    [Theory]
    [InlineData((int)SimdPath.Plain)]
    [InlineData((int)SimdPath.Vector256)]
    [InlineData((int)SimdPath.Vector512)]
    public void Gram_matrix_has_both_triangles_of_the_product_with_its_transpose(int path)
    {
        var random = new Random(path);
        foreach (var (rows, columns) in Enumerable.Range(0, 68).Select(k => (random.Next(68), k)).Append((270, 199)).Append((33, 230)))
        {
            var offset = random.Next(4);
            var stride = columns + random.Next(4);
            var a = Numbers(random, (rows * stride) + offset);
            var view = new MatrixView(a.AsSpan(offset), rows, columns, stride);
            var gram = new float[columns * (columns + 1)];
            gram.AsSpan().Fill(Gap);
            Gemm.Gram(view, gram, columns + 1, 1 + random.Next(3), (SimdPath)path);
            var expected = new float[columns * (columns + 1)];
            expected.AsSpan().Fill(Gap);
            Gemm.Multiply(view.Transposed, view, expected, columns + 1, add: false, threads: 1, SimdPath.Plain);
            Bits(gram).ShouldBe(Bits(expected), $"{rows} x {columns}");
        }
    }

    [Theory]
    [InlineData((int)SimdPath.Plain)]
    [InlineData((int)SimdPath.Vector256)]
    [InlineData((int)SimdPath.Vector512)]
    public void Numbers_that_are_not_finite_reach_their_row_and_column_and_no_other(int path)
    {
        for (var place = 0; place < 20; place++)
        {
            var a = Enumerable.Repeat(1f, 20 * 9).ToArray();
            var b = Enumerable.Repeat(1f, 9 * 35).ToArray();
            a[(place * 9) + (place % 9)] = float.NaN;
            b[(place % 9 * 35) + place + 15] = float.PositiveInfinity;
            var c = new float[20 * 35];
            Gemm.Multiply(new MatrixView(a, 20, 9, 9), new MatrixView(b, 9, 35, 35), c, 35, add: false, threads: 1, (SimdPath)path);
            for (var cell = 0; cell < c.Length; cell++)
            {
                var expected = cell / 35 == place ? float.NaN : cell % 35 == place + 15 ? float.PositiveInfinity : 9f;
                c[cell].ShouldBe(expected, $"cell {cell}");
            }
        }
    }

    [Fact]
    public void Threads_change_no_bit()
    {
        var random = new Random(5);
        float[] a = Numbers(random, 400 * 300), b = Numbers(random, 300 * 250);
        var one = new float[400 * 250];
        Gemm.Multiply(new MatrixView(a, 400, 300, 300), new MatrixView(b, 300, 250, 250), one, 250);
        foreach (var threads in (int[])[2, 3, 7])
        {
            var many = new float[400 * 250];
            Gemm.Multiply(new MatrixView(a, 400, 300, 300), new MatrixView(b, 300, 250, 250), many, 250, threads: threads);
            Bits(many).ShouldBe(Bits(one));
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_with_their_numbers()
    {
        var numbers = new float[12];
        Should.Throw<ArgumentException>(() => _ = new MatrixView(numbers, 4, 4, 4).Rows).Message.ShouldContain("12 numbers hold no 4 x 4");
        Should.Throw<ArgumentException>(() => _ = new MatrixView(numbers, 2, 4, 3).Rows).Message.ShouldContain("rows 3 apart");
        Should.Throw<ArgumentException>(() => Gemm.Multiply(new MatrixView(numbers, 3, 4, 4), new MatrixView(numbers, 3, 4, 4), new float[12], 4)).Message.ShouldContain("3 x 4 times 3 x 4");
        Should.Throw<ArgumentException>(() => Gemm.Multiply(new MatrixView(numbers, 3, 4, 4), new MatrixView(numbers, 4, 3, 3), new float[8], 3)).Message.ShouldContain("8 numbers");
        Should.Throw<ArgumentOutOfRangeException>(() => Gemm.Gram(new MatrixView(numbers, 3, 4, 4), new float[16], 4, threads: 0));
    }

    private static void Check(Random random, int rows, int columns, int inner, int path)
    {
        // Transposed sides, odd starts and gaps between the rows by chance; gaps keep what they hold.
        bool leftTurned = random.Next(2) == 1, rightTurned = random.Next(2) == 1, add = random.Next(2) == 1;
        int leftOffset = random.Next(4), rightOffset = random.Next(4), offset = random.Next(4), gap = random.Next(3);
        var (leftRows, leftColumns) = leftTurned ? (inner, rows) : (rows, inner);
        var (rightRows, rightColumns) = rightTurned ? (columns, inner) : (inner, columns);
        var a = Numbers(random, (leftRows * (leftColumns + gap)) + leftOffset);
        var b = Numbers(random, (rightRows * (rightColumns + gap)) + rightOffset);
        var left = new MatrixView(a.AsSpan(leftOffset), leftRows, leftColumns, leftColumns + gap);
        var right = new MatrixView(b.AsSpan(rightOffset), rightRows, rightColumns, rightColumns + gap);
        var stride = columns + gap;
        var actual = Numbers(random, (rows * stride) + offset);
        var expected = (float[])actual.Clone();
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                ref var sum = ref expected[offset + (i * stride) + j];
                sum = add ? sum : 0;
                for (var k = 0; k < inner; k++)
                {
                    var x = a[leftOffset + (leftTurned ? (k * (leftColumns + gap)) + i : (i * (leftColumns + gap)) + k)];
                    var y = b[rightOffset + (rightTurned ? (j * (rightColumns + gap)) + k : (k * (rightColumns + gap)) + j)];
                    sum = MathF.FusedMultiplyAdd(x, y, sum);
                }
            }
        }

        Gemm.Multiply(leftTurned ? left.Transposed : left, rightTurned ? right.Transposed : right, actual.AsSpan(offset), stride, add, 1 + random.Next(3), (SimdPath)path);
        Bits(actual).ShouldBe(Bits(expected), $"{rows} x {inner} x {columns}");
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
