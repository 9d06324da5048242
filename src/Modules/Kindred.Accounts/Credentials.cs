using Kindred.Accounts.Tokens;
using Kindred.Platform.Web;

namespace Kindred.Accounts;

/// <summary>Keys and tokens, told apart by how they begin.</summary>
internal sealed class Credentials(ApiKeys keys, Sessions sessions) : ICredentials
{
    public ValueTask<Caller?> CheckAsync(string bearer, CancellationToken cancellation) =>
        bearer.StartsWith("kindred_", StringComparison.Ordinal) ? keys.CheckAsync(bearer, cancellation) : sessions.CheckAsync(bearer, cancellation);

    public Task<IReadOnlySet<SignedIn>> LiveAsync(IReadOnlyCollection<SignedIn> people, CancellationToken cancellation) => sessions.LiveAsync(people, cancellation);
}
