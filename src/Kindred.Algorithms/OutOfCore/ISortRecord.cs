namespace Kindred.Algorithms.OutOfCore;

/// <summary>A record of fixed size that <see cref="ExternalSort{T}"/> puts in order.</summary>
public interface ISortRecord
{
    /// <summary>What records are ordered by, ascending.</summary>
    ulong Key { get; }
}
