using System.Text.Json;
using Kindred.Contracts;
using Kindred.Recommendations.Filters;
using Kindred.Recommendations.Items;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Serving;

public sealed class FilterTests
{
    private static readonly ItemTable s_items = Make();

    [Theory]
    [InlineData("price < 3", "f0 f1 f2")]
    [InlineData("price >= 8 and in_stock", "f8")]
    [InlineData("not in_stock", "f0 f3 f6 f9")]
    [InlineData("category = \"Drama\" and price <= 4", "f0 f2 f4")]
    [InlineData("category not in ('Drama') and price < 4", "f1 f3")]
    [InlineData("price = 1 or price = 2 and studio = 'North'", "f1 f2")]
    [InlineData("(price = 1 or price = 2) and studio = 'South'", "")]
    [InlineData("studio != 'North'", "f5 f6 f7 f8 f9")]
    [InlineData("title contains 'LM 7'", "f7")]
    [InlineData("id in ('f3', \"f4\")", "f3 f4")]
    [InlineData("tags contains 'old' and tags = 'all'", "f0 f1")]
    [InlineData("timestamp < '2020-01-03'", "f0 f1")]
    [InlineData("`price` == 1e0", "f1")]
    [InlineData("only_one = true", "f9")]
    [InlineData("not not not only_one and price > 7", "f8")]
    public void Predicates_hold_for_the_right_items(string filter, string expected)
    {
        var words = new ulong[s_items.Words];
        s_items.Allowed(words, null, s_items.Filter(filter));
        string.Join(' ', Enumerable.Range(0, s_items.Count).Where(k => (words[0] >> k & 1) != 0).Select(k => s_items[k]!.Id)).ShouldBe(expected);
    }

    [Theory]
    [InlineData("", 0, "name of an attribute")]
    [InlineData("price <", 7, "Expected a number")]
    [InlineData("price < 3 price", 10, "'and', 'or' or the end")]
    [InlineData("prise < 3", 0, "Did you mean 'price'")]
    [InlineData("zzzzzzzz", 0, "No item has")]
    [InlineData("price < 'cheap'", 8, "a number")]
    [InlineData("studio", 0, "not true or false")]
    [InlineData("title contains \"x", 15, "never closed")]
    [InlineData("price in ()", 10, "Expected a number")]
    [InlineData("price ; drop table items", 6, "no meaning")]
    [InlineData("and and and", 0, "name of an attribute")]
    [InlineData("category < 'Drama'", 0, "use =")]
    [InlineData("timestamp > 'yesterday'", 12, "a time")]
    [InlineData("price = 1e999", 8, "not a number")]
    [InlineData("title = 'a\\q'", 11, "no escape")]
    public void Hostile_and_mistaken_filters_are_refused_with_a_position(string filter, int position, string words)
    {
        var refused = Should.Throw<FilterException>(() => s_items.Filter(filter));
        refused.Position.ShouldBe(position);
        refused.Message.ShouldContain(words);
    }

    [Fact]
    public void Depth_length_and_terms_are_bounded()
    {
        Should.Throw<FilterException>(() => s_items.Filter(new string('(', 2000) + "in_stock" + new string(')', 2000))).Message.ShouldContain("32");
        Should.Throw<FilterException>(() => s_items.Filter(string.Concat(Enumerable.Repeat("not ", 1000)) + "in_stock")).Message.ShouldContain("32");
        Should.Throw<FilterException>(() => s_items.Filter(new string(' ', 4097))).Message.ShouldContain("4096");
        Should.Throw<FilterException>(() => s_items.Filter($"price in ({string.Join(',', Enumerable.Range(0, 201))})")).Message.ShouldContain("200");
        s_items.Filter($"price in ({string.Join(',', Enumerable.Range(0, 200))})").ShouldNotBeNull();
        s_items.Filter(new string('(', 31) + "in_stock" + new string(')', 31)).ShouldNotBeNull();
    }

    [Fact]
    public void Random_text_is_parsed_or_refused_and_nothing_else()
    {
        string[] parts = ["price", "in_stock", "category", "title", "studio", "tags", "timestamp", "id", "nope", " ", "(", ")", ",", "<", "<=", "=", "!=", ">", "and", " or ", "not ",
            " in ", " contains ", "\"", "'", "`", "\\", "'x'", "\"2020-01-01\"", "1", "-1", "1e5", ".", "true", "false", "é", "\0", "\ud800", "😀", "--", "/*"];
        var random = new Random(42);
        var parsed = 0;
        for (var round = 0; round < 100_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => parts[random.Next(parts.Length)]));
            try
            {
                s_items.Filter(text);
                parsed++;
            }
            catch (FilterException refused)
            {
                refused.Position.ShouldBeInRange(0, text.Length);
            }
        }

        parsed.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void A_kept_filter_follows_the_catalogue()
    {
        var items = Make();
        var filter = items.Filter("price < 3");
        filter.Mask[5].ShouldBeFalse();
        items.Apply([Item(5) with { Version = 100, Attributes = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["price"] = JsonSerializer.SerializeToElement(1) } }]);
        items.Apply([Item(10)]);
        items.Filter("price < 3").ShouldBeSameAs(filter);
        filter.Mask[5].ShouldBeTrue();
        filter.Mask[10].ShouldBeFalse();
        items.Apply([Item(5) with { Version = 99 }]);
        filter.Mask[5].ShouldBeTrue("an older version of an item came late");
    }

    private static ItemTable Make()
    {
        var items = new ItemTable();
        items.Apply([.. Enumerable.Range(0, 10).Select(Item)]);
        return items;
    }

    private static ItemRecord Item(int number)
    {
        var attributes = new Dictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["price"] = JsonSerializer.SerializeToElement(number),
            ["in_stock"] = JsonSerializer.SerializeToElement(number % 3 != 0),
            ["studio"] = JsonSerializer.SerializeToElement(number < 5 ? "North" : "South"),
            ["tags"] = JsonSerializer.SerializeToElement(new[] { "all", number < 2 ? "old" : "new" }),
        };
        if (number == 9)
        {
            attributes["only_one"] = JsonSerializer.SerializeToElement(true);
        }

        return new ItemRecord(
            number, $"f{number}", $"Film {number}", [number % 2 == 0 ? "Drama" : "Comedy"], attributes, new DateTimeOffset(2020, 1, 1 + number, 0, 0, 0, TimeSpan.Zero), false, false, number + 1);
    }
}
