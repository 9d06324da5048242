namespace Kindred.Algorithms.Sparse;

/// <summary>
/// Text ids to dense numbers and back, ordinal comparison: numbers are given in the order ids are first added. Not safe for several threads
/// while ids are added.
/// </summary>
public sealed class IdMap
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _ids = [];

    /// <summary>Number of ids.</summary>
    public int Count => _ids.Count;

    /// <summary>The id of a number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No id has that number.</exception>
    public string this[int number] => _ids[number];

    /// <summary>All ids by number.</summary>
    public IReadOnlyList<string> Ids => _ids;

    /// <summary>The number of an id, given now if it has none.</summary>
    public int Add(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (!_numbers.TryGetValue(id, out var number))
        {
            number = _ids.Count;
            _numbers.Add(id, number);
            _ids.Add(id);
        }

        return number;
    }

    /// <summary>The number of an id; false when it has none.</summary>
    public bool TryGet(string id, out int number) => _numbers.TryGetValue(id, out number);

    /// <summary>
    /// Rank of every id in ascending order: as numbers where all ids are whole numbers, else ordinal. Used to break ties as people expect.
    /// </summary>
    public int[] Order()
    {
        var numbers = new long[_ids.Count];
        var numeric = true;
        for (var k = 0; k < numbers.Length && numeric; k++)
        {
            numeric = long.TryParse(_ids[k], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out numbers[k]);
        }

        var order = new int[_ids.Count];
        for (var k = 0; k < order.Length; k++)
        {
            order[k] = k;
        }

        if (numeric)
        {
            Array.Sort(numbers, order);
        }
        else
        {
            Array.Sort(order, (a, b) => string.CompareOrdinal(_ids[a], _ids[b]));
        }

        var rank = new int[order.Length];
        for (var k = 0; k < order.Length; k++)
        {
            rank[order[k]] = k;
        }

        return rank;
    }
}
