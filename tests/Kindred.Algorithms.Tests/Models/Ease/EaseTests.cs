using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.Ease;
using Kindred.Algorithms.Sparse;
using Kindred.Algorithms.Tests.Models.Als;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Models.Ease;

public sealed class EaseContract : RecommenderContract
{
    protected override string Name => "ease";

    protected override double Floor => 0.25;
}

public sealed class DenoisingEaseContract : RecommenderContract
{
    protected override string Name => "ease";

    protected override double Floor => 0.25;

    protected override object Options => new EaseOptions { Dropout = 0.3f };
}

public sealed class EaseTests
{
    [Fact]
    public void Worked_example_of_the_page()
    {
        // Users take {A, B}, {A, B}, {B, C}; lambda 1: G = [3 2 0; 2 4 1; 0 1 2], determinant 13.
        // Adjugate: [7 -4 2; -4 6 -3; 2 -3 8]; B[i, j] = -P[i, j] / P[j, j], the determinant cancels.
        var builder = new CsrBuilder();
        foreach (var (user, item) in ((int, int)[])[(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (2, 2)])
        {
            builder.Add(user, item, 1);
        }

        var model = EaseTrainer.Train(new Interactions(builder.Build(3, 3)), new EaseOptions { Regularization = 1 }, new TrainingContext());
        float[] expected = [0, 4f / 6, -2f / 8, 4f / 7, 0, 3f / 8, -2f / 7, 3f / 6, 0];
        for (var cell = 0; cell < 9; cell++)
        {
            model.Weights.ValueAt(cell / 3, cell % 3).ShouldBe(expected[cell], 1e-6f);
        }

        // Dropout 1/2: [5 2 0; 2 7 1; 0 1 3], adjugate [20 -6 2; -6 15 -5; 2 -5 31].
        var denoised = EaseTrainer.Train(new Interactions(builder.Build(3, 3)), new EaseOptions { Regularization = 1, Dropout = 0.5f }, new TrainingContext());
        expected = [0, 6f / 15, -2f / 31, 6f / 20, 0, 5f / 31, -2f / 20, 5f / 15, 0];
        for (var cell = 0; cell < 9; cell++)
        {
            denoised.Weights.ValueAt(cell / 3, cell % 3).ShouldBe(expected[cell], 1e-6f);
        }

        var folded = model.Fold(new History([0, 2], [1, 2]));
        var scores = new float[3];
        model.Score(folded, scores);
        scores[1].ShouldBe((4f / 6) + (2 * 3f / 6), 1e-6f);
        var shares = new float[2];
        model.Explain(folded, [1], shares);
        shares.ShouldBe([4f / 6, 1f], 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(200)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(600)]
    public void Inverse_equals_the_slow_obvious_one_and_its_plain_twin(int size)
    {
        var random = new Random(size);
        using var fast = new SymmetricInverse(size, SimdPath.Vector256);
        using var plain = new SymmetricInverse(size, SimdPath.Plain);
        var dense = new double[size, size + 1];
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var value = row == column ? size : (float)(random.NextDouble() - 0.5);
                fast.Lower(row)[column] = plain.Lower(row)[column] = value;
                dense[row, column] = dense[column, row] = value;
            }
        }

        var asked = size / 2;
        dense[asked, size] = 1;
        fast.NegateInverse(3, null, default).ShouldBeTrue();
        plain.NegateInverse(1, null, default).ShouldBeTrue();
        var expected = DenseSystem.Solve(dense);
        var answer = new float[size];
        fast.CopyRows(asked, 1, answer);
        for (var row = 0; row < size; row++)
        {
            answer[row].ShouldBe((float)-expected[row], 1e-5f / size);
            fast.Lower(row).SequenceEqual(plain.Lower(row)).ShouldBeTrue($"row {row}");
        }
    }

    [Fact]
    public void Matrix_that_is_not_positive_definite_is_noticed()
    {
        using var matrix = new SymmetricInverse(2);
        matrix.Lower(0)[0] = 1;
        matrix.Lower(1)[0] = 2;
        matrix.Lower(1)[1] = 1;
        matrix.NegateInverse(1, null, default).ShouldBeFalse();
    }

    [Fact]
    public void Only_the_largest_entries_of_a_row_are_kept()
    {
        var all = EaseTrainer.Train(Worlds.Tastes, new EaseOptions { Regularization = 5 }, new TrainingContext());
        var few = EaseTrainer.Train(Worlds.Tastes, new EaseOptions { Regularization = 5, RowEntries = 7 }, new TrainingContext());
        for (var item = 0; item < Worlds.Tastes.Items; item++)
        {
            var least = all.Weights.RowValues(item).ToArray().Select(MathF.Abs).OrderDescending().ElementAt(6);
            few.Weights.RowLength(item).ShouldBe(7);
            for (var k = 0; k < 7; k++)
            {
                few.Weights.RowValues(item)[k].ShouldBe(all.Weights.ValueAt(item, few.Weights.RowColumns(item)[k]));
                MathF.Abs(few.Weights.RowValues(item)[k]).ShouldBeGreaterThanOrEqualTo(least);
            }
        }
    }

    [Fact]
    public void Whole_dropout_is_refused_by_its_name()
    {
        using var document = System.Text.Json.JsonDocument.Parse("""{"dropout": 1}""");
        Should.Throw<System.Text.Json.JsonException>(() => Recommenders.Find("ease")!.ReadOptions(document.RootElement)).Message.ShouldContain("dropout lies in [0, 0.95]");
    }

    [Fact]
    public void Too_many_items_are_refused_with_the_memory_they_would_take()
    {
        Should.Throw<ArgumentException>(() => EaseTrainer.Train(Worlds.Tastes, new EaseOptions { MaxItems = 100 }, new TrainingContext()))
            .Message.ShouldContain("150 items need 0.0 GB");
    }
}
