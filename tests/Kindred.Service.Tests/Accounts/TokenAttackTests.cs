using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kindred.Accounts;
using Kindred.Accounts.People;
using Kindred.Accounts.Tokens;
using static Kindred.Service.Tests.Accounts.AccountsWorld;

namespace Kindred.Service.Tests.Accounts;

/// <summary>A server, a person with a session, and a listener that no token may make the server call.</summary>
public sealed class AttackedWorld : IAsyncLifetime
{
    private readonly TcpListener _canary = new(IPAddress.Loopback, 0);

    internal AccountsWorld World { get; private set; } = null!;

    internal string Token { get; private set; } = "";

    internal string Refresh { get; private set; } = "";

    internal string OtherPerson { get; private set; } = "";

    internal string DeletedToken { get; private set; } = "";

    internal ECDsa Attacker { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal string CanaryUrl => $"http://{_canary.LocalEndpoint}/keys";

    internal bool CanaryWasCalled => _canary.Pending();

    public async ValueTask InitializeAsync()
    {
        _canary.Start();
        World = await StartAsync();
        await World.RegisterAsync("anna@example.org");
        OtherPerson = (await World.RegisterAsync("ben@example.org")).ToString();
        await World.RegisterAsync("gone@example.org");
        (Token, Refresh) = await World.LoginAsync("anna@example.org");
        (DeletedToken, _) = await World.LoginAsync("gone@example.org");
        await World.Get<Registration>().DeleteAsync(3, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        _canary.Dispose();
        Attacker.Dispose();
        await World.DisposeAsync();
    }
}

/// <summary>F1: what attackers send in place of a token. Refused with one and the same 401, on every kind of route.</summary>
public sealed class TokenAttackTests(AttackedWorld attacked) : IClassFixture<AttackedWorld>
{
    private static readonly string[] s_routes = [Shop + "/items", "/auth/v1/users/me", "/api/v1/users/me/", "/whoami"];

    public static TheoryData<string> Attacks =>
    [
        "alg none", "alg None", "alg nOnE", "alg none, old signature", "empty signature", "signature of another payload", "signature of zeros", "signature in DER",
        "HS256 with the public key's PEM", "HS256 with the public key's JWK", "alg ES384", "alg RS256", "alg missing", "alg in lower case",
        "kid ../../dev/null", "kid SQL", "kid URL", "kid unknown", "kid missing", "kid of ours, key of theirs",
        "jku", "x5u", "jwk", "crit", "b64 false",
        "exp past", "exp missing", "exp 1e30", "exp text", "exp negative", "exp array", "nbf future", "iat future", "iat missing",
        "iss other", "iss missing", "aud other", "aud array", "aud missing", "sub other", "sub missing", "sid other",
        "typ rt+jwt", "typ JWT", "typ missing", "refresh token", "one part", "two parts", "four parts", "five parts", "empty",
        "8 KB", "doubled claim", "doubled header", "unknown claim", "padding", "stray bits", "space inside", "payload UTF-16", "payload array", "payload broken", "deleted person",
    ];

    [Fact]
    public async Task The_token_itself_and_one_signed_anew_are_good()
    {
        (await SendAsync(s_routes[1], attacked.Token)).Status.ShouldBe(200);
        var (header, payload) = Parts();
        (await SendAsync(s_routes[1], Sign(header.ToJsonString(), payload.ToJsonString()))).Status.ShouldBe(200, "the forging below differs only in what it says");
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task F1_A_false_token_is_refused_alike_everywhere(string attack)
    {
        var token = Forge(attack);
        foreach (var route in s_routes)
        {
            var wanted = await SendAsync(route, "x");
            var reply = await SendAsync(route, token);
            reply.Status.ShouldBe(401, $"{attack} on {route}: {reply.Text}");
            reply["detail"].ShouldBe(token.Length == 0 ? reply["detail"] : wanted["detail"], attack);
            reply["type"].ShouldBe(wanted["type"], attack);
            reply.Headers.WwwAuthenticate.ToString().ShouldBe(wanted.Headers.WwwAuthenticate.ToString());
        }

        var tokens = attacked.World.Get<TokenService>();
        var quickest = TimeSpan.MaxValue;
        for (var k = 0; k < 5; k++)
        {
            var start = Stopwatch.GetTimestamp();
            _ = tokens.Read(TokenKind.Access, token);
            quickest = TimeSpan.FromTicks(Math.Min(quickest.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
        }

        quickest.TotalMilliseconds.ShouldBeLessThan(5);
        attacked.CanaryWasCalled.ShouldBeFalse("no key is fetched from anywhere");
    }

    [Fact]
    public async Task F1_A_token_counts_in_the_header_once_and_nowhere_else()
    {
        (await attacked.World.GetAsync($"/auth/v1/users/me?access_token={attacked.Token}&token={attacked.Token}")).Status.ShouldBe(401);
        var twice = await attacked.World.SendAsync(HttpMethod.Get, "/auth/v1/users/me", headers: [("Authorization", "Bearer " + attacked.Token), ("Authorization", "Bearer " + attacked.Token)]);
        twice.Status.ShouldBe(401);
        (await attacked.World.GetAsync("/auth/v1/users/me", $"Bearer {attacked.Token} {attacked.Token}")).Status.ShouldBe(401);
        (await attacked.World.GetAsync("/auth/v1/users/me", cookie: "access_token=" + attacked.Token)).Status.ShouldBe(401);
        (await attacked.World.GetAsync("/auth/v1/users/me", "bearer " + attacked.Token)).Status.ShouldBe(200, "a scheme has no case");
    }

    [Fact]
    public void F1_A_megabyte_costs_nothing()
    {
        // The quickest of many: a busy machine is slow now and then, parsing a megabyte would be slow always.
        var tokens = attacked.World.Get<TokenService>();
        var megabyte = new string('a', 1 << 20) + "." + attacked.Token;
        var quickest = TimeSpan.MaxValue;
        for (var k = 0; k < 20; k++)
        {
            var start = Stopwatch.GetTimestamp();
            tokens.Read(TokenKind.Access, megabyte).ShouldBeNull();
            quickest = TimeSpan.FromTicks(Math.Min(quickest.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
        }

        quickest.TotalMilliseconds.ShouldBeLessThan(5);
    }

    [Fact]
    public async Task F1_Another_installation_s_token_is_refused()
    {
        await using var other = await StartAsync();
        await other.RegisterAsync("anna@example.org");
        var (token, _) = await other.LoginAsync("anna@example.org");
        (await other.GetAsync("/auth/v1/users/me", token)).Status.ShouldBe(200);
        (await SendAsync("/auth/v1/users/me", token)).Status.ShouldBe(401);
    }

    [Fact]
    public async Task F1_A_key_is_good_until_its_last_token_has_ended_and_then_gone()
    {
        await using var world = await StartAsync(options: new AccountsOptions { AttemptsPerMinute = 1_000_000, KeyLifetime = TimeSpan.FromDays(1), RefreshLifetime = TimeSpan.FromDays(2), AccessLifetime = TimeSpan.FromDays(1) });
        await world.RegisterAsync("anna@example.org");
        var (first, _) = await world.LoginAsync("anna@example.org");
        var keys = world.Get<SigningKeys>();
        var old = keys.Current.Id;
        var file = Directory.GetFiles(Path.Combine(world.Folder, "keys")).ShouldHaveSingleItem();
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.GetUnixFileMode(Path.GetDirectoryName(file)!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var rotated = keys.Rotate().Id;
        rotated.ShouldNotBe(old);
        (await world.GetAsync("/auth/v1/users/me", first)).Status.ShouldBe(200, "the old key still checks what it signed");
        (await world.GetAsync("/.well-known/jwks.json")).Body.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()).ShouldBe([old, rotated]);

        world.Clock.Advance(TimeSpan.FromDays(1.5));
        var (second, _) = await world.LoginAsync("anna@example.org");
        keys.Current.Id.ShouldNotBe(rotated, "a key signs for its lifetime only");
        world.Clock.Advance(TimeSpan.FromDays(1.6));
        keys.Find(old).ShouldBeNull();
        keys.Public.Select(key => key.Kid).ShouldNotContain(old);
        (await world.GetAsync("/auth/v1/users/me", second)).Status.ShouldBe(401);
        Directory.GetFiles(Path.Combine(world.Folder, "keys")).ShouldNotContain(file);
    }

    [Fact]
    public async Task A_second_process_on_the_folder_knows_the_same_keys_and_hears_of_a_logout_within_a_second()
    {
        var options = new AccountsOptions { AttemptsPerMinute = 1_000_000 };
        await using var one = await StartAsync(options: options);
        await one.RegisterAsync("anna@example.org");
        var (before, _) = await one.LoginAsync("anna@example.org");
        await using var two = await StartAsync(options: options, folder: one.Folder);
        one.Get<SigningKeys>().Rotate();
        two.Clock.Advance(TimeSpan.FromSeconds(2));
        var (after, _) = await one.LoginAsync("anna@example.org");
        (await two.GetAsync("/auth/v1/users/me", before)).Status.ShouldBe(200);
        (await two.GetAsync("/auth/v1/users/me", after)).Status.ShouldBe(200, "a key made by another process is found");
        (await one.PostAsync("/auth/v1/jwt/logout", bearer: after)).Status.ShouldBe(204);
        (await one.GetAsync("/auth/v1/users/me", after)).Status.ShouldBe(401);
        two.Clock.Advance(TimeSpan.FromSeconds(1));
        (await two.GetAsync("/auth/v1/users/me", after)).Status.ShouldBe(401);
        (await two.GetAsync("/auth/v1/users/me", before)).Status.ShouldBe(200);
    }

    private Task<Reply> SendAsync(string route, string token) => route == "/whoami"
        ? attacked.World.GetAsync(route, cookie: "bonds=" + Uri.EscapeDataString(token))
        : attacked.World.GetAsync(route, "Bearer " + token);

    private string Forge(string attack)
    {
        var (header, payload) = Parts();
        var parts = attacked.Token.Split('.');
        var now = DateTimeOffset.UnixEpoch.AddSeconds((double)payload["iat"]!);
        var jwk = attacked.World.Get<SigningKeys>().Current.Public;
        switch (attack)
        {
            case "alg none" or "alg None" or "alg nOnE":
                return Unsigned(With(header, "alg", attack[4..]), payload);
            case "alg none, old signature":
                return Unsigned(With(header, "alg", "none"), payload) + parts[2];
            case "empty signature":
                return $"{parts[0]}.{parts[1]}.";
            case "signature of another payload":
                return $"{parts[0]}.{Encode(With(payload, "sub", attacked.OtherPerson).ToJsonString())}.{parts[2]}";
            case "signature of zeros":
                return $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}";
            case "signature in DER":
                return $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(ToDer(Base64Url.DecodeFromChars(parts[2])))}";
            case "HS256 with the public key's PEM":
                return SignHs256(With(header, "alg", "HS256"), payload, PublicPem(jwk));
            case "HS256 with the public key's JWK":
                return SignHs256(With(header, "alg", "HS256"), payload, $$"""{"kty":"EC","crv":"P-256","x":"{{jwk.X}}","y":"{{jwk.Y}}"}""");
            case "kid of ours, key of theirs":
                return Sign(header.ToJsonString(), payload.ToJsonString(), attacked.Attacker);
            case "jku" or "x5u":
                return Sign(With(With(header, attack, attacked.CanaryUrl), "kid", "theirs").ToJsonString(), payload.ToJsonString(), attacked.Attacker);
            case "jwk":
                var theirs = attacked.Attacker.ExportParameters(includePrivateParameters: false).Q;
                header["jwk"] = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(theirs.X), ["y"] = Base64Url.EncodeToString(theirs.Y) };
                return Sign(header.ToJsonString(), payload.ToJsonString(), attacked.Attacker);
            case "refresh token":
                return attacked.Refresh;
            case "deleted person":
                return attacked.DeletedToken;
            case "one part":
                return parts[0];
            case "two parts":
                return $"{parts[0]}.{parts[1]}";
            case "four parts":
                return attacked.Token + ".";
            case "five parts":
                return $"{parts[0]}..{parts[1]}.{parts[1]}.{parts[2]}";
            case "empty":
                return "";
            case "8 KB":
                return Sign(header.ToJsonString(), With(payload, "jti", new string('x', 6000)).ToJsonString());
            case "doubled claim":
                return Sign(header.ToJsonString(), payload.ToJsonString()[..^1] + $",\"sub\":\"{attacked.OtherPerson}\"}}");
            case "doubled header":
                return Sign(header.ToJsonString()[..^1] + ",\"alg\":\"ES256\"}", payload.ToJsonString());
            case "padding":
                return attacked.Token + "==";
            case "stray bits":
                const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
                return attacked.Token[..^1] + alphabet[alphabet.IndexOf(attacked.Token[^1], StringComparison.Ordinal) | 1];
            case "space inside":
                return $"{parts[0]}.{parts[1]}. {parts[2]}";
            case "payload UTF-16":
                return SignBytes(Encoding.UTF8.GetBytes(header.ToJsonString()), Encoding.Unicode.GetBytes(payload.ToJsonString()));
            case "payload array":
                return Sign(header.ToJsonString(), "[" + payload.ToJsonString() + "]");
            case "payload broken":
                return Sign(header.ToJsonString(), payload.ToJsonString()[..^1]);
        }

        (header, payload) = attack switch
        {
            "alg ES384" => (With(header, "alg", "ES384"), payload),
            "alg RS256" => (With(header, "alg", "RS256"), payload),
            "alg in lower case" => (With(header, "alg", "es256"), payload),
            "alg missing" => (Without(header, "alg"), payload),
            "kid ../../dev/null" => (With(header, "kid", "../../dev/null"), payload),
            "kid SQL" => (With(header, "kid", "x' union select 'key' --"), payload),
            "kid URL" => (With(header, "kid", attacked.CanaryUrl), payload),
            "kid unknown" => (With(header, "kid", Base64Url.EncodeToString(new byte[32])), payload),
            "kid missing" => (Without(header, "kid"), payload),
            "crit" => (With(With(header, "crit", new JsonArray("exp")), "exp", 1), payload),
            "b64 false" => (With(header, "b64", false), payload),
            "typ rt+jwt" => (With(header, "typ", "rt+jwt"), payload),
            "typ JWT" => (With(header, "typ", "JWT"), payload),
            "typ missing" => (Without(header, "typ"), payload),
            "exp past" => (header, With(With(payload, "iat", now.AddHours(-3).ToUnixTimeSeconds()), "exp", now.AddHours(-2).ToUnixTimeSeconds())),
            "exp missing" => (header, Without(payload, "exp")),
            "exp 1e30" => (header, With(payload, "exp", 1e30)),
            "exp text" => (header, With(payload, "exp", payload["exp"]!.ToJsonString())),
            "exp negative" => (header, With(payload, "exp", -1)),
            "exp array" => (header, With(payload, "exp", new JsonArray(payload["exp"]!.DeepClone()))),
            "nbf future" => (header, With(payload, "nbf", now.AddHours(1).ToUnixTimeSeconds())),
            "iat future" => (header, With(With(payload, "iat", now.AddHours(1).ToUnixTimeSeconds()), "exp", now.AddHours(2).ToUnixTimeSeconds())),
            "iat missing" => (header, Without(payload, "iat")),
            "iss other" => (header, With(payload, "iss", "somebody")),
            "iss missing" => (header, Without(payload, "iss")),
            "aud other" => (header, With(payload, "aud", "somebody")),
            "aud array" => (header, With(payload, "aud", new JsonArray("kindred", "somebody"))),
            "aud missing" => (header, Without(payload, "aud")),
            "sub other" => (header, With(payload, "sub", attacked.OtherPerson)),
            "sub missing" => (header, Without(payload, "sub")),
            "sid other" => (header, With(payload, "sid", Guid.NewGuid().ToString("N"))),
            "unknown claim" => (header, With(payload, "admin", true)),
            _ => throw new ArgumentOutOfRangeException(nameof(attack), attack, "no such attack"),
        };
        return Sign(header.ToJsonString(), payload.ToJsonString());
    }

    private (JsonObject Header, JsonObject Payload) Parts()
    {
        var parts = attacked.Token.Split('.');
        return (JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!.AsObject(), JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject());
    }

    private static JsonObject With(JsonObject node, string name, JsonNode? value)
    {
        node[name] = value;
        return node;
    }

    private static JsonObject Without(JsonObject node, string name)
    {
        node.Remove(name);
        return node;
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static string Unsigned(JsonObject header, JsonObject payload) => $"{Encode(header.ToJsonString())}.{Encode(payload.ToJsonString())}.";

    private static string SignHs256(JsonObject header, JsonObject payload, string key)
    {
        var signed = $"{Encode(header.ToJsonString())}.{Encode(payload.ToJsonString())}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(signed)))}";
    }

    private string Sign(string header, string payload, ECDsa? key = null) => SignBytes(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(payload), key);

    private string SignBytes(byte[] header, byte[] payload, ECDsa? key = null)
    {
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        return $"{signed}.{Base64Url.EncodeToString(key?.SignData(bytes, HashAlgorithmName.SHA256) ?? attacked.World.Get<SigningKeys>().Current.Sign(bytes))}";
    }

    private static string PublicPem(Jwk jwk)
    {
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Base64Url.DecodeFromChars(jwk.X), Y = Base64Url.DecodeFromChars(jwk.Y) } });
        return key.ExportSubjectPublicKeyInfoPem();
    }

    private static byte[] ToDer(byte[] signature)
    {
        System.Formats.Asn1.AsnWriter writer = new(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new System.Numerics.BigInteger(signature.AsSpan(0, 32), isUnsigned: true, isBigEndian: true));
            writer.WriteInteger(new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true, isBigEndian: true));
        }

        return writer.Encode();
    }
}
