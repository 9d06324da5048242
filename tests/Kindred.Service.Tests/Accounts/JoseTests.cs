using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using static Kindred.Service.Tests.Accounts.AccountsWorld;

namespace Kindred.Service.Tests.Accounts;

/// <summary>Our tokens in the eyes of the npm package jose, and jose's in ours. <c>./test</c> installs it where there is npm.</summary>
public sealed class JoseTests
{
    [Fact]
    public async Task Jose_reads_our_tokens_and_we_refuse_what_it_can_make_without_our_key()
    {
        var folder = Path.Combine(Root(), "tests", "jose");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules", "jose")), "npm package jose is not installed: npm ci in tests/jose");
        await using var world = await StartAsync();
        var id = await world.RegisterAsync("anna@example.org");
        var (token, _) = await world.LoginAsync("anna@example.org");
        var keys = (await world.GetAsync("/.well-known/jwks.json")).Text;

        var said = await RunNodeAsync(folder, $$"""{"token":"{{token}}","jwks":{{keys}}}""");
        said.GetProperty("payload").GetProperty("sub").GetGuid().ShouldBe(id);
        var lifetime = said.GetProperty("payload").GetProperty("exp").GetInt64() - said.GetProperty("payload").GetProperty("iat").GetInt64();
        lifetime.ShouldBe(3600);
        said.GetProperty("protectedHeader").EnumerateObject().Select(member => member.Name).ShouldBe(["alg", "kid", "typ"]);
        said.GetProperty("thumbprint").GetString().ShouldBe(said.GetProperty("protectedHeader").GetProperty("kid").GetString());
        said.GetProperty("refusedByJose").EnumerateArray().ShouldAllBe(refused => refused.GetBoolean());

        var forged = said.GetProperty("forged").EnumerateObject().ToArray();
        forged.Length.ShouldBe(7);
        foreach (var attack in forged)
        {
            (await world.GetAsync("/auth/v1/users/me", attack.Value.GetString())).Status.ShouldBe(401, attack.Name);
        }

        (await world.GetAsync("/auth/v1/users/me", token)).Status.ShouldBe(200);
    }

    private static async Task<JsonElement> RunNodeAsync(string folder, string input)
    {
        Process? node = null;
        try
        {
            node = Process.Start(new ProcessStartInfo("node", ["check.mjs"]) { UseShellExecute = false, WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (Win32Exception)
        {
            Assert.Skip("node is not installed");
        }

        using (node)
        {
            await node!.StandardInput.WriteAsync(input);
            node.StandardInput.Close();
            var (output, error) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
            await node.WaitForExitAsync(TestContext.Current.CancellationToken);
            node.ExitCode.ShouldBe(0, await error);
            return JsonElement.Parse(await output);
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Kindred.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The repository's root was not found.");
        }

        return folder.FullName;
    }
}
