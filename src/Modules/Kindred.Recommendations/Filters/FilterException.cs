namespace Kindred.Recommendations.Filters;

/// <summary>A filter was refused.</summary>
/// <param name="position">Where, in characters from 0.</param>
/// <param name="message">What is wrong and what would be right.</param>
public sealed class FilterException(int position, string message) : Exception(message)
{
    /// <summary>Where, in characters from 0.</summary>
    public int Position { get; } = position;
}
