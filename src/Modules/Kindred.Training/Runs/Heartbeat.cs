namespace Kindred.Training.Runs;

/// <summary>
/// Writes a run's stage and progress into its row, at most once a second, and at least every tenth second as a sign of life. When the row is no
/// longer this process's (cancelled, or taken for dead), <see cref="Lost"/> is cancelled, so a stalled process that wakes up stops by itself.
/// </summary>
internal sealed class Heartbeat : IAsyncDisposable
{
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(1);
    private const int SilentBeats = 10;

    private readonly TrainingStore _store;
    private readonly long _run;
    private readonly string _token;
    private readonly Action<string, double>? _told;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _stop = new();
    private readonly PeriodicTimer _timer;
    private readonly Task _beating;
    private (string Stage, double Progress) _current = ("reading events", 0);

    public Heartbeat(TrainingStore store, long run, string token, TimeProvider clock, Action<string, double>? told, CancellationToken cancellation)
    {
        (_store, _run, _token, _told) = (store, run, token, told);
        _lost = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _timer = new PeriodicTimer(s_beat, clock);
        _beating = BeatAsync();
    }

    /// <summary>Cancelled when the run is to stop, for whatever reason.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>True when the row was taken away.</summary>
    public bool Fenced { get; private set; }

    /// <summary>Says where the run is; written with the next beat.</summary>
    public void Report(string stage, double progress)
    {
        lock (_lost)
        {
            _current = (stage, Math.Clamp(progress, 0, 1));
        }

        _told?.Invoke(stage, progress);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _timer.Dispose();
        await _beating;
        _lost.Dispose();
        _stop.Dispose();
    }

    private async Task BeatAsync()
    {
        var written = ("", -1d);
        for (var silent = 0; await _timer.WaitForNextTickAsync(); silent++)
        {
            (string Stage, double Progress) current;
            lock (_lost)
            {
                current = _current;
            }

            if (current == written && silent < SilentBeats)
            {
                continue;
            }

            try
            {
                if (!await _store.BeatAsync(_run, _token, current.Stage, current.Progress, _stop.Token))
                {
                    Fenced = true;
                    await _lost.CancelAsync();
                    return;
                }

                (written, silent) = (current, 0);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (System.Data.Common.DbException)
            {
                // A database that is away for a moment is tried again at the next beat; if it stays away the lease ends and the run is fenced.
            }
        }
    }
}
