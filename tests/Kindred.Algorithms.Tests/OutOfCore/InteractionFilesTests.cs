using Kindred.Algorithms.Files;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.Als;
using Kindred.Algorithms.OutOfCore;
using Kindred.Algorithms.Sparse;
using Kindred.Algorithms.Tests.Models;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.OutOfCore;

public sealed class InteractionFilesTests : IDisposable
{
    private const long Memory = 2 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("kindred-files-").FullName;

    [Theory]
    [InlineData(50)]
    [InlineData(150_000)] // several runs
    public void Files_hold_what_a_matrix_would(int count)
    {
        var random = new Random(count);
        var builder = new InteractionsBuilder();
        using var writer = new InteractionFilesWriter(_folder, Memory);
        for (var k = 0; k < count; k++)
        {
            var (user, item, weight) = (random.Next(900), random.Next(700), 0.5f + random.NextSingle());
            builder.Add(user, item, weight);
            writer.Add(user, item, weight);
        }

        var expected = builder.Build(1000, 701);
        using var files = writer.Finish(1000, 701);
        (files.Users, files.Items, files.Count).ShouldBe((1000, 701, expected.Count));
        ShouldHold(files.ByUser, expected.ByUser);
        ShouldHold(files.ByItem, expected.ByItem);
        var weights = new double[701];
        for (var item = 0; item < 701; item++)
        {
            foreach (var weight in expected.ByItem.RowValues(item))
            {
                weights[item] += weight;
            }
        }

        files.ItemWeights.ShouldBe(weights);
        var some = files.Load([3, 999, 0]);
        some.ByUser.RowColumns(0).ToArray().ShouldBe(expected.ByUser.RowColumns(3).ToArray());
        some.ByUser.RowLength(1).ShouldBe(0);
        some.ByUser.RowValues(2).ToArray().ShouldBe(expected.ByUser.RowValues(0).ToArray());
    }

    [Fact]
    public void Training_from_files_gives_the_bytes_of_training_from_memory()
    {
        foreach (var solver in (AlsSolver[])[AlsSolver.Cg, AlsSolver.Cholesky])
        {
            var options = new AlsOptions { Factors = 12, Sweeps = 3, Solver = solver };
            ModelFile.Save(AlsTrainer.Train(Worlds.Tastes, options, new TrainingContext { Threads = 1 }), At("memory"));
            var expected = File.ReadAllBytes(At("memory"));
            using var files = Write(Worlds.Tastes, windowEntries: 20); // some rows are longer than a window, most windows hold one or two
            foreach (var threads in (int[])[1, 2, 4])
            {
                ModelFile.Save(AlsTrainer.Train(files, options, new TrainingContext { Threads = threads }), At("files"));
                File.ReadAllBytes(At("files")).ShouldBe(expected, $"{solver}, {threads} threads");
            }
        }
    }

    [Fact]
    public void No_interactions_are_fine_and_nothing_is_left_behind()
    {
        using (var writer = new InteractionFilesWriter(_folder, Memory))
        using (var files = writer.Finish(3, 2))
        {
            var model = AlsTrainer.Train(files, new AlsOptions { Factors = 2, Sweeps = 1 }, new TrainingContext());
            model.Recommend([], 2).Length.ShouldBe(2);
        }

        Directory.GetFileSystemEntries(_folder).ShouldBeEmpty();
    }

    [Fact]
    public void A_writer_that_never_finished_leaves_nothing_either()
    {
        using (var writer = new InteractionFilesWriter(_folder, Memory))
        {
            writer.Add(1, 1, 1);
        }

        Directory.GetFileSystemEntries(_folder).ShouldBeEmpty();
    }

    [Fact]
    public void Wrong_numbers_are_refused()
    {
        using var writer = new InteractionFilesWriter(_folder, Memory);
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Add(-1, 0, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Add(0, 0, 0));
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Add(0, 0, float.NaN));
        writer.Add(5, 5, 1);
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Finish(5, 6));
        Should.Throw<ArgumentOutOfRangeException>(() => new InteractionFilesWriter(_folder, Memory - 1));
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_size_that_would()
    {
        var needed = MemoryBudget.AlsBytes(1_000_000, 100_000, longestRow: 1_000_000, new AlsOptions { Factors = 32 }, threads: 2);
        needed.ShouldBeGreaterThan((1_000_000 + 100_000) * 32 * 4);
        needed.ShouldBeLessThan(320L << 20);
        MemoryBudget.Grant(1L << 30, needed).ShouldBe((1L << 30) - MemoryBudget.ProcessBytes);
        var refused = Should.Throw<MemoryBudgetException>(() => MemoryBudget.Grant(256L << 20, needed));
        refused.Enough.ShouldBe(needed + MemoryBudget.ProcessBytes);
        MemoryBudget.Grant(refused.Enough, needed).ShouldBe(needed);
        refused.Message.ShouldContain("256MiB are not enough");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void ShouldHold(CsrFile file, CsrMatrix matrix)
    {
        for (var from = 0; from < matrix.Rows; from += 70)
        {
            var to = Math.Min(matrix.Rows, from + 70);
            using var window = file.Open(from, to);
            for (var row = from; row < to; row++)
            {
                window.RowColumns(row).SequenceEqual(matrix.RowColumns(row)).ShouldBeTrue();
                window.RowValues(row).SequenceEqual(matrix.RowValues(row)).ShouldBeTrue();
            }
        }
    }

    private InteractionFiles Write(Interactions data, long windowEntries)
    {
        using var writer = new InteractionFilesWriter(_folder, Memory) { WindowEntries = windowEntries };
        for (var item = data.Items - 1; item >= 0; item--)
        {
            for (var k = 0; k < data.ByItem.RowLength(item); k++)
            {
                writer.Add(data.ByItem.RowColumns(item)[k], item, data.ByItem.RowValues(item)[k]);
            }
        }

        return writer.Finish(data.Users, data.Items);
    }

    private string At(string name) => Path.Combine(_folder, name);
}
