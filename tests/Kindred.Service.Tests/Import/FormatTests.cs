using Kindred.Import;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Import;

public sealed class FormatTests : IDisposable
{
    private readonly ImportWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task MovieLens_small_is_read_whole_with_half_stars_doubled()
    {
        var summary = await _world.ImportAsync(ImportWorld.Shared("ml-latest-small"), ImportWorld.Films);

        summary.Error.ShouldBeNull();
        summary.Events.ShouldBe(new ImportCounts(100_836, 100_836, 0, 0));
        summary.Items.ShouldBe(new ImportCounts(9_742, 9_742, 0, 0));
        _world.Events.Count.ShouldBe(100_836);
        _world.Events.Values.Min(one => one.Value).ShouldBe(1);
        _world.Events.Values.Max(one => one.Value).ShouldBe(10);
        _world.Events.Values.ShouldContain(one => one.User == "1" && one.Item == "1" && one.Value == 8 && one.At == 964_982_703_000_000);
        var toyStory = _world.Items["1"];
        toyStory.Title.ShouldBe("Toy Story (1995)");
        toyStory.Attributes["year"].GetInt32().ShouldBe(1995);
        toyStory.Categories.ShouldBe(["Adventure", "Animation", "Children", "Comedy", "Fantasy"]);
        _world.Items.Values.ShouldAllBe(item => !item.Categories.Contains("(no genres listed)"));
    }

    [Fact]
    public async Task MovieTweetings_is_read_whole_and_ratings_of_zero_are_told_not_changed()
    {
        var summary = await _world.ImportAsync(ImportWorld.Shared("movietweetings-100k"), ImportWorld.Films);

        summary.Error.ShouldBeNull();
        summary.Events.ShouldBe(new ImportCounts(100_000, 99_988, 0, 12));
        summary.Items.Rows.ShouldBe(10_506);
        _world.RejectedRows("ratings").Length.ShouldBe(12);
        _world.RejectedRows("ratings").ShouldAllBe(row => row.EndsWith(",rating,0,is below 1", StringComparison.Ordinal));
        _world.Items["0002844"].Title.ShouldBe("Fantômas - À l'ombre de la guillotine (1913)");
    }

    [Fact]
    public async Task Online_Retail_is_read_whole_from_its_gzip()
    {
        var summary = await _world.ImportAsync(ImportWorld.Shared("online-retail", "online_retail_clean.csv.gz"), ImportWorld.Shop);

        summary.Error.ShouldBeNull();
        summary.Events.ShouldBe(new ImportCounts(397_884, 397_884, 0, 0));
        summary.Items.New.ShouldBe(3_665);
        _world.Events.Values.Select(one => one.User).Distinct().Count().ShouldBe(4_338);
        _world.Items["22697"].Title.ShouldBe("GREEN REGENCY TEACUP AND SAUCER");
        _world.Items["22697"].Attributes["price"].GetDecimal().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Complete_Journey_is_read_by_a_map()
    {
        var sales = await _world.ImportAsync(ImportWorld.Shared("completejourney", "transactions_sample.csv"), ImportWorld.Shop, request => request with
        {
            Map = new Dictionary<string, string> { ["user"] = "household_id", ["item"] = "product_id", ["value"] = "quantity", ["time"] = "transaction_timestamp" },
            Type = "purchase",
        });
        sales.Error.ShouldBeNull();
        sales.Events.ShouldBe(new ImportCounts(75_000, 75_000, 0, 0));

        var products = await _world.ImportAsync(ImportWorld.Shared("completejourney", "products.csv"), ImportWorld.Shop, request => request with
        {
            Map = new Dictionary<string, string> { ["id"] = "product_id", ["title"] = "product_type", ["categories"] = "department", ["brand"] = "brand" },
        });
        products.Error.ShouldBeNull();
        products.Items.Rows.ShouldBe(92_331);
        _world.Items["26093"].Categories.ShouldBe(["PASTRY"]);
    }

    [Fact]
    public async Task Cancellations_and_lines_without_a_customer_are_left_out_with_the_reason()
    {
        var path = _world.Write("sales.csv", """"
            InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
            1,A,OLD NAME,6,2010-12-01 08:26:00,2.55,17850,UK
            C2,A,OLD NAME,-6,2010-12-02 08:26:00,2.55,17850,UK
            3,B,,-2,2010-12-02 08:26:00,1.5,17850,UK
            4,B,"LAMP, ""RED""",2,2010-12-02 08:26:00,1.5,,UK
            5,A,NEW NAME,1,12/3/2010 8:26,2.95,17850.0,UK
            6,A,,1,2010-12-04 08:26:00,3.05,17850,UK
            """");

        var summary = await _world.ImportAsync(path, ImportWorld.Shop);

        summary.Events.ShouldBe(new ImportCounts(6, 3, 0, 3));
        _world.RejectedRows("sales").ShouldBe(["3,InvoiceNo,C2,is a cancellation", "4,Quantity,\"'-2\",is negative", "5,CustomerID,,is missing"]);
        _world.Events.Values.ShouldAllBe(one => one.User == "17850");
        _world.Items["A"].Title.ShouldBe("NEW NAME");
        _world.Items["A"].Attributes["price"].GetDecimal().ShouldBe(3.05m);
        summary.FirstRejection.ShouldBe("line 3  InvoiceNo \"C2\" is a cancellation");
    }

    [Theory]
    [InlineData("user,item,value,time\nanna,f1,8,1000000000\n")]
    [InlineData("\ufeffUSER;Item;VALUE;time\r\nanna;f1;8;2001-09-09T01:46:40Z\r\n")]
    [InlineData("user\titem\tvalue\ttime\nanna\tf1\t8\t2001-09-09 01:46:40")]
    [InlineData("user,item,value,time\r\rboris,f2,8,0\ranna,f1,8.0,1000000000000\r\n\n")]
    [InlineData("\"user\",\"item\",\"value\",\"time\"\n\"anna\",\"f1\",\"8\",\"2001-09-09T03:46:40+02:00\"\n")]
    [InlineData("item,extra,user,time,value\nf1,\"two\nlines, \"\"quoted\"\"\",anna,1000000000000000,8\n")]
    public async Task Delimiters_quotes_line_ends_and_times_are_found_out(string content)
    {
        var summary = await _world.ImportAsync(_world.Write("any.csv", content), ImportWorld.Films, request => request with { Type = "rating" });

        summary.Error.ShouldBeNull();
        summary.Events.Rejected.ShouldBe(0);
        _world.Events.Values.ShouldContain(one => one.User == "anna" && one.Item == "f1" && one.Value == 8 && one.At == 1_000_000_000_000_000);
    }

    [Fact]
    public async Task Json_lines_of_events_and_items_are_read()
    {
        var events = _world.Write("events.jsonl", """
            {"id":"e1","user":"anna","item":"f1","type":"rating","value":8,"at":"2001-09-09T01:46:40Z"}
            {"user":"anna","item":"f2","type":"rating","value":7.5,"at":1000000000}
            {"user":"anna","item":"f2","type":"rating","value":11,"at":1000000000}
            not json
            [1]
            {"user":"\ud800","item":"f2","type":"rating","value":7,"at":1000000000}
            """);
        var items = _world.Write("items.jsonl", """
            {"id":"f1","title":"Heat","categories":["Crime","Crime"],"attributes":{"year":1995},"timestamp":"1995-12-15","hidden":true}
            {"id":"f2","categories":"Crime"}
            """);

        var summary = await _world.ImportAsync(events, ImportWorld.Films);
        summary.Events.ShouldBe(new ImportCounts(6, 2, 0, 4));
        _world.Events.ShouldContainKey("e1");
        _world.RejectedRows("events")[0].ShouldBe("3,value,11,is above 10");

        summary = await _world.ImportAsync(items, ImportWorld.Films);
        summary.Items.ShouldBe(new ImportCounts(2, 1, 0, 1));
        _world.Items["f1"].Hidden.ShouldBeTrue();
        _world.Items["f1"].Categories.ShouldBe(["Crime"]);
        _world.Items["f1"].Timestamp.ShouldBe(new DateTimeOffset(1995, 12, 15, 0, 0, 0, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("", "The file is empty")]
    [InlineData("user,item,time,User\na,b,1,c\n", "names the column \"user\" twice")]
    [InlineData("who,what,when\na,b,1\n", "Say which column is the user")]
    public async Task Files_that_cannot_be_read_are_refused_with_what_to_do(string content, string part)
    {
        var summary = await _world.ImportAsync(_world.Write("bad.csv", content), ImportWorld.Films, request => request with { Type = "rating" });

        summary.Error.ShouldNotBeNull();
        summary.Error.ShouldContain(part, Case.Sensitive);
        _world.Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task Old_Latin_titles_are_read_as_such()
    {
        var path = Path.Combine(_world.Folder, "movies.dat");
        await File.WriteAllBytesAsync(path, System.Text.Encoding.Latin1.GetBytes("1::Misérables, Les (1995)::Drama|Musical\n2::Nothing::\n"), TestContext.Current.CancellationToken);

        (await _world.ImportAsync(path, ImportWorld.Films)).Items.New.ShouldBe(2);
        _world.Items["1"].Title.ShouldBe("Misérables, Les (1995)");
        _world.Items["2"].Categories.ShouldBeEmpty();
    }
}
