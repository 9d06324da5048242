using System.Text.Json.Nodes;
using Kindred.Settings;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Program;

public sealed class SettingsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kindred-settings-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Nothing_set_gives_a_shop_and_a_cinema_on_loopback()
    {
        var settings = Load().Settings;
        settings.Urls.ShouldBe("http://127.0.0.1:8000");
        settings.Data.ShouldBe(Path.Combine(_folder.FullName, "kindred-data"));
        settings.Collections.Keys.ShouldBe(["shop", "films"]);
        settings.Collections["films"].EventTypes["rating"].Judges().ShouldBe((">= 7", "<= 4"));
        settings.Collections["shop"].EventTypes["view"].Seen.ShouldBeFalse();
        settings.Collections.Values.ShouldAllBe(collection => collection.PublicReads == null && collection.PublicWrites == null);
    }

    [Fact]
    public void Each_layer_wins_over_the_one_before()
    {
        Write("kindred-data/kindred.json", """{"training":{"threads":1,"seed":1,"hold_out":0.2},"urls":"http://127.0.0.1:1",/* by hand */}""");
        Write(".env", "# local\nexport KINDRED__TRAINING__SEED=2\nKINDRED__TRAINING__HOLD_OUT=\"0.25\"\nOTHER=x\n");
        var loaded = Load(
            new SettingsFlags(Urls: "http://127.0.0.1:3"),
            ("KINDRED__TRAINING__HOLD_OUT", "0.3"),
            ("KINDRED__COLLECTIONS__SHOP__TRAIN_AFTER_EVENTS", "77"));

        loaded.Settings.Training.Threads.ShouldBe(1);
        loaded.Settings.Training.Seed.ShouldBe(2);
        loaded.Settings.Training.HoldOut.ShouldBe(0.3);
        loaded.Settings.Urls.ShouldBe("http://127.0.0.1:3");
        loaded.Settings.Collections["shop"].TrainAfterEvents.ShouldBe(77);
        loaded.Settings.Collections["shop"].EventTypes.Count.ShouldBe(3, "the rest of the collection stays");
        loaded.Tree.SourceOf("training.threads").ShouldEndWith("kindred.json");
        loaded.Tree.SourceOf("training.seed").ShouldBe(".env KINDRED__TRAINING__SEED");
        loaded.Tree.SourceOf("training.hold_out").ShouldBe("environment KINDRED__TRAINING__HOLD_OUT");
        loaded.Tree.SourceOf("urls").ShouldBe("flag --urls");
        loaded.Tree.SourceOf("training.keep_bundles").ShouldBe("default");
    }

    [Theory]
    [InlineData("""{"trainin":{"threads":1}}""", "trainin: unknown setting", "Did you mean \"training\"?")]
    [InlineData("""{"collections":{"shop":{"trian_every":"1h"}}}""", "collections.shop.trian_every: unknown setting", "Did you mean \"train_every\"?")]
    [InlineData("""{"training":{"threads":"two"}}""", "training.threads: a value of another type is wanted here, not \"two\"", "kindred.json")]
    [InlineData("""{"training":{"timeout":"soon"}}""", "training.timeout: a duration is written as", "not \"soon\"")]
    [InlineData("""{"training":{"hold_out":0.9}}""", "training.hold_out: 0.9 is not above 0 and at most 0.5", "kindred.json")]
    [InlineData("""{"collections":{"shop":{"event_types":{"purchase":{"weight":-1}}}}}""", "collections.shop.event_types.purchase.weight: -1 is not above 0", "kindred.json")]
    [InlineData("""{"collections":{"films":{"event_types":{"rating":{"positive":"good"}}}}}""", "collections.films.event_types.rating.positive: \"good\" is not a comparison", "kindred.json")]
    [InlineData("""{"collections":{"films":{"recommenders":["itemkn"]}}}""", "collections.films.recommenders: there is no recommender \"itemkn\"", "Did you mean \"itemknn\"?")]
    [InlineData("""{"collections":{"My Shop":{"event_types":{"x":{}}}}}""", "collections.My Shop: a collection's name", "kindred.json")]
    [InlineData("""{"urls":"localhost:80"}""", "urls: \"localhost:80\" is not an address", "kindred.json")]
    [InlineData("""{"urls":"a","urls":"b"}""", "not valid JSON", "kindred.json")]
    [InlineData("""{"data":"elsewhere"}""", "data: the file in the data folder cannot move the data folder", "--data")]
    public void A_wrong_setting_stops_the_start_with_its_path(string file, string says, string also)
    {
        Write("kindred-data/kindred.json", file);
        var faults = Should.Throw<SettingsException>(() => Load()).Faults;
        faults.ShouldHaveSingleItem().ShouldContain(says);
        faults[0].ShouldContain(also);
    }

    [Fact]
    public void All_faults_are_told_at_once() =>
        Should.Throw<SettingsException>(() => Load(null, ("KINDRED__URL", "x"), ("KINDRED__TRAINING__THREAD", "1"))).Faults.Count.ShouldBe(2);

    [Fact]
    public void A_collection_is_added_by_settings_and_a_default_one_taken_away()
    {
        Write("kindred-data/kindred.json", """{"collections":{"films":null,"books-eu":{"event_types":{"loan":{}}}}}""");
        var settings = Load(null, ("KINDRED__COLLECTIONS__BOOKS_EU__EVENT_TYPES__LOAN__WEIGHT", "2"), ("KINDRED__COLLECTIONS__BOOKS_EU__RECOMMENDERS", "popularity, itemknn")).Settings;
        settings.Collections.Keys.ShouldBe(["shop", "books-eu"]);
        settings.Collections["books-eu"].EventTypes["loan"].Weight.ShouldBe(2);
        settings.Collections["books-eu"].Recommenders.ShouldBe(["popularity", "itemknn"]);
    }

    [Fact]
    public void A_choice_is_set_by_its_word_and_nothing_else()
    {
        var words = Load(null, ("KINDRED__MAIL__TLS", "offered"));
        words.Settings.Mail.Tls.ShouldBe(Kindred.Notifications.MailTlsSettings.Offered);
        Load().Settings.Mail.Tls.ShouldBe(Kindred.Notifications.MailTlsSettings.Required);
        foreach (var wrong in new[] { "1", "sometimes", "true" })
        {
            Should.Throw<SettingsException>(() => Load(null, ("KINDRED__MAIL__TLS", wrong))).Message.ShouldContain("mail.tls");
        }
    }

    [Fact]
    public void A_preset_gives_way_to_every_layer_but_the_default()
    {
        var preset = JsonNode.Parse("""{"collections":{"shop":{"public_reads":true},"films":{"public_reads":true}}}""")!.AsObject();
        var settings = SettingsLoader.Load(
            new SettingsFlags(Set: ["collections.shop.public_reads=false"]), new Dictionary<string, string>(), _folder.FullName, preset).Settings;
        settings.Collections["shop"].PublicReads.ShouldBe(false);
        settings.Collections["films"].PublicReads.ShouldBe(true);
    }

    [Fact]
    public void Config_show_masks_secrets_and_names_sources()
    {
        var loaded = Load(null, ("KINDRED__DATABASE__CONNECTION_STRING", "Host=db;Username=k;Password=hunter2"));
        var line = SettingsListing.List(loaded).Single(one => one.Path == "database.connection_string");
        line.Value!.ToJsonString().ShouldNotContain("hunter2");
        line.Value!.ToJsonString().ShouldContain("***", Case.Sensitive);
        line.Source.ShouldBe("environment KINDRED__DATABASE__CONNECTION_STRING");
        SettingsListing.List(loaded).Select(one => one.Path).ShouldContain("collections.films.event_types.rating.positive");
    }

    private LoadedSettings Load(SettingsFlags? flags = null, params (string Name, string Value)[] environment) =>
        SettingsLoader.Load(flags ?? new SettingsFlags(), environment.ToDictionary(pair => pair.Name, pair => pair.Value), _folder.FullName);

    private void Write(string name, string content)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}

file static class Judging
{
    public static (string Positive, string Negative) Judges(this Kindred.Platform.Collections.EventTypeSettings type) => (type.Positive, type.Negative);
}
