using Kindred.Algorithms.Files;
using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.Als;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Models.Als;

public sealed class AlsContract : RecommenderContract
{
    protected override string Name => "als";

    protected override double Floor => 0.25;

    // More factors than tastes only learn the noise of so small a world.
    protected override object Options => new AlsOptions { Factors = 8 };
}

public sealed class ExactAlsContract : RecommenderContract
{
    protected override string Name => "als";

    protected override double Floor => 0.25;

    protected override object Options => new AlsOptions { Factors = 8, Solver = AlsSolver.Cholesky };
}

public sealed class AlsTests
{
    [Fact]
    public void Worked_example_of_the_page()
    {
        // Items A = (1, 0), B = (0, 1), C = (1, 1); alpha 2, lambda 1 x confidence^0. History: A once.
        // Y^T Y = [2 1; 1 2]; A = [2 1; 1 2] + 2 [1 0; 0 0] + [1 0; 0 1] = [5 1; 1 3]; c y_A = (3, 0); x = (9, -3) / 14.
        var model = Model([1, 0, 0, 1, 1, 1], 2, new AlsOptions { Factors = 2, Alpha = 2, Regularization = 1, RegularizationExponent = 0 });
        var scores = new float[3];
        model.Score(model.Fold(new History([0], [1])), scores);
        scores[0].ShouldBe(9f / 14, 1e-6f);
        scores[1].ShouldBe(-3f / 14, 1e-6f);
        scores[2].ShouldBe(6f / 14, 1e-6f);

        // A and B once each: A = [5 1; 1 5], c y = (3, 3), x = (1/2, 1/2); of C's score 1 each carries one half.
        var folded = model.Fold(new History([0, 1], [1, 1]));
        model.Score(folded, scores);
        scores.ShouldBe([0.5f, 0.5f, 1f], 1e-6);
        var shares = new float[4];
        model.Explain(folded, [2, 0], shares);

        // A's own score 1/2: A^-1 = [5 -1; -1 5] / 24; 3 x 5/24 from A, 3 x -1/24 from B.
        shares.ShouldBe([0.5f, 0.5f, 15f / 24, -3f / 24], 1e-6);

        model.Similar(2, scores).ShouldBeTrue();
        scores.ShouldBe([MathF.Sqrt(0.5f), MathF.Sqrt(0.5f), 1f], 1e-6);
    }

    [Theory]
    [InlineData(AlsSolver.Cholesky, 1)]
    [InlineData(AlsSolver.Cg, 20)]
    public void Training_equals_the_slow_obvious_way(AlsSolver solver, int steps)
    {
        var data = Worlds.Tastes;
        var options = new AlsOptions { Factors = 5, Sweeps = 3, Solver = solver, Steps = steps };
        var trained = AlsTrainer.Factors(data, options, new TrainingContext { Threads = 2, Seed = 9 });
        var start = AlsTrainer.Factors(data, options with { Sweeps = 1 }, new TrainingContext { Seed = 9 });

        // From the factors after one sweep, two more by dense Gauss elimination in double precision.
        var items = Enumerable.Range(0, data.Items).Select(i => start.Skip(i * 8).Take(5).Select(v => (double)v).ToArray()).ToArray();
        for (var sweep = 0; sweep < 2; sweep++)
        {
            var users = Enumerable.Range(0, data.Users).Select(u => SlowSolve(items, data.ByUser, u, options)).ToArray();
            items = [.. Enumerable.Range(0, data.Items).Select(i => SlowSolve(users, data.ByItem, i, options))];
        }

        // The axes are turned on the way; scalar products of items do not see that.
        for (var item = 0; item < data.Items; item++)
        {
            for (var other = 0; other <= item; other++)
            {
                var product = trained.Skip(item * 8).Take(8).Zip(trained.Skip(other * 8).Take(8), (a, b) => (double)a * b).Sum();
                product.ShouldBe(items[item].Zip(items[other], (a, b) => a * b).Sum(), 2e-3);
            }
        }
    }

    [Theory]
    [InlineData(1, 20)]
    [InlineData(7, 20)]
    [InlineData(8, 20)]
    [InlineData(21, 20)]
    [InlineData(22, 20)]
    [InlineData(150, 20)]
    [InlineData(128, 192)]
    [InlineData(129, 192)]
    [InlineData(150, 192)]
    public void Short_and_long_histories_are_folded_in_exactly_once_axes_are_turned(int entries, int rank)
    {
        var random = new Random(entries);
        var options = new AlsOptions { Factors = rank, RegularizationExponent = 0.3f, Alpha = 3 };
        var stride = AlsSide.StrideOf(rank);
        var factors = Enumerable.Range(0, 300 * stride).Select(k => k % stride < rank ? (float)random.NextDouble() - 0.5f : 0).ToArray();
        new AlsAxes(rank, SimdPath.Plain).Turn(factors, 300, null, 0, new TrainingContext { Threads = 2 });
        var side = new AlsSide(factors, 300, options, threads: 1);
        var history = Enumerable.Range(0, entries).Select(k => k * 2).ToArray();
        var weights = history.Select(_ => 0.1f + (3 * (float)random.NextDouble())).ToArray();
        var rows = Enumerable.Range(0, 300).Select(i => factors[(i * stride)..((i * stride) + rank)].Select(v => (double)v).ToArray()).ToArray();
        var expected = SlowSolve(rows, new CsrMatrix(300, [0, entries], history, weights), 0, options).Select(v => (float)v).Concat(new float[stride - rank]).ToArray();
        var x = new float[stride];
        side.Solve(history, weights, side.Slice(new float[side.ScratchLength]), x);
        x.ShouldBe(expected, rank > 20 ? 1e-3 : 1e-4);
        if (rank > 20)
        {
            return;
        }

        // Conjugate gradients get there too, and every step from afar comes nearer.
        var far = double.MaxValue;
        foreach (var steps in (int[])[1, 3, 8, 24])
        {
            var near = new float[stride];
            side.Improve(history, weights, steps, side.Slice(new float[side.ScratchLength]), near);
            var distance = near.Zip(expected, (a, b) => (double)Math.Abs(a - b)).Sum();
            distance.ShouldBeLessThanOrEqualTo(far + 1e-5);
            far = distance;
        }

        far.ShouldBeLessThan(1e-4);
    }

    [Fact]
    public void Weights_and_long_histories_count_exactly()
    {
        var random = new Random(3);
        var options = new AlsOptions { Factors = 20 };
        var factors = Enumerable.Range(0, 300 * 20).Select(_ => BFloat16.Nearest((float)random.NextDouble() - 0.5f).ToSingle()).ToArray();
        var model = Model(factors, 20, options);
        var history = Enumerable.Range(0, 300).ToArray();
        var weights = history.Select(_ => 0.1f + (3 * (float)random.NextDouble())).ToArray();
        var matrix = new CsrMatrix(300, [0, 300], history, weights);
        var rows = Enumerable.Range(0, 300).Select(i => factors[(i * 20)..((i + 1) * 20)].Select(v => (double)v).ToArray()).ToArray();
        var expected = SlowSolve(rows, matrix, 0, options);
        var scores = new float[300];
        model.Score(model.Fold(new History(history, weights)), scores);
        for (var item = 0; item < 300; item++)
        {
            scores[item].ShouldBe((float)rows[item].Zip(expected, (a, b) => a * b).Sum(), 1e-4f);
        }
    }

    [Fact]
    public void Folding_and_explaining_allocate_nothing_but_the_answer()
    {
        var model = AlsTrainer.Train(Worlds.Tastes, new AlsOptions(), new TrainingContext { Threads = 1 });
        int[] items = [7, 8, 9];
        int[] history = [1, 2, 3, 4];
        float[] weights = [1, 1, 1, 1];
        var shares = new float[items.Length * history.Length];
        var fold = long.MaxValue;
        var explain = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            // The least of some rounds: the runtime itself allocates now and then.
            var start = GC.GetAllocatedBytesForCurrentThread();
            var folded = model.Fold(new History(history, weights));
            fold = Math.Min(fold, GC.GetAllocatedBytesForCurrentThread() - start);
            start = GC.GetAllocatedBytesForCurrentThread();
            model.Explain(folded, items, shares);
            explain = Math.Min(explain, GC.GetAllocatedBytesForCurrentThread() - start);
        }

        fold.ShouldBeLessThan(600);
        explain.ShouldBe(0);
    }

    [Fact]
    public void History_of_another_model_is_refused()
    {
        var one = Model([1, 0], 1, new AlsOptions { Factors = 1 });
        var other = Model([1, 0], 1, new AlsOptions { Factors = 1 });
        Should.Throw<ArgumentException>(() => one.Score(other.Fold(default), new float[2]));
    }

    [Theory]
    [InlineData("""{"factors": 0}""", "factors")]
    [InlineData("""{"sweeps": 0}""", "sweeps")]
    [InlineData("""{"steps": 0}""", "steps")]
    [InlineData("""{"solver": "gauss"}""", "solver")]
    [InlineData("""{"alpha": 0}""", "alpha")]
    [InlineData("""{"regularization": 0}""", "regularization")]
    [InlineData("""{"regularization_exponent": 1.5}""", "regularization_exponent")]
    public void Settings_out_of_range_are_named(string json, string name)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        Should.Throw<System.Text.Json.JsonException>(() => Recommenders.Find("als")!.ReadOptions(document.RootElement)).Message.ShouldContain(name);
    }

    [Fact]
    public void A_model_read_back_and_written_again_is_the_same_file()
    {
        using var folder = new TemporaryFiles();
        var trained = AlsTrainer.Train(Worlds.Tastes, new AlsOptions { Factors = 9 }, new TrainingContext());
        ModelFile.Save(trained, folder["a"]);
        ModelFile.Save(ModelFile.Load(folder["a"]), folder["b"]);
        var bytes = File.ReadAllBytes(folder["a"]);
        File.ReadAllBytes(folder["b"]).ShouldBe(bytes);
        BitConverter.ToInt32(bytes, 8).ShouldBe(2, "the first format with half numbers");
        bytes.Length.ShouldBeLessThan(4096 + 1024 + (Worlds.Tastes.Items * 9 * 2), "two bytes a factor");
    }

    [Fact]
    public void A_file_of_the_first_format_is_read_and_becomes_one_of_the_second()
    {
        using var folder = new TemporaryFiles();
        var options = new AlsOptions { Factors = 5 };
        var factors = AlsTrainer.Factors(Worlds.Tastes, options, new TrainingContext());
        ModelFile.Save(new OldFile(factors, Worlds.Tastes.Items, options), folder["old"]);
        BitConverter.ToInt32(File.ReadAllBytes(folder["old"]), 8).ShouldBe(1, "older programs read it");

        var old = ModelFile.Load(folder["old"]);
        ModelFile.Save(old, folder["new"]);
        ModelFile.Save(AlsTrainer.Train(Worlds.Tastes, options, new TrainingContext()), folder["trained"]);
        File.ReadAllBytes(folder["new"]).ShouldBe(File.ReadAllBytes(folder["trained"]));
    }

    [Fact]
    public void Rounding_moves_scores_by_less_than_its_last_bit_says()
    {
        // Half a last bit, 2^-9, in each of two vectors and in the fold: nowhere near enough to turn a list over.
        var options = new AlsOptions { Factors = 16 };
        var factors = AlsTrainer.Factors(Worlds.Tastes, options, new TrainingContext());
        var exact = new AlsSide(factors, Worlds.Tastes.Items, options, threads: 1);
        var model = AlsTrainer.Train(Worlds.Tastes, options, new TrainingContext());
        var scores = new float[model.Items];
        var vector = new float[16];
        for (var user = 0; user < 20; user++)
        {
            var items = Worlds.Tastes.ByUser.RowColumns(user);
            var weights = Worlds.Tastes.ByUser.RowValues(user);
            model.Score(model.Fold(new History(items, weights)), scores);
            exact.Solve(items, weights, exact.Slice(new float[exact.ScratchLength]), vector);
            for (var item = 0; item < scores.Length; item++)
            {
                scores[item].ShouldBe(Vectors.Dot(vector, exact.Row(item)), 0.01f);
            }
        }
    }

    // What programs of the first format wrote.
    private sealed class OldFile(float[] factors, int items, AlsOptions options) : IModel
    {
        public string Recommender => "als";

        public int Items => items;

        public FoldedHistory Fold(History history) => throw new NotSupportedException();

        public void Score(FoldedHistory folded, Span<float> scores) => throw new NotSupportedException();

        public int Recommend(FoldedHistory folded, in Selection selection, Span<ScoredItem> best) => throw new NotSupportedException();

        public void Explain(FoldedHistory folded, ReadOnlySpan<int> entries, Span<float> shares) => throw new NotSupportedException();

        public bool Similar(int item, Span<float> scores) => throw new NotSupportedException();

        public void Write(ModelFileWriter file)
        {
            file.AddText("options", RecommenderOptions.Write(options).GetRawText());
            file.Add<int>("shape", [items, options.Factors]);
            file.Add<float>("item_factors", factors);
        }
    }

    private sealed class TemporaryFiles : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("kindred-als-").FullName;

        public string this[string name] => Path.Combine(_folder, name);

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }

    private static AlsModel Model(float[] rows, int factors, AlsOptions options)
    {
        var stride = AlsSide.StrideOf(factors);
        var padded = new float[rows.Length / factors * stride];
        for (var k = 0; k < rows.Length; k++)
        {
            padded[(k / factors * stride) + (k % factors)] = rows[k];
        }

        return new AlsModel(AlsModel.Rounded(padded, rows.Length / factors, options), rows.Length / factors, options);
    }

    private static double[] SlowSolve(double[][] side, CsrMatrix matrix, int row, AlsOptions options)
    {
        var d = options.Factors;
        var system = new double[d, d + 1];
        var confidence = (double)side.Length;
        foreach (var other in side)
        {
            for (var i = 0; i < d; i++)
            {
                for (var j = 0; j < d; j++)
                {
                    system[i, j] += other[i] * other[j];
                }
            }
        }

        for (var k = 0; k < matrix.RowLength(row); k++)
        {
            var y = side[matrix.RowColumns(row)[k]];
            var weight = options.Alpha * (double)matrix.RowValues(row)[k];
            confidence += weight;
            for (var i = 0; i < d; i++)
            {
                system[i, d] += (1 + weight) * y[i];
                for (var j = 0; j < d; j++)
                {
                    system[i, j] += weight * y[i] * y[j];
                }
            }
        }

        for (var i = 0; i < d; i++)
        {
            system[i, i] += options.Regularization * Math.Pow(confidence, options.RegularizationExponent);
        }

        return DenseSystem.Solve(system);
    }
}
