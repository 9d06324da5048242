namespace Kindred.Recommendations.Items;

/// <summary>A growing bit mask with one writer at a time and any number of readers: each word is stored whole, and the array only grows by being replaced.</summary>
internal sealed class BitMask
{
    private ulong[] _words = [];

    public bool this[int bit]
    {
        get
        {
            var words = Volatile.Read(ref _words);
            return (uint)(bit >> 6) < (uint)words.Length && (words[bit >> 6] >> (bit & 63) & 1) != 0;
        }
    }

    public void Set(int bit, bool on)
    {
        var word = bit >> 6;
        if (word >= _words.Length)
        {
            if (!on)
            {
                return;
            }

            var words = new ulong[Math.Max(word + 1, _words.Length * 2)];
            _words.CopyTo(words, 0);
            Volatile.Write(ref _words, words);
        }

        var value = on ? _words[word] | (1UL << (bit & 63)) : _words[word] & ~(1UL << (bit & 63));
        Volatile.Write(ref _words[word], value);
    }

    public void CopyTo(Span<ulong> words)
    {
        var mine = Volatile.Read(ref _words);
        var common = Math.Min(mine.Length, words.Length);
        mine.AsSpan(0, common).CopyTo(words);
        words[common..].Clear();
    }

    public void And(Span<ulong> words)
    {
        var mine = Volatile.Read(ref _words);
        var common = Math.Min(mine.Length, words.Length);
        System.Numerics.Tensors.TensorPrimitives.BitwiseAnd(words[..common], mine.AsSpan(0, common), words[..common]);
        words[common..].Clear();
    }
}
