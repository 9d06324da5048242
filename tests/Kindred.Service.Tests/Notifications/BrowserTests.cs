using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Kindred.Service.Tests.Systems;
using static Kindred.Service.Tests.Notifications.ChatWorld;

namespace Kindred.Service.Tests.Notifications;

/// <summary>The page of the chat in a real browser, and its script in the eyes of the TypeScript compiler. <c>./test</c> installs both where it can.</summary>
public sealed class BrowserTests
{
    private static readonly string s_folder = Path.Combine(Root(), "tests", "browser");

    [Fact]
    public async Task C26_a_browser_signs_in_and_is_told_of_films_live_also_after_a_break()
    {
        var chromium = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(chromium is null, "chromium is not installed");
        Assert.SkipUnless(Directory.Exists(Path.Combine(s_folder, "node_modules", "playwright-core")), "npm package playwright-core is not installed: npm ci in tests/browser");
        await using var world = await ProgramWorld.StartAsync();
        var pictures = Path.Combine(Root(), "artifacts", "pictures");
        Directory.CreateDirectory(pictures);
        const string password = "correct horse battery";
        var id = (await world.PostAsync("/auth/v1/register", new { email = "anna@example.org", password, name = "Anna", surname = "Karenina" })).Body.GetProperty("id").GetGuid();

        using var node = Node("chat.mjs");
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(new { url = world.Addresses[0].ToString().TrimEnd('/'), email = "anna@example.org", password, chromium, pictures }));
        node.StandardInput.Close();
        var errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await ExpectAsync(node, "ready", errors);
        await world.TellAsync(Recommended(id, "Night Ferry"));
        await ExpectAsync(node, "broken", errors);
        await world.TellAsync(Recommended(id, "Salt Road"));
        var said = await node.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        node.ExitCode.ShouldBe(0, await errors);
        var saw = JsonElement.Parse(said!);
        saw.GetProperty("faults").GetArrayLength().ShouldBe(0, saw.ToString());
        saw.GetProperty("policy").GetString()!.ShouldStartWith("default-src 'none'");
        saw.GetProperty("focused").GetString().ShouldBe("email");
        saw.GetProperty("own").GetString()!.ShouldEndWith("hello <b>there</b>", Case.Sensitive, "words, never markup");
        saw.GetProperty("typed").GetInt32().ShouldBe(500);
        saw.GetProperty("width")[0].GetInt32().ShouldBeLessThanOrEqualTo(390, "nothing sticks out of a phone");
        var films = saw.GetProperty("bots").EnumerateArray().Select(line => line.GetString()!).Where(line => line.Contains("recommend the following", StringComparison.Ordinal)).ToArray();
        films.Length.ShouldBe(2, "each once");
        films[1].ShouldContain("Salt Road");
        saw.GetProperty("people").GetString().ShouldBe("Here: Anna Karenina");
        saw.GetProperty("connections").GetInt32().ShouldBe(2);
        saw.GetProperty("dark").GetString().ShouldNotBe("rgb(0, 0, 0)");
        saw.GetProperty("cookies").GetArrayLength().ShouldBe(0, "signed out");
        File.Exists(Path.Combine(pictures, "chat-light.png")).ShouldBeTrue();
    }

    [Fact]
    public async Task C26_the_page_s_script_has_the_types_it_says()
    {
        var compiler = Path.Combine(s_folder, "node_modules", "typescript", "bin", "tsc");
        Assert.SkipUnless(File.Exists(compiler), "npm package typescript is not installed: npm ci in tests/browser");
        using var node = Node(compiler, "-p", ".");
        var output = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        node.ExitCode.ShouldBe(0, output);
    }

    private static async Task ExpectAsync(Process node, string word, Task<string> errors)
    {
        var line = await node.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        line.ShouldBe(word, line is null ? await errors : null);
    }

    private static Process Node(params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("node", arguments) { UseShellExecute = false, WorkingDirectory = s_folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("node is not installed");
            throw;
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
