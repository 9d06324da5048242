using System.Runtime.InteropServices;

namespace Kindred.Algorithms.OutOfCore;

/// <summary>Makes <see cref="InteractionFiles"/> from interactions in any order, by two external sorts; memory does not grow with them.</summary>
public sealed class InteractionFilesWriter : IDisposable
{
    private readonly string _folder;
    private readonly long _memory;
    private readonly ExternalSort<Cell> _cells;
    private int _users;
    private int _items;
    private bool _finished;

    /// <summary>Starts in a folder of its own below <paramref name="folder"/>.</summary>
    /// <param name="folder">A folder with room for three times 16 bytes an interaction.</param>
    /// <param name="memory">Bytes it may hold at a time, besides 8 a user and 16 an item: 2 MiB or more.</param>
    public InteractionFilesWriter(string folder, long memory)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(memory, 2L << 20);
        _folder = Path.Combine(folder, Path.GetRandomFileName());
        Directory.CreateDirectory(_folder);

        // Both sorts are alive while the first is read and the second filled, each with half.
        _memory = memory / 2;
        _cells = new ExternalSort<Cell>(_folder, _memory);
    }

    /// <summary>Entries mapped at a time.</summary>
    internal long WindowEntries { get; init; } = CsrFile.Window;

    /// <summary>Adds an interaction; of one user and item the weights are summed.</summary>
    /// <param name="user">Number of the user, 0 or more.</param>
    /// <param name="item">Number of the item, 0 or more.</param>
    /// <param name="weight">Above 0; 1 means one positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or the weight not finite and above 0.</exception>
    public void Add(int user, int item, float weight)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(user);
        ArgumentOutOfRangeException.ThrowIfNegative(item);
        if (!float.IsFinite(weight) || weight <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "The weight of an interaction is finite and above 0.");
        }

        _cells.Add(new Cell(user, item, weight));
        (_users, _items) = (Math.Max(_users, user + 1), Math.Max(_items, item + 1));
    }

    /// <summary>Sorts and writes both files.</summary>
    /// <param name="users">Number of users; at least what was added.</param>
    /// <param name="items">Number of items; at least what was added.</param>
    /// <param name="cancellation">Ends with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An interaction lies outside the shape.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public InteractionFiles Finish(int users, int items, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(users, _users);
        ArgumentOutOfRangeException.ThrowIfLessThan(items, _items);
        using var turned = new ExternalSort<Cell>(_folder, _memory);
        var weights = new double[items];
        using var byUser = new CsrFileWriter(Path.Combine(_folder, "by-user"), users);
        foreach (var cell in Joined(_cells, cancellation))
        {
            byUser.Add(cell.Row, cell.Column, cell.Weight);
            turned.Add(new Cell(cell.Column, cell.Row, cell.Weight));
        }

        _cells.Dispose();
        using var byItem = new CsrFileWriter(Path.Combine(_folder, "by-item"), items);
        foreach (var cell in Joined(turned, cancellation))
        {
            byItem.Add(cell.Row, cell.Column, cell.Weight);
            weights[cell.Row] += cell.Weight;
        }

        _finished = true;
        return new InteractionFiles(_folder, byUser.Finish(WindowEntries), byItem.Finish(WindowEntries), weights);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cells.Dispose();
        if (!_finished)
        {
            Directory.Delete(_folder, recursive: true);
            _finished = true;
        }
    }

    // Cells of one place become one.
    private static IEnumerable<Cell> Joined(ExternalSort<Cell> cells, CancellationToken cancellation)
    {
        var (open, any, seen) = (default(Cell), false, 0);
        foreach (var cell in cells.Sorted())
        {
            if ((++seen & 0xFFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            if (any && cell.Key == open.Key)
            {
                open = open with { Weight = open.Weight + cell.Weight };
                continue;
            }

            if (any)
            {
                yield return open;
            }

            (open, any) = (cell, true);
        }

        if (any)
        {
            yield return open;
        }
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private readonly record struct Cell(int Row, int Column, float Weight) : ISortRecord
    {
        public ulong Key => ((ulong)(uint)Row << 32) | (uint)Column;
    }
}
