using System.Threading.RateLimiting;

namespace Kindred.Accounts.Passwords;

/// <summary>
/// The only way to the slow hash: few at a time, a bounded queue in order of arrival, so that a flood of logins takes neither the processors nor
/// the memory from everybody else. Every method returns null when the queue is full.
/// </summary>
internal sealed class PasswordGate : IDisposable
{
    private readonly ConcurrencyLimiter _limiter;
    private readonly int _rounds;
    private readonly string _nobody;

    public PasswordGate(AccountsOptions options)
    {
        _rounds = options.PasswordRounds;
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = options.PasswordWorkers > 0 ? options.PasswordWorkers : Math.Max(1, Environment.ProcessorCount / 2),
            QueueLimit = options.PasswordQueue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        _nobody = PasswordHash.Create(Guid.NewGuid().ToString(), _rounds);
    }

    /// <summary>How long to wait before trying again.</summary>
    public static TimeSpan Wait { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The text to store.</summary>
    public async ValueTask<string?> HashAsync(string password, CancellationToken cancellation)
    {
        using var lease = await _limiter.AcquireAsync(1, cancellation);
        return lease.IsAcquired ? PasswordHash.Create(password, _rounds) : null;
    }

    /// <summary>Checks against what is stored. Nobody's password (null), and one that was never set, cost the same and never fit.</summary>
    public async ValueTask<bool?> FitsAsync(string password, string? stored, CancellationToken cancellation)
    {
        using var lease = await _limiter.AcquireAsync(1, cancellation);
        var real = stored is not null && PasswordHash.Rounds(stored) > 0;
        return lease.IsAcquired ? PasswordHash.Fits(password, real ? stored! : _nobody) && real : null;
    }

    /// <summary>True when a stored password was made with fewer rounds than are wanted today.</summary>
    public bool IsWeak(string stored) => PasswordHash.Rounds(stored) < _rounds;

    public void Dispose() => _limiter.Dispose();
}
