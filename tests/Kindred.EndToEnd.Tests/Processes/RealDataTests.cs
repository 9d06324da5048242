using System.Net.Http.Json;
using System.Text.Json;

namespace Kindred.EndToEnd.Tests.Processes;

/// <summary>From a folder of real files to lists that follow the next event, by the program alone.</summary>
public sealed class RealDataTests(ITestOutputHelper output)
{
    [Fact]
    public async Task MovieLens_ratings_become_lists_that_change_with_each_rating()
    {
        using var data = new TemporaryFolder();
        Import(data, "films", Path.Combine(Shared(), "ml-latest-small"));
        Train(data, "films");
        var key = KindredServer.CreateKey(data.Path);
        await using var server = await KindredServer.StartAsync(data.Path, key);
        const string collection = "/api/v1/collections/films";

        var lists = new List<string[]> { await ListAsync(server.Client, $"{collection}/users/newcomer/recommendations?n=10") };

        // The Lord of the Rings 1, 2 and Star Wars V: what follows must be of their kind.
        string[] films = ["4993", "5952", "1196"];
        foreach (var film in films)
        {
            using var sent = await server.Client.PostAsJsonAsync($"{collection}/events", new { user = "newcomer", item = film, type = "rating", value = 9 });
            sent.StatusCode.ShouldBe(System.Net.HttpStatusCode.Accepted);
            lists.Add(await ListAsync(server.Client, $"{collection}/users/newcomer/recommendations?n=10"));
            lists[^1].ShouldNotBe(lists[^2], "the very next answer follows the rating");
            lists[^1].ShouldNotContain(film, "a seen film is not recommended");
        }

        lists[^1].ShouldContain("7153", "the third Lord of the Rings follows the first two");
        using var why = await server.Client.GetFromJsonAsync<JsonDocument>($"{collection}/users/newcomer/why/{lists[^1][0]}");
        var named = why!.RootElement.GetRawText();
        output.WriteLine(named);
        films.ShouldAllBe(film => named.Contains($"\"{film}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Online_Retail_purchases_become_lists_that_change_with_each_purchase()
    {
        using var data = new TemporaryFolder();
        Import(data, "shop", Path.Combine(Shared(), "online-retail", "online_retail_clean.csv.gz"));
        Train(data, "shop");
        var key = KindredServer.CreateKey(data.Path);
        await using var server = await KindredServer.StartAsync(data.Path, key);
        const string collection = "/api/v1/collections/shop";

        // Regency teacups in green and roses: the pink one and the cake stand go with them.
        string[] products = ["22697", "22699"];
        var before = await ListAsync(server.Client, $"{collection}/users/newcomer/recommendations?n=10");
        foreach (var product in products)
        {
            using var sent = await server.Client.PostAsJsonAsync($"{collection}/events", new { user = "newcomer", item = product, type = "purchase", value = 2 });
            sent.StatusCode.ShouldBe(System.Net.HttpStatusCode.Accepted);
            var after = await ListAsync(server.Client, $"{collection}/users/newcomer/recommendations?n=10");
            after.ShouldNotBe(before);
            after.ShouldNotContain(product);
            before = after;
        }

        before.ShouldContain("22698", "the pink teacup completes the set");
        (await ListAsync(server.Client, $"{collection}/items/22697/bought-together?n=5")).ShouldContain("22699");
        using var why = await server.Client.GetFromJsonAsync<JsonDocument>($"{collection}/users/newcomer/why/22698");
        products.ShouldAllBe(product => why!.RootElement.GetRawText().Contains($"\"{product}\"", StringComparison.Ordinal));
    }

    private static string Shared()
    {
        if (Repository.SharedData is not { } shared)
        {
            Assert.Skip("The shared data sets are not beside the checkout.");
            return "";
        }

        return shared;
    }

    private void Import(TemporaryFolder data, string collection, string path)
    {
        var ran = Programs.Run(KindredServer.Executable, ["import", path, "--collection", collection, "--data", data.Path, "--json"]);
        ran.ExitCode.ShouldBe(0, ran.Error);
        output.WriteLine(ran.Output);
    }

    private void Train(TemporaryFolder data, string collection)
    {
        var ran = Programs.Run(KindredServer.Executable, ["train", "--collection", collection, "--data", data.Path, "--json"], limit: TimeSpan.FromMinutes(6));
        ran.ExitCode.ShouldBe(0, ran.Error);
        output.WriteLine(ran.Output);
    }

    private static async Task<string[]> ListAsync(HttpClient client, string path)
    {
        using var answer = await client.GetFromJsonAsync<JsonDocument>(path);
        return [.. answer!.RootElement.GetProperty("data").EnumerateArray().Select(slot => slot.GetProperty("item").GetString()!)];
    }
}
