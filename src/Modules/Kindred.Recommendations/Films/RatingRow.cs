namespace Kindred.Recommendations.Films;

/// <summary>One user's ratings by item, or one item's by user: ascending by number, so that sums over it are the same whatever order the ratings came in.</summary>
internal sealed class RatingRow(bool timed)
{
    private const long Unit = 1L << 23;

    private int[] _others = new int[4];
    private float[] _values = new float[4];
    private long[] _times = timed ? new long[4] : [];

    // Whole numbers of 2^-23, which every float of 1 or more is, and of 2^-46: sums that are added to and taken from never drift, and are the same however the
    // ratings came.
    private long _sum;
    private Int128 _squares;

    public int Count { get; private set; }

    /// <summary>Items of a user or users of an item, ascending.</summary>
    public ReadOnlySpan<int> Others => _others.AsSpan(0, Count);

    public ReadOnlySpan<float> Values => _values.AsSpan(0, Count);

    /// <summary>Length of the row as a vector, squared.</summary>
    public double Squares => (double)_squares / ((double)Unit * Unit);

    /// <summary>Sum of the ratings.</summary>
    public double Sum => (double)_sum / Unit;

    /// <summary>Place of a number; its complement where it would stand.</summary>
    public int Find(int other) => _others.AsSpan(0, Count).BinarySearch(other);

    /// <summary>When the rating at a place was given; rows with times only.</summary>
    public long TimeAt(int place) => _times[place];

    /// <summary>Sets a rating; a time only where the row has them.</summary>
    public void Set(int other, float value, long time)
    {
        var place = Find(other);
        if (place < 0)
        {
            place = ~place;
            if (Count == _others.Length)
            {
                Array.Resize(ref _others, Count * 2);
                Array.Resize(ref _values, Count * 2);
                Array.Resize(ref _times, timed ? Count * 2 : 0);
            }

            Move(place, place + 1);
            Count++;
            _others[place] = other;
        }
        else
        {
            Weigh(_values[place], -1);
        }

        Weigh(value, 1);
        _values[place] = value;
        if (timed)
        {
            _times[place] = time;
        }
    }

    /// <summary>Takes a rating away; false where there is none.</summary>
    public bool Remove(int other)
    {
        var place = Find(other);
        if (place < 0)
        {
            return false;
        }

        Weigh(_values[place], -1);
        Move(place + 1, place);
        Count--;
        return true;
    }

    private void Move(int from, int to)
    {
        Array.Copy(_others, from, _others, to, Count - from);
        Array.Copy(_values, from, _values, to, Count - from);
        if (timed)
        {
            Array.Copy(_times, from, _times, to, Count - from);
        }
    }

    private void Weigh(float value, int sign)
    {
        var units = (long)(value * (double)Unit);
        _sum += sign * units;
        _squares += sign * ((Int128)units * units);
    }
}
