using Kindred.Algorithms.Sparse;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Sparse;

public sealed class CsrBuilderTests
{
    [Fact]
    public void Triplets_in_any_order_make_sorted_rows()
    {
        var builder = new CsrBuilder();
        builder.Add(2, 3, 5);
        builder.Add(0, 2, 1);
        builder.Add(2, 0, 4);
        builder.Add(0, 1, 2);
        var matrix = builder.Build(4, 4);
        matrix.RowStarts.ToArray().ShouldBe([0L, 2, 2, 4, 4]);
        matrix.AllColumns.ToArray().ShouldBe([1, 2, 0, 3]);
        matrix.AllValues.ToArray().ShouldBe([2f, 1, 4, 5]);
    }

    [Fact]
    public void Same_cell_is_summed_in_the_order_of_arrival()
    {
        // In float, (1 + 1e8) - 1e8 is 0 and (1e8 - 1e8) + 1 is 1: the order can be seen.
        var builder = new CsrBuilder();
        builder.Add(0, 1, 1);
        builder.Add(0, 0, 7);
        builder.Add(0, 1, 1e8f);
        builder.Add(0, 1, -1e8f);
        builder.Build(1, 2).RowValues(0).ToArray().ShouldBe([7f, 0]);
    }

    [Fact]
    public void Matrix_is_that_of_a_dictionary_for_many_random_triplets()
    {
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var (rows, columns) = (1 + random.Next(40), 1 + random.Next(40));
            var builder = new CsrBuilder(random.Next(10));
            var cells = new SortedDictionary<(int, int), float>();
            for (var k = random.Next(600); k > 0; k--)
            {
                var (row, column, value) = (random.Next(rows), random.Next(columns), (float)random.Next(1, 9));
                builder.Add(row, column, value);
                cells[(row, column)] = cells.GetValueOrDefault((row, column)) + value;
            }

            var matrix = builder.Build(rows, columns);
            matrix.NonZeros.ShouldBe(cells.Count);
            matrix.AllColumns.ToArray().ShouldBe(cells.Keys.Select(cell => cell.Item2));
            matrix.AllValues.ToArray().ShouldBe(cells.Values);
            foreach (var ((row, column), value) in cells)
            {
                matrix.ValueAt(row, column).ShouldBe(value);
            }
        }
    }

    [Fact]
    public void Building_twice_or_going_on_after_building_is_fine()
    {
        var builder = new CsrBuilder();
        builder.Add(0, 0, 1);
        builder.Build(1, 1).NonZeros.ShouldBe(1);
        builder.Add(1, 2, 1);
        builder.Build(2, 3).NonZeros.ShouldBe(2);
        builder.Count.ShouldBe(2);
    }

    [Fact]
    public void Nothing_makes_an_empty_matrix()
    {
        var matrix = new CsrBuilder().Build(0, 0);
        matrix.Rows.ShouldBe(0);
        matrix.NonZeros.ShouldBe(0);
        new CsrBuilder().Build(3, 2).RowColumns(2).Length.ShouldBe(0);
    }

    [Fact]
    public void Cells_outside_and_values_that_are_not_finite_are_refused()
    {
        var builder = new CsrBuilder();
        Should.Throw<ArgumentOutOfRangeException>(() => builder.Add(-1, 0, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => builder.Add(0, -1, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => builder.Add(0, 0, float.NaN));
        Should.Throw<ArgumentOutOfRangeException>(() => builder.Add(0, 0, float.PositiveInfinity));
        builder.Add(2, 5, 1);
        Should.Throw<ArgumentOutOfRangeException>(() => builder.Build(2, 6)).Message.ShouldContain("(2, 5)");
        Should.Throw<ArgumentOutOfRangeException>(() => builder.Build(3, 5));
    }
}
