using Kindred.Algorithms.Clustering;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Clustering;

public sealed class KMeansTests
{
    private static readonly TrainingContext s_context = new() { Threads = 2 };

    [Fact]
    public void Example_of_the_page()
    {
        var fit = KMeans.Fit([0, 1, 5, 6, 5], 1, new KMeansOptions { Clusters = 2 }, s_context);
        var low = fit.Labels[0];
        fit.Labels.ShouldBe([low, low, 1 - low, 1 - low, 1 - low]);
        fit.Model.Centre(low, 0).ShouldBe(0.5f);
        fit.Model.Centre(1 - low, 0).ShouldBe(16 / 3f, 1e-6f);
        fit.Inertia.ShouldBe(7 / 6.0, 1e-6);
        fit.Silhouette.ShouldBe(0.904301, 1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(33)]
    public void Bounds_change_nothing_but_the_work(int clusters)
    {
        foreach (var rows in (ClusterRows[])[KMeans.Collapse(Texts(5000, 80, 3), s_context), KMeans.Collapse(Blobs(5000, 6, 11, 2), 6, s_context)])
        {
            var options = new KMeansOptions { Clusters = clusters, Tolerance = 0 };
            var (plain, all) = KMeans.Fit(rows, options, s_context, useBounds: false);
            var (bounded, some) = KMeans.Fit(rows, options, s_context, useBounds: true);
            ShouldBeSame(bounded, plain);
            all.ShouldBe((long)rows.Count * plain.Iterations);
            if (clusters > 1 && plain.Iterations > 5)
            {
                some.ShouldBeLessThan(all * 3 / 4);
            }
        }
    }

    [Fact]
    public void Same_seed_gives_the_same_bits_for_any_number_of_threads()
    {
        var rows = Texts(9000, 80, 5);
        var dense = Blobs(9000, 5, 9, 6);
        var options = new KMeansOptions { Clusters = 9, Restarts = 2 };
        foreach (var threads in (int[])[1, 3, 8])
        {
            ShouldBeSame(KMeans.Fit(rows, options, new TrainingContext { Threads = threads }), KMeans.Fit(rows, options, s_context));
            ShouldBeSame(KMeans.Fit(dense, 5, options, new TrainingContext { Threads = threads }), KMeans.Fit(dense, 5, options, s_context));
        }
    }

    [Fact]
    public void Sparse_and_dense_rows_give_the_same_bits()
    {
        var rows = Texts(800, 30, 4);
        var dense = new float[rows.Rows * rows.Columns];
        for (var row = 0; row < rows.Rows; row++)
        {
            for (var column = 0; column < rows.Columns; column++)
            {
                dense[(row * rows.Columns) + column] = rows.ValueAt(row, column);
            }
        }

        var options = new KMeansOptions { Clusters = 6 };
        ShouldBeSame(KMeans.Fit(dense, rows.Columns, options, s_context), KMeans.Fit(rows, options, s_context));
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(12, 2)]
    [InlineData(40, 3)]
    public void Rounds_are_those_of_a_slow_reference(int clusters, int seed)
    {
        var dense = Blobs(600, 3, 8, seed);
        var rows = KMeans.Collapse(dense, 3, s_context);
        var seeds = KMeansSeeding.Choose(rows, clusters, seed, 0, new ParallelOptions());
        seeds.ShouldBeUnique();
        var lloyd = new Lloyd(rows, seeds, useBounds: true, new ParallelOptions());
        lloyd.Run(new KMeansOptions { Tolerance = 0 }, null);
        var (labels, inertia, _) = SlowRounds(dense, 3, [.. seeds.Select(row => rows.Distinct.First[row])]);
        Array.ConvertAll(rows.Distinct.GroupOf, group => lloyd.Labels[group]).ShouldBe(labels);
        lloyd.Inertia().ShouldBe(inertia, inertia * 1e-6);
    }

    [Fact]
    public void Cluster_that_runs_empty_gets_the_farthest_row()
    {
        var emptied = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            // Bad starts on purpose: neighbouring rows of one blob, not those that k-means++ would choose.
            var dense = Blobs(60, 2, 4, seed);
            var rows = KMeans.Collapse(dense, 2, s_context);
            int[] seeds = [.. Enumerable.Range(0, 8).Select(k => (k * 4) + (seed % 3))];
            var lloyd = new Lloyd(rows, seeds, useBounds: true, new ParallelOptions());
            lloyd.Run(new KMeansOptions(), null);
            lloyd.Labels.Distinct().Count().ShouldBe(8, $"seed {seed}");
            emptied += SlowRounds(dense, 2, seeds).Empty ? 1 : 0;
        }

        emptied.ShouldBeGreaterThan(0, "or this tests nothing");
    }

    [Fact]
    public void Repeated_rows_count_as_often_as_they_come()
    {
        // 0 three times and 1 once: the mean is 1/4, far from the 10s.
        var fit = KMeans.Fit([0, 10, 0, 1, 10, 0, 10], 1, new KMeansOptions { Clusters = 2 }, s_context);
        fit.Model.Centre(fit.Labels[0], 0).ShouldBe(0.25f);
        fit.Model.Centre(fit.Labels[1], 0).ShouldBe(10f);
        fit.Inertia.ShouldBe(0.75, 1e-6);
    }

    [Fact]
    public void Fewer_distinct_rows_than_clusters_make_fewer_clusters()
    {
        var fit = KMeans.Fit([1, 1, 2, 2, 2, 3], 1, new KMeansOptions { Clusters = 5 }, s_context);
        fit.Model.Clusters.ShouldBe(3);
        fit.Inertia.ShouldBe(0, 1e-9);
        fit.Labels[0].ShouldBe(fit.Labels[1]);
        fit.Labels.Distinct().Count().ShouldBe(3);

        var empty = KMeans.Fit(new CsrBuilder().Build(4, 3), new KMeansOptions { Clusters = 5 }, s_context);
        empty.Model.Clusters.ShouldBe(1);
        empty.Labels.ShouldBe([0, 0, 0, 0]);
    }

    [Fact]
    public void Rows_too_near_to_tell_apart_are_still_started_from()
    {
        var fit = KMeans.Fit([1000000, 1000000.06f, 1000000.125f, 1000000.19f], 1, new KMeansOptions { Clusters = 4 }, s_context);
        fit.Labels.ShouldAllBe(label => label >= 0 && label < fit.Model.Clusters);
        float.IsFinite((float)fit.Inertia).ShouldBeTrue();
    }

    [Fact]
    public void Starts_are_spread()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var rows = KMeans.Collapse(Blobs(300, 4, 6, 9, apart: 100), 4, s_context);
            KMeansSeeding.Choose(rows, 6, seed, 0, new ParallelOptions()).Select(row => row % 6).Order().ToArray().ShouldBe([0, 1, 2, 3, 4, 5], $"seed {seed}");
        }
    }

    [Fact]
    public void More_starts_are_never_worse()
    {
        var better = 0;
        for (var seed = 0; seed < 10; seed++)
        {
            var rows = Texts(300, 60, seed);
            var once = KMeans.Fit(rows, new KMeansOptions { Clusters = 12 }, s_context);
            var often = KMeans.Fit(rows, new KMeansOptions { Clusters = 12, Restarts = 5 }, s_context);
            often.Inertia.ShouldBeLessThanOrEqualTo(once.Inertia);
            better += often.Inertia < once.Inertia ? 1 : 0;
        }

        better.ShouldBeGreaterThan(5);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Number_of_clusters_is_found_by_silhouette(int blobs)
    {
        var fit = KMeans.FitBest(Blobs(400, 3, blobs, 1, apart: 30), 3, 2, 9, new KMeansOptions { Restarts = 3 }, s_context);
        fit.Model.Clusters.ShouldBe(blobs);
        fit.Silhouette.ShouldBeGreaterThan(0.8);
    }

    [Fact]
    public void Silhouette_is_that_of_a_slow_reference()
    {
        var dense = Blobs(200, 3, 4, 3);
        var fit = KMeans.Fit(dense, 3, new KMeansOptions { Clusters = 6 }, s_context);
        var expected = Enumerable.Range(0, 200).Average(row =>
        {
            var distances = Enumerable.Range(0, 6).Select(c => Math.Sqrt(Enumerable.Range(0, 3).Sum(f => Math.Pow(dense[(row * 3) + f] - fit.Model.Centre(c, f), 2)))).ToArray();
            var own = distances[fit.Labels[row]];
            var other = distances.Where((_, c) => c != fit.Labels[row]).Min();
            return fit.Labels.Count(label => label == fit.Labels[row]) == 1 ? 0 : (other - own) / Math.Max(own, other);
        });
        fit.Silhouette.ShouldBe(expected, 1e-5);
    }

    [Fact]
    public void Nearest_centre_of_a_row_is_its_label()
    {
        var rows = Texts(500, 40, 6);
        var fit = KMeans.Fit(rows, new KMeansOptions { Clusters = 7 }, s_context);
        for (var row = 0; row < rows.Rows; row++)
        {
            fit.Model.Nearest(rows.RowColumns(row), rows.RowValues(row)).ShouldBe(fit.Labels[row]);
        }
    }

    [Fact]
    public void Wrong_input_is_refused_with_the_numbers()
    {
        Should.Throw<ArgumentException>(() => KMeans.Fit([1, 2, 3], 2, new KMeansOptions(), s_context)).Message.ShouldContain("3 numbers");
        Should.Throw<ArgumentException>(() => KMeans.Fit([], 2, new KMeansOptions(), s_context)).Message.ShouldContain("no rows");
        Should.Throw<ArgumentException>(() => KMeans.Fit([1, float.NaN], 1, new KMeansOptions(), s_context)).Message.ShouldContain("finite");
        Should.Throw<ArgumentException>(() => KMeans.FitBest([1, 2], 1, 1, 4, new KMeansOptions(), s_context)).Message.ShouldContain("1 to 4");
        Should.Throw<ArgumentOutOfRangeException>(() => new KMeansOptions { Clusters = 0 }).ParamName.ShouldBe("clusters");
        Should.Throw<ArgumentOutOfRangeException>(() => new KMeansOptions { MaxIterations = 0 }).ParamName.ShouldBe("max_iterations");
        Should.Throw<ArgumentOutOfRangeException>(() => new KMeansOptions { Tolerance = double.NaN }).ParamName.ShouldBe("tolerance");
        Should.Throw<ArgumentOutOfRangeException>(() => new KMeansOptions { Restarts = 0 }).ParamName.ShouldBe("restarts");
        var model = KMeans.Fit([1, 2], 1, new KMeansOptions { Clusters = 2 }, s_context).Model;
        Should.Throw<ArgumentException>(() => model.Nearest([0], [1, 2])).Message.ShouldContain("2 values");
        Should.Throw<ArgumentException>(() => model.Nearest([1], [1]));
        Should.Throw<ArgumentException>(() => model.Centre(2, 0));
    }

    [Fact]
    public void Cancelled_fit_ends()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Should.Throw<OperationCanceledException>(() =>
            KMeans.Fit(Texts(50, 20, 1), new KMeansOptions(), new TrainingContext { Cancellation = cancelled.Token }));
    }

    private static void ShouldBeSame(KMeansResult actual, KMeansResult expected)
    {
        actual.Labels.ShouldBe(expected.Labels);
        actual.Model.Table.SequenceEqual(expected.Model.Table).ShouldBeTrue("centres differ");
        actual.Inertia.ShouldBe(expected.Inertia);
        actual.Iterations.ShouldBe(expected.Iterations);
        actual.Silhouette.ShouldBe(expected.Silhouette);
    }

    private static (int[] Labels, double Inertia, bool Empty) SlowRounds(float[] dense, int columns, int[] seeds)
    {
        var count = dense.Length / columns;
        var centres = seeds.Select(row => Enumerable.Range(0, columns).Select(f => (double)dense[(row * columns) + f]).ToArray()).ToArray();
        int[]? labels = null;
        var empty = false;
        while (true)
        {
            var next = Enumerable.Range(0, count).Select(row => Enumerable.Range(0, centres.Length).MinBy(c => Squared(row, c))).ToArray();
            if (labels is not null && next.SequenceEqual(labels))
            {
                return (labels, Enumerable.Range(0, count).Sum(row => Squared(row, labels[row])), empty);
            }

            labels = next;
            for (var c = 0; c < centres.Length; c++)
            {
                var members = Enumerable.Range(0, count).Where(row => labels[row] == c).ToArray();
                empty |= members.Length == 0;
                for (var f = 0; f < columns && members.Length > 0; f++)
                {
                    centres[c][f] = members.Average(row => (double)dense[(row * columns) + f]);
                }
            }
        }

        double Squared(int row, int c) => Enumerable.Range(0, columns).Sum(f => Math.Pow(dense[(row * columns) + f] - centres[c][f], 2));
    }

    /// <summary>Row r lies near the centre of blob r modulo the blobs.</summary>
    private static float[] Blobs(int rows, int columns, int blobs, int seed, double apart = 6)
    {
        var random = new Random(seed);
        var centres = Enumerable.Range(0, blobs * columns).Select(_ => random.NextDouble() * apart).ToArray();
        for (var blob = 0; blob < blobs; blob++)
        {
            // However the numbers fall, no two blobs meet where they are meant to be apart.
            centres[blob * columns] += blob * apart;
        }

        var values = new float[rows * columns];
        for (var k = 0; k < values.Length; k++)
        {
            var (row, column) = (k / columns, k % columns);
            values[k] = (float)(centres[(row % blobs * columns) + column] + random.NextDouble() + random.NextDouble() - 1);
        }

        return values;
    }

    /// <summary>Rows like those of short texts: a few words of one of ten subjects, some common ones, scaled to length 1; some rows repeat.</summary>
    private static CsrMatrix Texts(int rows, int words, int seed)
    {
        var random = new Random(seed);
        var builder = new CsrBuilder();
        for (var row = 0; row < rows; row++)
        {
            var subject = random.Next(10);
            var chosen = Enumerable.Range(0, 5).Select(_ => random.Next(4) == 0 ? random.Next(words) : (subject + (10 * random.Next(words / 10))) % words).ToHashSet();
            foreach (var word in chosen)
            {
                builder.Add(row, word, 1 / MathF.Sqrt(chosen.Count));
            }
        }

        return builder.Build(rows, words);
    }
}
