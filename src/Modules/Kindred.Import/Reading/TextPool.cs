namespace Kindred.Import.Reading;

/// <summary>Gives the same string for the same characters where it can: ids repeat, and a file of millions of rows need not allocate them anew. Bounded.</summary>
internal sealed class TextPool
{
    private const int Slots = 1 << 16;
    private readonly string?[] _texts = new string?[Slots];

    public string Get(ReadOnlySpan<char> text)
    {
        ref var slot = ref _texts[string.GetHashCode(text, StringComparison.Ordinal) & (Slots - 1)];
        return slot is { } known && text.SequenceEqual(known) ? known : slot = text.ToString();
    }
}
