using System.Text.Json;
using Kindred.Platform.Web;
using static Kindred.Service.Tests.Accounts.AccountsWorld;

namespace Kindred.Service.Tests.Accounts;

/// <summary>Roles and who has them.</summary>
public abstract partial class AccountsContract
{
    [Fact]
    public async Task C_08_Roles_are_made_changed_given_taken_and_deleted_by_admins()
    {
        var id = await _world.RegisterAsync("anna@example.org");
        var (access, _) = await _world.LoginAsync("anna@example.org");
        var admin = await _world.AdminAsync();
        (await _world.PostAsync("/auth/v1/roles/", new { name = "editor", permissions = new[] { "read" } }, access)).Status.ShouldBe(403);
        var made = await _world.PostAsync("/auth/v1/roles/", new { name = "editor", permissions = new[] { "write", "read", "read" } }, admin);
        made.Status.ShouldBe(200, made.Text);
        var role = made.Body.GetProperty("id").GetGuid();
        made.Body.GetProperty("permissions").EnumerateArray().Select(permission => permission.GetString()).ShouldBe(["read", "write"]);
        foreach (var body in new[] { """{"name":"x","permissions":[]}""", """{"name":"x","permissions":["fly"]}""", """{"permissions":["read"]}""", """{"name":"x"}""", """{"name":"","permissions":["read"]}""" })
        {
            (await _world.PostAsync("/auth/v1/roles/", body, admin)).Status.ShouldBe(422, body);
        }

        (await _world.PostAsync("/auth/v1/roles/", new { name = "editor", permissions = new[] { "read" } }, admin))["detail"].ShouldBe("ROLE_ALREADY_EXISTS");
        (await _world.GetAsync("/auth/v1/roles/all", access)).Body.EnumerateArray().Select(known => known.GetProperty("name").GetString()).ShouldBe(["user", "admin", "editor"]);
        (await _world.GetAsync("/auth/v1/roles/all")).Status.ShouldBe(401);

        (await _world.GetAsync($"{Shop}/events", access)).Status.ShouldBe(403);
        (await _world.SendAsync(HttpMethod.Put, $"/auth/v1/users/{id}/roles/{role}", null, admin)).Status.ShouldBe(200);
        (await _world.GetAsync($"{Shop}/events", access)).Status.ShouldBe(200, "a role holds at once");
        var changed = await _world.SendAsync(HttpMethod.Patch, $"/auth/v1/roles/{role}", new { permissions = new[] { "update" } }, admin);
        changed.Body.GetProperty("permissions")[0].GetString().ShouldBe("update");
        (await _world.GetAsync($"{Shop}/events", access)).Status.ShouldBe(403, "a right taken away too");
        (await _world.SendAsync(HttpMethod.Put, $"{Shop}/items/i", new { title = "t" }, access)).Status.ShouldBe(200);
        (await _world.SendAsync(HttpMethod.Delete, $"/auth/v1/users/{id}/roles/{role}", null, admin)).Body.GetArrayLength().ShouldBe(0);
        (await _world.SendAsync(HttpMethod.Put, $"{Shop}/items/i", new { title = "t" }, access)).Status.ShouldBe(403);

        var deleted = await _world.SendAsync(HttpMethod.Delete, $"/auth/v1/roles/{role}", null, admin);
        (deleted.Status, deleted["detail"]).ShouldBe((200, "Role deleted successfully"));
        var missing = await _world.SendAsync(HttpMethod.Delete, $"/auth/v1/roles/{role}", null, admin);
        (missing.Status, missing["detail"]).ShouldBe((404, "Role not found"));
        (await _world.SendAsync(HttpMethod.Delete, "/auth/v1/roles/7", null, admin)).Status.ShouldBe(422);
    }

    [Fact]
    public async Task C_08_The_built_in_roles_and_the_last_admin_stay()
    {
        var admin = await _world.AdminAsync();
        var me = (await _world.GetAsync("/auth/v1/users/me", admin)).Body.GetProperty("id").GetGuid();
        const string role = "00000000-0000-7000-8000-000000000002";
        (await _world.SendAsync(HttpMethod.Delete, $"/auth/v1/roles/{role}", null, admin)).Status.ShouldBe(403);
        (await _world.SendAsync(HttpMethod.Patch, $"/auth/v1/roles/{role}", new { name = "root" }, admin)).Status.ShouldBe(403);
        (await _world.SendAsync(HttpMethod.Delete, $"/auth/v1/users/{me}/roles/{role}", null, admin))["detail"].ShouldBe("LAST_ADMIN");
        await _world.AdminAsync("second@example.org");
        (await _world.SendAsync(HttpMethod.Delete, $"/auth/v1/users/{me}/roles/{role}", null, admin)).Status.ShouldBe(200);
        (await _world.GetAsync($"/auth/v1/users/{me}", admin)).Status.ShouldBe(403);
    }
}
