using Kindred.Algorithms.Evaluation;
using Kindred.Algorithms.Kernels;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.Hybrid;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Models.Hybrid;

public sealed class WarpContract : RecommenderContract
{
    protected override string Name => "warp";

    protected override double Floor => 0.25;
}

public sealed class WarpAdadeltaContract : RecommenderContract
{
    protected override string Name => "warp";

    protected override double Floor => 0.25;

    protected override object Options => new HybridOptions { Schedule = HybridSchedule.Adadelta, Factors = 13 };
}

public sealed class BprContract : RecommenderContract
{
    protected override string Name => "bpr";

    protected override double Floor => 0.25;
}

public sealed class LogisticContract : RecommenderContract
{
    protected override string Name => "logistic";

    protected override double Floor => 0.25;
}

public sealed class HybridTests
{
    [Fact]
    public void Worked_example_of_the_page_folds_a_history_in()
    {
        // A = (1, 0) with bias 1, B = (0, 1), C = (1, 1), both with bias 0; alpha 1, lambda 1/2 x root of (3 + 1) = 1. History: A once.
        // Y^T Y = [2 1 1; 1 2 0; 1 0 1]; A = that + [1 0 1; 0 0 0; 1 0 1] + I = [4 1 2; 1 3 0; 2 0 3]; c y_A = (2, 0, 2); x = (6, -2, 10) / 21.
        var model = Model(2, new HybridOptions { Factors = 2, FoldAlpha = 1, FoldRegularization = 0.5f }, [1, 0, 1], [0, 1, 0], [1, 1, 0]);
        var scores = new float[3];
        var folded = model.Fold(new History([0], [1]));
        model.Score(folded, scores);
        scores.ShouldBe([16f / 21, -2f / 21, 4f / 21], 1e-6);
        var shares = new float[2];
        model.Explain(folded, [2, 0], shares);
        shares.ShouldBe([4f / 21, 16f / 21], 1e-6);

        model.Score(model.Fold(default), scores);
        scores.ShouldBe([1f, 0, 0], "a stranger is answered by the biases");
        model.Similar(2, scores).ShouldBeTrue();
        scores.ShouldBe([MathF.Sqrt(0.5f), MathF.Sqrt(0.5f), 1f], 1e-6);
    }

    [Fact]
    public void Worked_example_of_the_page_takes_a_step()
    {
        // Four items, u = (1, 0), p = (0, 1), n = (1, 0): n scores 1, above 0 - 1, at the first draw. Slope log 3 = 1.0986, rate 0.1.
        HybridLosses.WarpSlope(4, 1).ShouldBe(1.0986f, 1e-4f);
        var rows = Rows<AdagradStep>([1, 0, 1], [0, 1, 0], [1, 0, 0]);
        Move(new AdagradStep(0.1f), rows, 2, -1.0986f, 1.0986f);

        // Every gradient is 1.0986 or 0 up to its sign, every sum of squares 1 + 1.2069 or 1: the moves are 0.1 x 1.0986 / root of 2.2069 = 0.07395.
        rows.Plane(0)[..3].ToArray().ShouldBe([0.92605f, 0.07395f, 1], 1e-5);
        rows.Plane(1)[..3].ToArray().ShouldBe([0.07395f, 1, 0.07395f], 1e-5);
        rows.Plane(2)[..3].ToArray().ShouldBe([0.92605f, 0, -0.07395f], 1e-5);
        rows.Plane(2, 1)[0].ShouldBe(2.2069f, 1e-4f);
        rows.Plane(2, 1)[1].ShouldBe(1);
    }

    [Theory]
    [InlineData("warp")]
    [InlineData("bpr")]
    [InlineData("logistic")]
    public void Steps_follow_the_slope_of_the_loss(string name)
    {
        const int factors = 5;
        var random = new Random(4);
        for (var round = 0; round < 20; round++)
        {
            var values = Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, factors + 1).Select(_ => (float)random.NextDouble() - 0.5f).ToArray()).ToArray();
            values[0][factors] = 1;
            var rows = Rows<AdagradStep>(values);
            var (positive, negative) = (Score(values, 1), Score(values, 2));
            var drawn = 1 + random.Next(10);
            var (toPositive, toNegative) = name switch
            {
                "warp" => (-HybridLosses.WarpSlope(100, drawn), HybridLosses.WarpSlope(100, drawn)),
                "bpr" => (-HybridLosses.BprSlope((float)(positive - negative)), HybridLosses.BprSlope((float)(positive - negative))),
                _ => (HybridLosses.LogisticSlope((float)positive, liked: true), HybridLosses.LogisticSlope((float)negative, liked: false)),
            };

            // With 10^12 remembered and a rate of 10^6, a step is the slope itself.
            for (var row = 0; row < 3; row++)
            {
                rows.Plane(row, 1).Fill(1e12f);
            }

            Move(new AdagradStep(1e6f), rows, factors, toPositive, toNegative);
            for (var row = 0; row < 3; row++)
            {
                for (var f = 0; f <= factors; f++)
                {
                    // A user's last number is the 1 that the biases are multiplied by, and is no parameter.
                    var expected = row == 0 && f == factors ? 0 : Slope(name, drawn, values, row, f);
                    (values[row][f] - rows.Plane(row)[f]).ShouldBe((float)expected, 1e-3f, $"{name}, row {row}, number {f}");
                }
            }
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(72)]
    public void Plain_twins_give_the_same_bits(int stride)
    {
        Compare(new AdagradStep(0.07f), stride);
        Compare(new AdadeltaStep(0.9f, 1e-6f), stride);
    }

    [Fact]
    public void Rounds_meet_every_interaction_once_and_never_share_a_user_or_an_item()
    {
        var data = World(taken: 16, features: false);
        var plan = new HybridPlan(data, seed: 3);
        plan.Parts.ShouldBe(8);
        var order = new List<int>[2] { [], [] };
        for (var epoch = 0; epoch < 2; epoch++)
        {
            plan.Cut(epoch);
            var itemsOf = Enumerable.Range(0, plan.Parts).Select(part => plan.ItemsOf(part).ToArray()).ToArray();
            itemsOf.SelectMany(items => items).Order().ShouldBe(data.ByUser.AllColumns.ToArray().Distinct().Order());
            var met = new HashSet<(int User, int Item)>();
            var usersOf = new HashSet<int>[plan.Parts];
            for (var part = 0; part < plan.Parts; part++)
            {
                plan.Sort(part, epoch);
                usersOf[part] = [];
                for (var items = 0; items < plan.Parts; items++)
                {
                    foreach (var sample in plan.Samples(part, items))
                    {
                        itemsOf[items].ShouldContain(sample.Item);
                        sample.Weight.ShouldBe(data.ByUser.ValueAt(sample.User, sample.Item));
                        met.Add((sample.User, sample.Item)).ShouldBeTrue("met once");
                        usersOf[part].Add(sample.User);
                        order[epoch].Add(sample.User);
                    }
                }
            }

            met.Count.ShouldBe((int)data.Count);
            usersOf.Sum(users => users.Count).ShouldBe(usersOf.SelectMany(users => users).Distinct().Count(), "no user is in two parts");
        }

        order[0].ShouldNotBe(order[1], "epochs differ in their order");
    }

    [Theory]
    [InlineData("warp")]
    [InlineData("bpr")]
    [InlineData("logistic")]
    public void Threads_change_nothing_where_there_are_many_parts_and_features(string name)
    {
        var data = World(taken: 16, features: true);
        var options = new HybridOptions { Factors = 12, Epochs = 4 };
        var expected = Rows(1);
        foreach (var threads in (int[])[2, 4, 8])
        {
            Rows(threads).ShouldBe(expected, $"{threads} threads");
        }

        float[] Rows(int threads)
        {
            var model = (HybridModel)Recommenders.Find(name)!.Train(data, options, new TrainingContext { Threads = threads });
            return [.. Enumerable.Range(0, model.Items).SelectMany(item => (float[])[.. model.ItemFactors(item), model.ItemBias(item)])];
        }
    }

    [Fact]
    public void Item_that_nobody_met_is_found_by_its_features()
    {
        // Items of Worlds.Tastes are of taste number mod 5; the last ten are made new to everybody.
        var known = Worlds.Tastes.Items - 10;
        var builder = new CsrBuilder();
        var features = new CsrBuilder();
        for (var user = 0; user < Worlds.Tastes.Users; user++)
        {
            foreach (var item in Worlds.Tastes.ByUser.RowColumns(user))
            {
                if (item < known)
                {
                    builder.Add(user, item, 1);
                }
            }
        }

        for (var item = 0; item < Worlds.Tastes.Items; item++)
        {
            features.Add(item, item % Worlds.TasteCount, 1);
        }

        var data = new Interactions(
            builder.Build(Worlds.Tastes.Users, Worlds.Tastes.Items), itemFeatures: features.Build(Worlds.Tastes.Items, Worlds.TasteCount));
        var model = HybridTrainer.TrainWarp(data, new HybridOptions(), new TrainingContext());
        var mask = new ulong[(model.Items + 63) / 64];
        for (var item = known; item < model.Items; item++)
        {
            mask[item >> 6] |= 1UL << (item & 63);
        }

        var best = new ScoredItem[2];
        for (var user = 0; user < data.Users; user++)
        {
            // Mostly of one taste, the history wants both new items of that taste first.
            int[] history = [.. data.ByUser.RowColumns(user).ToArray().Where(item => item % Worlds.TasteCount == user % Worlds.TasteCount)];
            model.Recommend(model.Fold(new History(history, Array.ConvertAll(history, _ => 1f))), new Selection(mask), best).ShouldBe(2);
            best.ShouldAllBe(entry => entry.Item % Worlds.TasteCount == user % Worlds.TasteCount);
        }

        // Without features nothing is known of the new ones: no direction, and the lowest bias.
        var blind = HybridTrainer.TrainWarp(new Interactions(data.ByUser), new HybridOptions(), new TrainingContext());
        blind.ItemFactors(known).ToArray().ShouldAllBe(value => value.Equals(0f));
        blind.ItemBias(known).ShouldBe(Enumerable.Range(0, known).Min(blind.ItemBias));
    }

    [Fact]
    public void Features_help_items_that_few_met()
    {
        var split = Splits.RandomPerUser(World(taken: 6, features: true));
        var with = Ndcg(split.Train);
        var without = Ndcg(new Interactions(split.Train.ByUser, split.Train.Times));
        with.ShouldBeGreaterThan(without * 1.05);

        double Ndcg(Interactions train) =>
            Metrics.Compute(Evaluator.Rank(HybridTrainer.TrainWarp(train, new HybridOptions(), new TrainingContext()), train, 10), split.Test).Ndcg.Mean;
    }

    [Fact]
    public void Heavier_interactions_count_for_more()
    {
        // Items 0 and 1 have as many takers; those of 0 mean it four times as much.
        var builder = new CsrBuilder();
        for (var user = 0; user < 60; user++)
        {
            builder.Add(user, user % 2, user % 2 == 0 ? 4 : 1);
            builder.Add(user, 2 + (user / 2 % 8), 1);
        }

        var model = HybridTrainer.TrainBpr(new Interactions(builder.Build(60, 10)), new HybridOptions { Epochs = 10 }, new TrainingContext());
        model.ItemBias(0).ShouldBeGreaterThan(model.ItemBias(1) + 0.1f);
    }

    [Fact]
    public void Training_that_leaves_the_range_of_numbers_says_so()
    {
        var builder = new CsrBuilder();
        builder.Add(0, 0, 1e38f);
        builder.Add(1, 1, 1e38f);
        Should.Throw<ArithmeticException>(() => HybridTrainer.TrainBpr(new Interactions(builder.Build(2, 2)), new HybridOptions(), new TrainingContext()))
            .Message.ShouldContain("learning_rate");
    }

    [Theory]
    [InlineData("""{"factors": 0}""", "factors")]
    [InlineData("""{"factors": 505}""", "factors")]
    [InlineData("""{"epochs": 0}""", "epochs")]
    [InlineData("""{"learning_rate": 0}""", "learning_rate")]
    [InlineData("""{"schedule": "adam"}""", "schedule")]
    [InlineData("""{"schedule": 1}""", "schedule")]
    [InlineData("""{"rho": 1}""", "rho")]
    [InlineData("""{"epsilon": 0}""", "epsilon")]
    [InlineData("""{"regularization": -1}""", "regularization")]
    [InlineData("""{"max_sampled": 0}""", "max_sampled")]
    [InlineData("""{"fold_alpha": 0}""", "fold_alpha")]
    [InlineData("""{"fold_regularization": 0}""", "fold_regularization")]
    public void Settings_out_of_range_are_named(string json, string name)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        Should.Throw<System.Text.Json.JsonException>(() => Recommenders.Find("warp")!.ReadOptions(document.RootElement)).Message.ShouldContain(name);
    }

    [Fact]
    public void History_of_another_model_is_refused()
    {
        var one = Model(1, new HybridOptions { Factors = 1 }, [1, 0]);
        var other = Model(1, new HybridOptions { Factors = 1 }, [1, 0]);
        Should.Throw<ArgumentException>(() => one.Score(other.Fold(default), new float[1]));
    }

    /// <summary>600 users and 600 items of 12 tastes, four of five interactions of the own taste; an item's feature is its taste. With 16 of a user there are 8 parts.</summary>
    private static Interactions World(int taken, bool features)
    {
        var random = new Random(11);
        var builder = new CsrBuilder();
        for (var user = 0; user < 600; user++)
        {
            var items = new HashSet<int>();
            while (items.Count < taken)
            {
                var item = (random.Next(50) * 12) + (random.Next(5) < 4 ? user % 12 : random.Next(12));
                if (items.Add(item))
                {
                    builder.Add(user, item, 1 + (item % 2));
                }
            }
        }

        var tastes = new CsrBuilder();
        for (var item = 0; item < 600; item++)
        {
            tastes.Add(item, item % 12, 1);
        }

        return new Interactions(builder.Build(600, 600), itemFeatures: features ? tastes.Build(600, 12) : null);
    }

    private static HybridModel Model(int factors, HybridOptions options, params float[][] rows)
    {
        var stride = HybridModel.StrideOf(factors);
        var padded = new float[rows.Length * stride];
        for (var item = 0; item < rows.Length; item++)
        {
            rows[item].CopyTo(padded, item * stride);
        }

        return new HybridModel("warp", padded, rows.Length, options);
    }

    private static HybridRows Rows<TStep>(params float[][] values)
        where TStep : struct, IHybridStep
    {
        var rows = new HybridRows(values.Length, (values[0].Length + 7) & ~7, 1 + TStep.Memory);
        for (var row = 0; row < values.Length; row++)
        {
            values[row].CopyTo(rows.Plane(row));
            for (var plane = 1; plane < rows.Planes; plane++)
            {
                rows.Plane(row, plane).Fill(TStep.Start);
            }
        }

        return rows;
    }

    private static unsafe void Move<TStep>(TStep step, HybridRows rows, int biasAt, float toPositive, float toNegative, SimdPath? path = null, HybridRows? gradients = null)
        where TStep : struct, IHybridStep =>
        HybridSteps.Move(
            step, rows.At(0), rows.At(1), rows.At(2), rows.Stride, biasAt, toPositive, toNegative, pull: gradients is null ? 0 : 0.25f,
            gradients is null ? default : new HybridGradients(gradients.At(1), gradients.At(2)), path ?? Simd.Path);

    private static unsafe void Compare<TStep>(TStep step, int stride)
        where TStep : struct, IHybridStep
    {
        Assert.SkipUnless(Simd.Path == SimdPath.Vector256, "There is no vector path here.");
        var random = new Random(stride);
        var values = Enumerable.Range(0, 5).Select(_ => Enumerable.Range(0, stride).Select(_ => (float)random.NextDouble() - 0.5f).ToArray()).ToArray();
        var (plain, vector) = (Rows<TStep>(values), Rows<TStep>(values));
        var (plainGradients, vectorGradients) = (new HybridRows(3, stride, 1), new HybridRows(3, stride, 1));
        for (var round = 0; round < 50; round++)
        {
            var scores = HybridSteps.Dots(plain.At(0), plain.At(1), plain.At(2), plain.At(3), plain.At(4), stride, SimdPath.Plain);
            HybridSteps.Dots(vector.At(0), vector.At(1), vector.At(2), vector.At(3), vector.At(4), stride, SimdPath.Vector256).ShouldBe(scores);
            for (var row = 1; row < 5; row++)
            {
                HybridSteps.Dot(plain.At(0), plain.At(row), stride, SimdPath.Plain).ShouldBe(scores[row - 1]);
                HybridSteps.Dot(vector.At(0), vector.At(row), stride, SimdPath.Vector256).ShouldBe(scores[row - 1]);
            }

            var slope = (float)random.NextDouble() * 8;
            Move(step, plain, stride - 1, -slope, slope, SimdPath.Plain, plainGradients);
            Move(step, vector, stride - 1, -slope, slope, SimdPath.Vector256, vectorGradients);
            for (var row = 0; row < 3; row++)
            {
                vectorGradients.Plane(row).SequenceEqual(plainGradients.Plane(row)).ShouldBeTrue();
                for (var plane = 0; plane < plain.Planes; plane++)
                {
                    vector.Plane(row, plane).SequenceEqual(plain.Plane(row, plane)).ShouldBeTrue($"round {round}, row {row}, plane {plane}");
                }
            }
        }
    }

    private static double Score(float[][] values, int item) => values[0].Zip(values[item], (a, b) => (double)a * b).Sum();

    private static double Slope(string name, int drawn, float[][] values, int row, int f)
    {
        const float step = 1f / 256;
        return (Loss(step) - Loss(-step)) / (2 * step);

        double Loss(float by)
        {
            var moved = Array.ConvertAll(values, numbers => (float[])numbers.Clone());
            moved[row][f] += by;
            var (positive, negative) = (Score(moved, 1), Score(moved, 2));
            return name switch
            {
                "warp" => Math.Log(Math.Max(1, 99 / drawn)) * (1 - positive + negative),
                "bpr" => Math.Log(1 + Math.Exp(negative - positive)),
                _ => Math.Log(1 + Math.Exp(-positive)) + Math.Log(1 + Math.Exp(negative)),
            };
        }
    }
}
