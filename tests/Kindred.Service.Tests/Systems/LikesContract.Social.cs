using System.Text.Json;
using Kindred.Service.Tests.Accounts;

namespace Kindred.Service.Tests.Systems;

/// <summary>Bookmarks and reviews.</summary>
public abstract partial class LikesContract
{
    [Fact]
    public async Task C15_bookmarks_are_set_listed_and_taken_away_by_their_owner()
    {
        const string bookmarks = "/social/v1/bookmarks/";
        var (anna, ben) = (await PersonAsync("anna@example.org"), await PersonAsync("ben@example.org"));
        var made = await World.PostAsync(bookmarks, new { movie_id = s_film, user_id = anna.Id, bookmarked_at = "2026-01-31T12:00:00Z" }, anna.Token);
        made.Status.ShouldBe(200, made.Text);
        made.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["_id", "movie_id", "user_id", "bookmarked_at"]);
        made["bookmarked_at"].ShouldBe("2026-01-31T12:00:00Z");
        (await World.PostAsync(bookmarks, new { movie_id = s_film, user_id = anna.Id }, anna.Token)).Status.ShouldBe(400);
        (await World.PostAsync(bookmarks, new { movie_id = s_other, user_id = anna.Id }, ben.Token)).Status.ShouldBe(403);
        (await World.PostAsync(bookmarks, new { movie_id = "film", user_id = anna.Id }, anna.Token)).Status.ShouldBe(422);
        (await World.PostAsync(bookmarks, new { movie_id = s_other, user_id = anna.Id, bookmarked_at = "2126-01-31T12:00:00Z" }, anna.Token)).Status.ShouldBe(422);
        (await World.PostAsync(bookmarks, new { movie_id = s_other, user_id = anna.Id })).Status.ShouldBe(401);

        var listed = await World.GetAsync($"{bookmarks}?user_id={anna.Id}", anna.Token);
        var one = listed.Body.EnumerateArray().ShouldHaveSingleItem();
        one.EnumerateObject().Select(member => member.Name).ShouldBe(["id", "movie_id", "user_id", "bookmarked_at"]);
        one.GetProperty("id").GetString().ShouldBe(made["_id"]);
        (await World.GetAsync($"{bookmarks}?user_id={anna.Id}", ben.Token)).Status.ShouldBe(403);
        (await World.GetAsync($"{bookmarks}?user_id=anna", anna.Token)).Status.ShouldBe(400);
        (await RecordedAsync(anna.Id)).ShouldBe([("bookmark", (float?)null)], "it is an event");

        (await World.SendAsync(HttpMethod.Delete, bookmarks + made["_id"], null, ben.Token)).Status.ShouldBe(403);
        (await World.SendAsync(HttpMethod.Delete, bookmarks + made["_id"], null, anna.Token)).Status.ShouldBe(200);
        (await World.SendAsync(HttpMethod.Delete, bookmarks + made["_id"], null, anna.Token)).Status.ShouldBe(404);
        (await RecordedAsync(anna.Id)).ShouldBeEmpty();
        (await World.PostAsync(bookmarks, new { movie_id = s_film, user_id = anna.Id }, anna.Token)).Status.ShouldBe(200, "anew");
        (await RateAsync(anna, s_film, 8)).ShouldNotBeNull();
        (await RecordedAsync(anna.Id)).ShouldBe([("bookmark", (float?)null), ("rating", 8f)], ignoreOrder: true);
    }

    [Fact]
    public async Task C16_reviews_are_written_by_their_owner_and_read_by_all()
    {
        const string reviews = "/social/v1/reviews/";
        var (anna, ben) = (await PersonAsync("anna@example.org"), await PersonAsync("ben@example.org"));
        foreach (var (text, status) in new[] { ("ten chars.", 422), (new string('x', 1001), 422), (new string(' ', 20), 422), ("eleven char", 200) })
        {
            (await World.PostAsync(reviews, new { movie_id = s_film, user_id = anna.Id, review_text = text }, anna.Token)).Status.ShouldBe(status, text);
        }

        (await World.PostAsync(reviews, new { movie_id = s_film, user_id = anna.Id, review_text = "one a user and film" }, anna.Token)).Status.ShouldBe(400);
        var made = await World.PostAsync(reviews, new { movie_id = s_other, user_id = anna.Id, review_text = string.Concat(Enumerable.Repeat("👍", 1000)) }, anna.Token);
        made.Status.ShouldBe(200, "a thousand characters, however they are written");
        made.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["_id", "movie_id", "user_id", "reviewed_at", "review_text"]);
        (await World.PostAsync(reviews, new { movie_id = s_other, user_id = anna.Id, review_text = "for somebody else" }, ben.Token)).Status.ShouldBe(403);
        (await World.PostAsync(reviews, new { movie_id = s_other, user_id = anna.Id, review_text = "without a token" })).Status.ShouldBe(401);

        var one = await World.GetAsync(reviews + made["_id"]);
        one.Body.EnumerateObject().Select(member => member.Name).ShouldBe(["id", "movie_id", "user_id", "reviewed_at", "review_text"]);
        (await World.GetAsync($"{reviews}?user_id={anna.Id}&page_size=1&page_number=1")).Body.EnumerateArray().ShouldHaveSingleItem().GetProperty("id").GetString().ShouldBe(made["_id"]);
        (await World.GetAsync($"{reviews}?user_id=anna")).Status.ShouldBe(400);
        (await World.GetAsync(reviews + Guid.NewGuid())).Status.ShouldBe(404);

        Task<Reply> ChangeAsync(string? text, string token) => World.SendAsync(HttpMethod.Put, $"{reviews}{made["_id"]}{(text is null ? "" : "?review_text=" + Uri.EscapeDataString(text))}", null, token);
        (await ChangeAsync("another opinion", ben.Token)).Status.ShouldBe(403);
        foreach (var (text, status) in new[] { ("", 400), ("            ", 400), ("short", 422), (null, 422), ("another opinion & more", 200) })
        {
            (await ChangeAsync(text, anna.Token)).Status.ShouldBe(status, text);
        }

        (await World.GetAsync(reviews + made["_id"]))["review_text"].ShouldBe("another opinion & more");
        (await World.SendAsync(HttpMethod.Delete, reviews + made["_id"], null, ben.Token)).Status.ShouldBe(403);
        var deleted = await World.SendAsync(HttpMethod.Delete, reviews + made["_id"], null, anna.Token);
        (deleted.Status, string.IsNullOrEmpty(deleted["message"])).ShouldBe((200, false));
        (await World.SendAsync(HttpMethod.Delete, reviews + made["_id"], null, anna.Token)).Status.ShouldBe(404);
    }
}
