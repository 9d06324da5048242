using Kindred.Algorithms.OutOfCore;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.OutOfCore;

public sealed class ExternalSortTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kindred-sort-").FullName;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000)] // in memory
    [InlineData(32_768)] // exactly one run
    [InlineData(32_769)]
    [InlineData(200_000)] // seven runs in one merge
    [InlineData(700_000)] // more runs than can be merged at a time
    public void Records_come_in_order_and_equal_ones_as_they_were_added(int count)
    {
        var random = new Random(count);
        var records = new Numbered[count];
        for (var k = 0; k < count; k++)
        {
            // Few keys, so that many are equal; digits of 16 bits that differ and that do not.
            records[k] = new Numbered(((ulong)random.Next(40) << 50) | ((ulong)random.Next(3) << 32) | (uint)random.Next(900), k);
        }

        using var sort = new ExternalSort<Numbered>(_folder, ExternalSort<Numbered>.LeastMemory);
        foreach (var record in records)
        {
            sort.Add(record);
        }

        sort.Count.ShouldBe(count);
        sort.Sorted().SequenceEqual(records.OrderBy(record => record.Key).ThenBy(record => record.Number)).ShouldBeTrue();
    }

    [Fact]
    public void Nothing_stays_on_disk()
    {
        using (var sort = new ExternalSort<Numbered>(_folder, ExternalSort<Numbered>.LeastMemory))
        {
            for (var k = 0; k < 100_000; k++)
            {
                sort.Add(new Numbered((ulong)(k * 7919 % 1000), k));
            }

            Directory.GetFiles(_folder).Length.ShouldBe(1);
        }

        Directory.GetFiles(_folder).ShouldBeEmpty();
    }

    [Fact]
    public void Memory_stays_within_what_was_granted()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var sort = new ExternalSort<Numbered>(_folder, 4 << 20);
        for (var k = 0; k < 1_000_000; k++)
        {
            sort.Add(new Numbered((ulong)(uint)(k * 2_654_435_761L), k));
        }

        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(6 << 20);
        var (seen, last) = (0, 0UL);
        foreach (var record in sort.Sorted())
        {
            record.Key.ShouldBeGreaterThanOrEqualTo(last);
            last = record.Key;
            if (++seen == 500_000)
            {
                (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(6 << 20);
            }
        }

        seen.ShouldBe(1_000_000);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private readonly record struct Numbered(ulong Key, long Number) : ISortRecord;
}
