using Kindred.Algorithms.Decomposition;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Decomposition;

public sealed class PcaTests
{
    private static readonly TrainingContext s_context = new() { Threads = 2 };

    [Fact]
    public void Example_of_the_page()
    {
        float[] rows = [13, 24, 7, 16, 12, 18.5f, 8, 21.5f];
        var pca = Pca.Fit(rows, 2, new PcaOptions(), s_context);
        pca.Means.ToArray().ShouldBe([10, 20]);
        pca.Component(0).ToArray().ShouldBe([0.6, 0.8], 1e-9);
        pca.Component(1).ToArray().ShouldBe([0.8, -0.6], 1e-9);
        pca.Variances.ToArray().ShouldBe([50 / 3.0, 12.5 / 3], 1e-9);
        pca.TotalVariance.ShouldBe(62.5 / 3, 1e-9);
        pca.Transform(rows).ShouldBe([5, 0, -5, 0, 0, 2.5f, 0, -2.5f], 1e-5);
    }

    [Theory]
    [InlineData(60, 12)]
    [InlineData(12, 60)]
    public void Components_are_those_of_a_slow_reference(int count, int columns)
    {
        var rows = Rows(count, columns, 4);
        var pca = Pca.Fit(rows, columns, new PcaOptions { Components = 5 }, s_context);
        var (variances, components) = Reference(rows, columns, 5);
        pca.Variances.ToArray().ShouldBe(variances, 1e-6);
        for (var k = 0; k < 5; k++)
        {
            pca.Component(k).ToArray().ShouldBe(components[k], 1e-4);
            components[k].Max(Math.Abs).ShouldBe(components[k].Max(), 1e-9, "the largest coordinate is positive");
        }
    }

    [Fact]
    public void Wide_rows_are_approximated_closely()
    {
        // 300 x 200 with a slow decay behind the first few: more directions than are searched.
        var rows = Rows(300, 200, 9);
        var pca = Pca.Fit(rows, 200, new PcaOptions { Components = 3, Oversampling = 5, PowerIterations = 8 }, s_context);
        var (variances, _) = Reference(rows, 200, 3);
        for (var k = 0; k < 3; k++)
        {
            pca.Variances[k].ShouldBe(variances[k], variances[k] * 1e-3);
        }
    }

    [Fact]
    public void Components_are_orthonormal_and_coordinates_have_their_variances()
    {
        var rows = Rows(90, 30, 2);
        var pca = Pca.Fit(rows, 30, new PcaOptions { Components = 6 }, s_context);
        for (var a = 0; a < 6; a++)
        {
            for (var b = 0; b < 6; b++)
            {
                Enumerable.Range(0, 30).Sum(column => pca.Component(a)[column] * pca.Component(b)[column]).ShouldBe(a == b ? 1 : 0, 1e-9);
            }
        }

        var coordinates = pca.Transform(rows);
        for (var k = 0; k < 6; k++)
        {
            var along = Enumerable.Range(0, 90).Select(row => (double)coordinates[(row * 6) + k]).ToArray();
            along.Average().ShouldBe(0, 1e-5);
            (along.Sum(x => x * x) / 89).ShouldBe(pca.Variances[k], 1e-4);
        }
    }

    [Fact]
    public void Same_seed_gives_the_same_bits_for_any_number_of_threads_sparse_or_dense()
    {
        var rows = Rows(3000, 40, 3);
        for (var k = 0; k < rows.Length; k++)
        {
            rows[k] = k % 3 == 0 ? rows[k] : 0;
        }

        var builder = new CsrBuilder();
        for (var k = 0; k < rows.Length; k += 3)
        {
            builder.Add(k / 40, k % 40, rows[k]);
        }

        var expected = Pca.Fit(rows, 40, new PcaOptions { Components = 4 }, s_context);
        foreach (var threads in (int[])[1, 3, 8])
        {
            var actual = Pca.Fit(builder.Build(3000, 40), new PcaOptions { Components = 4 }, new TrainingContext { Threads = threads });
            actual.Variances.ToArray().ShouldBe(expected.Variances.ToArray());
            actual.Component(3).ToArray().ShouldBe(expected.Component(3).ToArray());
        }
    }

    [Fact]
    public void Behind_the_rank_there_is_nothing()
    {
        // All rows on one line.
        var pca = Pca.Fit([1, 2, 3, 2, 4, 6, 3, 6, 9, 5, 10, 15], 3, new PcaOptions { Components = 3 }, s_context);
        pca.Variances[0].ShouldBe(pca.TotalVariance, 1e-9);
        pca.Variances[1..].ToArray().ShouldBe([0, 0]);
        pca.Component(1).ToArray().ShouldBe([0, 0, 0]);

        var same = Pca.Fit([4, 5, 4, 5, 4, 5], 2, new PcaOptions(), s_context);
        same.Variances.ToArray().ShouldBe([0, 0]);
        same.Transform([4, 5]).ShouldBe([0, 0]);
    }

    [Fact]
    public void Wrong_input_is_refused_with_the_numbers()
    {
        Should.Throw<ArgumentException>(() => Pca.Fit([1, 2, 3], 2, new PcaOptions(), s_context)).Message.ShouldContain("3 numbers");
        Should.Throw<ArgumentException>(() => Pca.Fit([1, 2], 2, new PcaOptions(), s_context)).Message.ShouldContain("1 x 2");
        Should.Throw<ArgumentException>(() => Pca.Fit([1, float.NaN], 1, new PcaOptions(), s_context)).Message.ShouldContain("finite");
        var pca = Pca.Fit([1, 2, 3, 5], 2, new PcaOptions(), s_context);
        Should.Throw<ArgumentException>(() => pca.Transform(new CsrBuilder().Build(1, 3))).Message.ShouldContain("not of 3");
        Should.Throw<ArgumentException>(() => pca.Component(2));
        Should.Throw<ArgumentOutOfRangeException>(() => new PcaOptions { Components = 0 }).ParamName.ShouldBe("components");
        Should.Throw<ArgumentOutOfRangeException>(() => new PcaOptions { Oversampling = -1 }).ParamName.ShouldBe("oversampling");
        Should.Throw<ArgumentOutOfRangeException>(() => new PcaOptions { PowerIterations = 101 }).ParamName.ShouldBe("power_iterations");
    }

    [Fact]
    public void Cancelled_fit_ends()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Should.Throw<OperationCanceledException>(() => Pca.Fit(Rows(20, 5, 1), 5, new PcaOptions(), new TrainingContext { Cancellation = cancelled.Token }));
    }

    /// <summary>One component after another by power iteration on the filled covariance, each taken off before the next.</summary>
    private static (double[] Variances, double[][] Components) Reference(float[] rows, int columns, int components)
    {
        var count = rows.Length / columns;
        var means = Enumerable.Range(0, columns).Select(f => Enumerable.Range(0, count).Average(row => (double)rows[(row * columns) + f])).ToArray();
        var covariance = new double[columns, columns];
        for (var f = 0; f < columns; f++)
        {
            for (var g = 0; g < columns; g++)
            {
                for (var row = 0; row < count; row++)
                {
                    covariance[f, g] += (rows[(row * columns) + f] - means[f]) * (rows[(row * columns) + g] - means[g]) / (count - 1);
                }
            }
        }

        var variances = new double[components];
        var found = new double[components][];
        for (var k = 0; k < components; k++)
        {
            var vector = Enumerable.Range(0, columns).Select(f => 1.0 + (f * 0.37 % 1)).ToArray();
            for (var round = 0; round < 3000; round++)
            {
                vector = [.. Enumerable.Range(0, columns).Select(f => Enumerable.Range(0, columns).Sum(g => covariance[f, g] * vector[g]))];
                var length = Math.Sqrt(vector.Sum(x => x * x));
                variances[k] = length;
                vector = Array.ConvertAll(vector, x => x / length);
            }

            var sign = Math.Sign(vector.MaxBy(Math.Abs));
            found[k] = Array.ConvertAll(vector, x => x * sign);
            for (var f = 0; f < columns; f++)
            {
                for (var g = 0; g < columns; g++)
                {
                    covariance[f, g] -= variances[k] * vector[f] * vector[g];
                }
            }
        }

        return (variances, found);
    }

    /// <summary>Random rows with a mean and columns of falling size, mixed pairwise.</summary>
    private static float[] Rows(int count, int columns, int seed)
    {
        var random = new Random(seed);
        var rows = new float[count * columns];
        for (var row = 0; row < count; row++)
        {
            for (var f = 0; f < columns; f++)
            {
                var fresh = (random.NextDouble() - 0.5) * 20 * Math.Pow(0.7, Math.Min(f, 12));
                rows[(row * columns) + f] = (float)(3 + fresh + (f > 0 ? 0.5 * (rows[(row * columns) + f - 1] - 3) : 0));
            }
        }

        return rows;
    }
}
