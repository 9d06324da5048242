using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kindred.Platform;
using Kindred.Platform.Storage;

namespace Kindred.Accounts.Tokens;

/// <summary>A public key as RFC 7517 writes it.</summary>
internal sealed record Jwk(string Kty, string Crv, string X, string Y, string Kid, string Alg, string Use);

/// <summary>One key of ES256: it signs by this algorithm and no other.</summary>
internal sealed class SigningKey : IDisposable
{
    private readonly ECDsa _pair;

    // One handle of the system's library must not be used by two threads at once.
    private readonly Lock _lock = new();

    public SigningKey(ECDsa pair, DateTimeOffset madeAt)
    {
        _pair = pair;
        MadeAt = madeAt;
        var point = pair.ExportParameters(includePrivateParameters: false).Q;
        var (x, y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));

        // RFC 7638: the key's own hash, so a name cannot be given to another key.
        var thumbprint = SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}"""));
        Public = new Jwk("EC", "P-256", x, y, Base64Url.EncodeToString(thumbprint), "ES256", "sig");
    }

    public string Id => Public.Kid;

    public DateTimeOffset MadeAt { get; }

    public Jwk Public { get; }

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            return _pair.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    public bool Fits(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        lock (_lock)
        {
            return _pair.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    public string ToPem() => _pair.ExportPkcs8PrivateKeyPem();

    public void Dispose() => _pair.Dispose();
}

/// <summary>
/// The keys in <c>DATA/keys</c>, one file each, mode 600. The newest signs; an older one is good until its last token has expired and is deleted
/// then. Processes that serve the same accounts share the folder: a key made by another is found when its first token comes.
/// </summary>
internal sealed class SigningKeys(PlatformSettings platform, AccountsOptions options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(1);

    private readonly string _folder = Path.Combine(platform.DataFolder, "keys");
    private readonly Lock _lock = new();
    private volatile IReadOnlyList<SigningKey> _keys = [];
    private long _nextLook;

    /// <summary>The key that signs now.</summary>
    public SigningKey Current
    {
        get
        {
            var keys = Good();
            if (keys.Count > 0 && clock.GetUtcNow() < keys[^1].MadeAt + options.KeyLifetime)
            {
                return keys[^1];
            }

            lock (_lock)
            {
                Load();
                return _keys.Count > 0 && clock.GetUtcNow() < _keys[^1].MadeAt + options.KeyLifetime ? _keys[^1] : Make();
            }
        }
    }

    /// <summary>The public halves of all good keys.</summary>
    public IReadOnlyList<Jwk> Public
    {
        get
        {
            _ = Current;
            return [.. Good().Select(key => key.Public)];
        }
    }

    /// <summary>The key of that name, or null. The name is compared, never used as a path; made-up names cost a look into the folder a second.</summary>
    public SigningKey? Find(string id)
    {
        if (Good().FirstOrDefault(key => string.Equals(key.Id, id, StringComparison.Ordinal)) is { } known)
        {
            return known;
        }

        lock (_lock)
        {
            if (clock.GetTimestamp() >= _nextLook)
            {
                Load();
            }
        }

        return Good().FirstOrDefault(key => string.Equals(key.Id, id, StringComparison.Ordinal));
    }

    /// <summary>Makes the next key now: from here on it signs.</summary>
    public SigningKey Rotate()
    {
        lock (_lock)
        {
            Load();
            return Make();
        }
    }

    public void Dispose()
    {
        foreach (var key in _keys)
        {
            key.Dispose();
        }
    }

    private IReadOnlyList<SigningKey> Good()
    {
        var keys = _keys;
        return keys.Count > 0 && IsOver(keys[0].MadeAt) ? [.. keys.Where(key => !IsOver(key.MadeAt))] : keys;
    }

    private bool IsOver(DateTimeOffset madeAt) =>
        clock.GetUtcNow() >= madeAt + options.KeyLifetime + new[] { options.AccessLifetime, options.VendorAccessLifetime, options.RefreshLifetime }.Max();

    private void Load()
    {
        _nextLook = clock.GetTimestamp() + (long)(s_lookAgain.TotalSeconds * clock.TimestampFrequency);
        if (!Directory.Exists(_folder))
        {
            return;
        }

        List<SigningKey> keys = [.. _keys];
        foreach (var path in Directory.EnumerateFiles(_folder, "token-*.pem").Order(StringComparer.Ordinal))
        {
            if (Path.GetFileNameWithoutExtension(path).Split('-', 3) is not [_, var made, var id] || !long.TryParse(made, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                throw new InvalidDataException($"{path} is not named like a signing key of this program.");
            }

            var madeAt = DateTimeOffset.FromUnixTimeSeconds(seconds);
            if (IsOver(madeAt))
            {
                File.Delete(path);
            }
            else if (!keys.Exists(key => string.Equals(key.Id, id, StringComparison.Ordinal)))
            {
                keys.Add(Read(path, id, madeAt));
            }
        }

        _keys = [.. keys.Where(key => !IsOver(key.MadeAt)).OrderBy(key => key.MadeAt).ThenBy(key => key.Id, StringComparer.Ordinal)];
    }

    private static SigningKey Read(string path, string id, DateTimeOffset madeAt)
    {
        var pair = ECDsa.Create();
        pair.ImportFromPem(File.ReadAllText(path));
        var key = new SigningKey(pair, madeAt);
        return pair.KeySize == 256 && string.Equals(key.Id, id, StringComparison.Ordinal) ? key : throw new InvalidDataException($"{path} does not hold the key its name says.");
    }

    private SigningKey Make()
    {
        // A key made in the same second as the last one must still be the newest.
        var madeAt = DateTimeOffset.FromUnixTimeSeconds(Math.Max(clock.GetUtcNow().ToUnixTimeSeconds(), _keys.Count > 0 ? _keys[^1].MadeAt.ToUnixTimeSeconds() + 1 : 0));
        var key = new SigningKey(ECDsa.Create(ECCurve.NamedCurves.nistP256), madeAt);
        var path = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"token-{madeAt.ToUnixTimeSeconds()}-{key.Id}.pem"));
        PrivateFiles.Write(path, Encoding.ASCII.GetBytes(key.ToPem()));
        _keys = [.. _keys, key];
        return key;
    }
}
