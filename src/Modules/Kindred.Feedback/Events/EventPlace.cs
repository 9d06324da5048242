namespace Kindred.Feedback.Events;

/// <summary>
/// The key of an event's row: collection and sequence number in one 64-bit integer, so that the log is appended to by integer key and no index
/// carries two columns where one does. Room for 2^40 events in each of 2^23 collections.
/// </summary>
internal static class EventPlace
{
    private const int Bits = 40;
    private const long Mask = (1L << Bits) - 1;

    /// <summary>The key; sequences beyond the last possible one (a cursor's "from the end") are that one.</summary>
    public static long Of(int collection, long sequence) => ((long)collection << Bits) | Math.Min(sequence, Mask);

    /// <summary>The last key of a collection.</summary>
    public static long Last(int collection) => Of(collection, Mask);

    /// <summary>The sequence number in a key.</summary>
    public static long Sequence(long place) => place & Mask;
}
