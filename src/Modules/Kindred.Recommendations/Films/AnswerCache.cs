using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Kindred.Recommendations.Films;

/// <summary>
/// Answers kept as they were written, for a time and while what they are about has its stamp. Many who ask at once for what is not there make one answer, so what is
/// told of a new answer is told once. Bounded: when full, what is over goes first.
/// </summary>
internal sealed class AnswerCache(TimeProvider clock, int mostKept = 100_000)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The answer under a key, kept or made now.</summary>
    /// <param name="key">What is asked, with whom it is about.</param>
    /// <param name="stamp">State of what it is about, read before it is made.</param>
    /// <param name="keep">How long it is good; zero keeps nothing.</param>
    /// <param name="anew">Make it anew even where one is kept.</param>
    /// <param name="make">Makes it; a failure is kept by nobody.</param>
    public async ValueTask<KeptAnswer> GetAsync(string key, int stamp, TimeSpan keep, bool anew, Func<Task<byte[]>> make)
    {
        if (keep == TimeSpan.Zero)
        {
            return new KeptAnswer(await make(), keep);
        }

        while (true)
        {
            var entry = _entries.GetValueOrDefault(key);
            if (entry is null || anew || entry.Stamp != stamp || clock.GetElapsedTime(entry.At) >= keep)
            {
                var made = new Entry(stamp, clock.GetTimestamp(), new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously));
                if (entry is null ? _entries.TryAdd(key, made) : _entries.TryUpdate(key, made, entry))
                {
                    Bound(keep);
                    return new KeptAnswer(await MakeAsync(key, made, make), keep);
                }

                continue;
            }

            return new KeptAnswer(await entry.Body.Task, keep - clock.GetElapsedTime(entry.At));
        }
    }

    private async Task<byte[]> MakeAsync(string key, Entry entry, Func<Task<byte[]>> make)
    {
        try
        {
            var body = await make();
            entry.Body.SetResult(body);
            return body;
        }
        catch (Exception failure)
        {
            _entries.TryRemove(new KeyValuePair<string, Entry>(key, entry));
            entry.Body.SetException(failure);
            throw;
        }
    }

    private void Bound(TimeSpan keep)
    {
        if (_entries.Count <= mostKept)
        {
            return;
        }

        foreach (var pair in _entries.Where(pair => clock.GetElapsedTime(pair.Value.At) >= keep))
        {
            _entries.TryRemove(pair);
        }

        if (_entries.Count > mostKept)
        {
            _entries.Clear();
        }
    }

    private sealed record Entry(int Stamp, long At, TaskCompletionSource<byte[]> Body);
}

/// <summary>An answer and how long it is still good.</summary>
internal readonly record struct KeptAnswer(byte[] Body, TimeSpan Left)
{
    /// <summary>Names the body, as <c>ETag</c> writes it.</summary>
    public string Tag => $"W/\"{Convert.ToHexStringLower(SHA256.HashData(Body).AsSpan(0, 16))}\"";
}
