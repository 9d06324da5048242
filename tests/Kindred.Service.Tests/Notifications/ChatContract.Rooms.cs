using Kindred.Accounts;
using Kindred.Contracts;
using Kindred.Notifications.Chat;
using Kindred.Platform.Web;
using Kindred.Service.Tests.Accounts;
using static Kindred.Service.Tests.Notifications.ChatWorld;

namespace Kindred.Service.Tests.Notifications;

/// <summary>What admins do with rooms.</summary>
public abstract partial class ChatContract
{
    [Fact]
    public async Task C28_rooms_are_made_filled_emptied_and_deleted_by_admins_only()
    {
        var (admin, anna) = (await World.AddAsync("admin", admin: true), await World.AddAsync("anna"));
        foreach (var path in new[] { "rooms", "users" })
        {
            (await World.GetAsync("/ws/v1/chat/" + path)).Status.ShouldBe(401);
            (await World.GetAsync("/ws/v1/chat/" + path, anna.Token)).Status.ShouldBe(403);
        }

        foreach (var path in new[] { "create_room", "switch_room", "add_user_to_room", "remove_user_from_room", "delete_room" })
        {
            (await FormAsync(path, null)).Status.ShouldBe(401);
            (await FormAsync(path, anna.Token)).Status.ShouldBe(403);
        }

        var made = (await FormAsync("create_room", admin.Token, ("name", "Film night"))).Body;
        Members(made).ShouldBe("id name message_history");
        var room = made.GetProperty("id").GetGuid().ToString();
        (await FormAsync("create_room", admin.Token)).Status.ShouldBe(422);
        Done(await FormAsync("add_user_to_room", admin.Token, ("room_id", room), ("email", "ANNA@example.org"))).ShouldBeTrue();
        Done(await FormAsync("add_user_to_room", admin.Token, ("room_id", room), ("email", "nobody@example.org"))).ShouldBeFalse();
        Done(await FormAsync("add_user_to_room", admin.Token, ("room_id", Guid.NewGuid().ToString()), ("email", anna.Email))).ShouldBeFalse();
        var own = await World.RoomOfAsync(admin);
        Done(await FormAsync("add_user_to_room", admin.Token, ("room_id", own.ToString()), ("email", anna.Email))).ShouldBeFalse("somebody's own room stays their own");
        (await NamesAsync(anna)).ShouldBe(["Film night", "Room of anna"]);
        var listed = (await World.GetAsync("/ws/v1/chat/rooms", admin.Token)).Body.EnumerateArray().Single(one => one.GetProperty("name").GetString() == "Film night");
        (Members(listed), listed.GetProperty("users_count").GetInt32()).ShouldBe(("id name users_count", 1));
        var users = (await World.GetAsync("/ws/v1/chat/users", admin.Token)).Body;
        users.EnumerateArray().Select(user => $"{user.GetProperty("id").GetGuid()} {user.GetProperty("name").GetString()} {user.GetProperty("email").GetString()} {user.GetProperty("role").GetString()}")
            .ShouldBe([$"{admin.Id} admin {admin.Email} admin", $"{anna.Id} anna {anna.Email} user"]);

        Done(await FormAsync("remove_user_from_room", admin.Token, ("room_id", room), ("email", anna.Email))).ShouldBeTrue();
        (await NamesAsync(anna)).ShouldBe(["Default Room", "Room of anna"]);
        Done(await FormAsync("remove_user_from_room", admin.Token, ("room_id", room), ("email", anna.Email))).ShouldBeFalse();
        var switched = (await FormAsync("switch_room", admin.Token, ("user_id", anna.Id.ToString()), ("new_room_id", room))).Body;
        switched.GetProperty("redirect_url").GetString().ShouldBe($"/ws/v1/chat/{room}/{anna.Id}");
        (await NamesAsync(anna)).ShouldBe(["Film night", "Room of anna"], "out of the default room");
        Done(await FormAsync("switch_room", admin.Token, ("user_id", anna.Id.ToString()), ("new_room_id", own.ToString()))).ShouldBeFalse("not into somebody else's own");

        Done(await FormAsync("delete_room", admin.Token, ("room_id", room))).ShouldBeTrue();
        (await NamesAsync(anna)).ShouldBe(["Default Room", "Room of anna"]);
        Done(await FormAsync("delete_room", admin.Token, ("room_id", room))).ShouldBeFalse();
        Done(await FormAsync("delete_room", admin.Token, ("room_id", RoomRow.Default))).ShouldBeFalse();
        Done(await FormAsync("delete_room", admin.Token, ("room_id", own.ToString()))).ShouldBeFalse();

        (await World.GetAsync($"/ws/v1/chat/user_rooms?user_id={anna.Id}", admin.Token)).Body.GetArrayLength().ShouldBe(2);
        (await World.GetAsync($"/ws/v1/chat/user_rooms?user_id={admin.Id}", anna.Token)).Status.ShouldBe(404);
        (await World.GetAsync("/ws/v1/chat/user_rooms?user_id=7", admin.Token)).Status.ShouldBe(422);
    }

    [Fact]
    public async Task C28_an_admin_logs_in_by_a_key_and_still_has_to_be_signed_in()
    {
        var (admin, anna) = (await World.AddAsync("admin", admin: true), await World.AddAsync("anna"));
        var (_, key) = await World.Get<ApiKeys>().CreateAsync("chat", [Scopes.Admin], [], expiresAt: null, Cancellation);
        var (_, weak) = await World.Get<ApiKeys>().CreateAsync("weak", [Scopes.ItemsRead], [], expiresAt: null, Cancellation);
        var missing = await LoginAsync(null, admin.Email);
        (missing.Status, missing["detail"]).ShouldBe((403, "Not authenticated"));
        foreach (var (wrong, name) in new[] { (weak, admin.Email), (anna.Token, admin.Email), ("kindred_x", admin.Email), (key, anna.Email), (key, "nobody") })
        {
            Done(await LoginAsync(wrong, name)).ShouldBeFalse();
        }

        var done = (await LoginAsync(key, admin.Email)).Body;
        done.GetProperty("user_id").GetGuid().ShouldBe(admin.Id);
        done.GetProperty("redirect_url").GetString().ShouldBe($"/ws/v1/chat/{await World.RoomOfAsync(admin)}/{admin.Id}");
        Members(done).ShouldBe("success redirect_url user_id", "no token comes of it");

        Task<Reply> LoginAsync(string? secret, string name) => FormAsync("admin_login", null, [("name", name), ("api_key", "x")], secret is null ? [] : [("X-API-Key", secret)]);
    }
}
