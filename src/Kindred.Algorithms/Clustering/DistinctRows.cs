using System.Runtime.InteropServices;
using Kindred.Algorithms.Sparse;

namespace Kindred.Algorithms.Clustering;

/// <summary>
/// Which rows are equal, bit by bit: groups in the order their first rows came. A hash only finds candidates; they are compared as a whole.
/// </summary>
internal sealed class DistinctRows
{
    private const int ChunkRows = 4096;

    private DistinctRows(int[] first, int[] groupOf, double[] weights)
    {
        First = first;
        GroupOf = groupOf;
        Weights = weights;
    }

    /// <summary>Compares two rows as a whole.</summary>
    private delegate bool SameRow(int row, int other);

    /// <summary>Number of groups.</summary>
    public int Count => First.Length;

    /// <summary>True when no two rows are equal.</summary>
    public bool AllOnce => First.Length == GroupOf.Length;

    /// <summary>The first row of each group, <b>[groups]</b>.</summary>
    public int[] First { get; }

    /// <summary>The group of each row, <b>[rows]</b>.</summary>
    public int[] GroupOf { get; }

    /// <summary>Number of rows in each group, <b>[groups]</b>.</summary>
    public double[] Weights { get; }

    public static DistinctRows Of(CsrMatrix rows, ParallelOptions parallel)
    {
        var hashes = new ulong[rows.Rows];
        Hash(hashes, parallel, row => Mix(Mix(0, MemoryMarshal.AsBytes(rows.RowColumns(row))), MemoryMarshal.AsBytes(rows.RowValues(row))));
        return Group(hashes, (row, other) => rows.RowColumns(row).SequenceEqual(rows.RowColumns(other))
            && MemoryMarshal.AsBytes(rows.RowValues(row)).SequenceEqual(MemoryMarshal.AsBytes(rows.RowValues(other))));
    }

    public static unsafe DistinctRows Of(ReadOnlySpan<float> rows, int columns, ParallelOptions parallel)
    {
        var hashes = new ulong[columns == 0 ? 0 : rows.Length / columns];
        fixed (float* start = rows)
        {
            var cells = start;
            var bytes = columns * sizeof(float);
            Hash(hashes, parallel, row => Mix(0, new ReadOnlySpan<byte>((byte*)cells + ((long)row * bytes), bytes)));
            return Group(hashes, (row, other) => new ReadOnlySpan<byte>((byte*)cells + ((long)row * bytes), bytes)
                .SequenceEqual(new ReadOnlySpan<byte>((byte*)cells + ((long)other * bytes), bytes)));
        }
    }

    private static void Hash(ulong[] hashes, ParallelOptions parallel, Func<int, ulong> of) =>
        Parallel.For(0, (hashes.Length + ChunkRows - 1) / ChunkRows, parallel, chunk =>
        {
            var end = Math.Min(hashes.Length, (chunk + 1) * ChunkRows);
            for (var row = chunk * ChunkRows; row < end; row++)
            {
                hashes[row] = of(row);
            }
        });

    private static DistinctRows Group(ulong[] hashes, SameRow same)
    {
        // Open addressing, at most half full; a slot holds a group's number + 1.
        var slots = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, (long)hashes.Length * 2))];
        var mask = (uint)slots.Length - 1;
        var first = new List<int>();
        var counts = new List<double>();
        var groupOf = new int[hashes.Length];
        for (var row = 0; row < hashes.Length; row++)
        {
            var slot = (uint)(hashes[row] >> 32) & mask;
            while (slots[slot] != 0 && !(hashes[first[slots[slot] - 1]] == hashes[row] && same(first[slots[slot] - 1], row)))
            {
                slot = (slot + 1) & mask;
            }

            if (slots[slot] == 0)
            {
                first.Add(row);
                counts.Add(0);
                slots[slot] = first.Count;
            }

            groupOf[row] = slots[slot] - 1;
            counts[groupOf[row]]++;
        }

        return new DistinctRows([.. first], groupOf, [.. counts]);
    }

    private static ulong Mix(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var word in MemoryMarshal.Cast<byte, uint>(bytes))
        {
            hash = (hash ^ word) * 0x9E37_79B9_7F4A_7C15;
            hash ^= hash >> 32;
        }

        hash = (hash ^ (uint)bytes.Length) * 0xBF58_476D_1CE4_E5B9;
        return hash ^ (hash >> 29);
    }
}
