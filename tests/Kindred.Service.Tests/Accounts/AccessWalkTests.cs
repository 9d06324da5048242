using Kindred.Accounts;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Routing;
using static Kindred.Service.Tests.Accounts.AccountsWorld;

namespace Kindred.Service.Tests.Accounts;

/// <summary>Every route with every kind of caller: who may enter is written down here, and a route that is not fails.</summary>
public sealed class AccessWalkTests
{
    private const string ClientSecret = "a secret of this test";
    private const string Open = "open", Person = "person", Any = "any person", Own = "own", Secret = "the shop's secret", Key = "";

    // Method and path: scope, and what people without it may do.
    private static readonly Dictionary<string, (string? Scope, string People)> s_table = new(StringComparer.Ordinal)
    {
        ["GET /health/live"] = (null, Open),
        ["GET /health/ready"] = (null, Open),
        ["GET /openapi/{documentName}.json"] = (null, Open),
        ["GET /auth/openapi.json"] = (null, Open),
        ["GET /recom/openapi.json"] = (null, Open),
        ["GET /social/openapi.json"] = (null, Open),
        ["GET /ws/openapi.json"] = (null, Open),
        ["GET /api/openapi.json"] = (null, Open),
        ["GET /problems/{slug}"] = (null, Open),
        ["GET /.well-known/jwks.json"] = (null, Open),
        ["GET /reset-password"] = (null, Open),
        ["POST /reset-password"] = (null, Open),
        ["GET /invitation"] = (null, Open),
        ["POST /invitation"] = (null, Open),
        ["GET /confirmed"] = (null, Open),
        ["POST /register"] = (null, Open),
        ["POST /login"] = (null, Open),
        ["POST /logout"] = (null, Person),
        ["GET /whoami"] = (null, Person),
        ["POST /auth/v1/register"] = (null, Open),
        ["POST /auth/v1/jwt/login"] = (null, Open),
        ["POST /auth/v1/jwt/logout"] = (null, Person),
        ["POST /auth/v1/refresh"] = (null, Open),
        ["GET /auth/v1/s/{short_id}"] = (null, Open),
        ["GET /auth/v1/users/me"] = (null, Person),
        ["PATCH /auth/v1/users/me"] = (null, Person),
        ["POST /auth/v1/users/me/password"] = (null, Person),
        ["POST /auth/v1/users/forgot-password"] = (null, Open),
        ["POST /auth/v1/users/reset-password"] = (null, Open),
        ["GET /auth/v1/users/{id}"] = (Scopes.Admin, Key),
        ["PATCH /auth/v1/users/{id}"] = (Scopes.Admin, Key),
        ["GET /auth/v1/users/{id}/roles"] = (Scopes.Admin, Key),
        ["PUT /auth/v1/users/{id}/roles/{roleId}"] = (Scopes.Admin, Key),
        ["DELETE /auth/v1/users/{id}/roles/{roleId}"] = (Scopes.Admin, Key),
        ["GET /auth/v1/auth_history/all"] = (null, Person),
        ["GET /auth/v1/roles/all"] = (null, Person),
        ["POST /auth/v1/roles/"] = (Scopes.Admin, Key),
        ["PATCH /auth/v1/roles/{roleId}"] = (Scopes.Admin, Key),
        ["DELETE /auth/v1/roles/{roleId}"] = (Scopes.Admin, Key),
        ["POST /auth/v1/invitations"] = (Scopes.Admin, Key),
        ["POST /auth/v1/invitations/accept"] = (null, Open),
        ["POST /api/v1/auth/register/"] = (null, Open),
        ["POST /api/v1/auth/admin-signup/"] = (null, Open),
        ["POST /api/v1/auth/login/"] = (null, Open),
        ["POST /api/v1/auth/refresh/"] = (null, Open),
        ["POST /api/v1/auth/logout/"] = (null, Person),
        ["POST /api/v1/auth/refresh-blacklist/"] = (null, Open),
        ["GET /api/v1/users/me/"] = (null, Person),
        ["PATCH /api/v1/users/update-me/"] = (null, Person),
        ["GET /api/v1/users/"] = (Scopes.Admin, Own),
        ["POST /api/v1/users/"] = (Scopes.Admin, Key),
        ["GET /api/v1/users/{id}/"] = (Scopes.Admin, Own),
        ["PUT /api/v1/users/{id}/"] = (Scopes.Admin, Key),
        ["PATCH /api/v1/users/{id}/"] = (Scopes.Admin, Key),
        ["DELETE /api/v1/users/{id}/"] = (Scopes.Admin, Key),
        ["GET /api/v1/store/"] = (Scopes.Admin, Own),
        ["POST /api/v1/store/"] = (null, Person),
        ["GET /api/v1/store/{id}/"] = (Scopes.Admin, Own),
        ["PUT /api/v1/store/{id}/"] = (Scopes.Admin, Own),
        ["PATCH /api/v1/store/{id}/"] = (Scopes.Admin, Own),
        ["DELETE /api/v1/store/{id}/"] = (Scopes.Admin, Own),
        ["GET /api/v1/store/products/"] = (Scopes.Admin, Own),
        ["POST /api/v1/store/products/"] = (Scopes.Admin, Own),
        ["GET /api/v1/store/products/most-popular/"] = (Scopes.Admin, Any),
        ["GET /api/v1/store/products/{id}/"] = (Scopes.Admin, Any),
        ["PUT /api/v1/store/products/{id}/"] = (Scopes.Admin, Own),
        ["PATCH /api/v1/store/products/{id}/"] = (Scopes.Admin, Own),
        ["DELETE /api/v1/store/products/{id}/"] = (Scopes.Admin, Own),
        ["GET /api/health-check/"] = (null, Open),
        ["POST /purchases/"] = (Scopes.EventsWrite, Own),
        ["GET /purchases/"] = (Scopes.EventsRead, Own),
        ["GET /purchases/{id}"] = (Scopes.EventsRead, Own),
        ["DELETE /purchases/{id}"] = (Scopes.EventsWrite, Own),
        ["POST /recommendations/generate"] = (Scopes.RecommendationsRead, Own),
        ["GET /recommendations/jobs/{id}"] = (Scopes.RecommendationsRead, Own),
        ["GET /recommendations/"] = (Scopes.RecommendationsRead, Own),
        ["GET /recommendations/{user_id}"] = (Scopes.RecommendationsRead, Own),
        ["POST /api/purchases/"] = (Scopes.EventsWrite, Own),
        ["GET /api/purchases/"] = (Scopes.EventsRead, Own),
        ["GET /api/purchases/{id}"] = (Scopes.EventsRead, Own),
        ["DELETE /api/purchases/{id}"] = (Scopes.EventsWrite, Own),
        ["POST /api/recommendations/generate"] = (Scopes.RecommendationsRead, Own),
        ["GET /api/recommendations/jobs/{id}"] = (Scopes.RecommendationsRead, Own),
        ["GET /api/recommendations/"] = (Scopes.RecommendationsRead, Own),
        ["GET /api/recommendations/{user_id}"] = (Scopes.RecommendationsRead, Own),
        ["GET /interaction-recommendations"] = (Scopes.RecommendationsRead, Any),
        ["GET /category-recommendations"] = (Scopes.RecommendationsRead, Any),
        ["POST /interactions/"] = (Scopes.EventsWrite, Secret),
        ["GET /interactions/"] = (Scopes.EventsRead, Secret),
        ["POST /products/"] = (Scopes.ItemsWrite, Secret),
        ["GET /products/"] = (Scopes.ItemsRead, Secret),
        ["DELETE /products/{id}"] = (Scopes.ItemsWrite, Secret),
        ["GET /ai/interaction-recommendations"] = (Scopes.RecommendationsRead, Any),
        ["GET /ai/category-recommendations"] = (Scopes.RecommendationsRead, Any),
        ["POST /ai/interactions/"] = (Scopes.EventsWrite, Secret),
        ["DELETE /ai/users/{id}"] = (Scopes.EventsWrite, Secret),
        ["GET /ai/interactions/"] = (Scopes.EventsRead, Secret),
        ["POST /ai/products/"] = (Scopes.ItemsWrite, Secret),
        ["GET /ai/products/"] = (Scopes.ItemsRead, Secret),
        ["DELETE /ai/products/{id}"] = (Scopes.ItemsWrite, Secret),
        ["GET /social/v1/likes/"] = (Scopes.EventsRead, Own),
        ["POST /social/v1/likes/"] = (Scopes.EventsWrite, Own),
        ["GET /social/v1/likes/{like_id}"] = (Scopes.EventsRead, Own),
        ["PUT /social/v1/likes/{like_id}"] = (Scopes.EventsWrite, Own),
        ["DELETE /social/v1/likes/{like_id}"] = (Scopes.EventsWrite, Own),
        ["GET /social/v1/bookmarks/"] = (Scopes.EventsRead, Own),
        ["POST /social/v1/bookmarks/"] = (Scopes.EventsWrite, Own),
        ["DELETE /social/v1/bookmarks/{bookmark_id}"] = (Scopes.EventsWrite, Own),
        ["GET /social/v1/reviews/"] = (Scopes.EventsRead, Any),
        ["GET /social/v1/reviews/{review_id}"] = (Scopes.EventsRead, Any),
        ["POST /social/v1/reviews/"] = (Scopes.EventsWrite, Own),
        ["PUT /social/v1/reviews/{review_id}"] = (Scopes.EventsWrite, Own),
        ["DELETE /social/v1/reviews/{review_id}"] = (Scopes.EventsWrite, Own),
        ["POST /ratings/"] = (null, Person),
        ["GET /ratings/"] = (null, Person),
        ["DELETE /ratings/{film_id}"] = (null, Person),
        ["POST /usuarios"] = (Scopes.EventsWrite, Own),
        ["GET /usuarios/{usuario_id}"] = (Scopes.EventsRead, Own),
        ["POST /avaliacoes"] = (Scopes.EventsWrite, Own),
        ["GET /avaliacoes"] = (Scopes.EventsRead, Own),
        ["GET /recom/v1/user/{user_id}"] = (Scopes.RecommendationsRead, Own),
        ["GET /recom/v1/general"] = (Scopes.RecommendationsRead, Any),
        ["GET /rec_auth"] = (null, Person),
        ["GET /rec_nonauth"] = (Scopes.RecommendationsRead, Any),
        ["GET /rec_genre_auth"] = (null, Person),
        ["POST /rec_genre_auth"] = (null, Person),
        ["GET /rec_genre_nonauth"] = (Scopes.RecommendationsRead, Any),
        ["POST /rec_genre_nonauth"] = (Scopes.RecommendationsRead, Any),
        ["GET /filmes/{user_id}/recomendacoes"] = (Scopes.RecommendationsRead, Own),
        ["POST /filmes/treinamento"] = (Scopes.Admin, Key),
        ["GET /api/v1/films/"] = (Scopes.ItemsRead, Any),
        ["GET /api/v1/films/search/"] = (Scopes.ItemsRead, Any),
        ["GET /api/v1/films/{id}"] = (Scopes.ItemsRead, Any),
        ["GET /api/v1/genres/"] = (Scopes.ItemsRead, Any),
        ["GET /api/v1/genres/{id}"] = (Scopes.ItemsRead, Any),
        ["GET /api/v1/persons/search/"] = (Scopes.ItemsRead, Any),
        ["GET /api/v1/persons/{id}"] = (Scopes.ItemsRead, Any),
        ["GET /api/v1/persons/{id}/film"] = (Scopes.ItemsRead, Any),
        ["GET /filmes/"] = (Scopes.ItemsRead, Any),
        ["POST /filmes/"] = (Scopes.ItemsWrite, Key),
        ["POST /v1/notifications/"] = (Scopes.NotificationsWrite, Key),
        ["GET /v1/notifications/"] = (Scopes.Admin, Own),
        ["GET /v1/notifications/settings"] = (null, Person),
        ["PUT /v1/notifications/settings"] = (null, Person),
        ["GET /v1/notifications/unsubscribe/{token}"] = (null, Open),
        ["POST /v1/notifications/unsubscribe/{token}"] = (null, Open),
        ["GET /ws/v1/chat/"] = (null, Open),
        ["GET /chat/chat.js"] = (null, Open),
        ["GET /chat/chat.css"] = (null, Open),

        // The page is everybody's; a WebSocket is let in by ChatDoor (ChatContract).
        ["GET /ws/v1/chat/{room_id}/{user_id}"] = (null, Open),
        ["CONNECT /ws/v1/chat/{room_id}/{user_id}"] = (null, Open),
        ["POST /ws/v1/chat/join_chat"] = (null, Person),
        ["POST /ws/v1/chat/ticket"] = (null, Person),
        ["POST /ws/v1/chat/admin_login"] = (null, Open),
        ["GET /ws/v1/chat/rooms"] = (Scopes.Admin, Key),
        ["GET /ws/v1/chat/users"] = (Scopes.Admin, Key),
        ["GET /ws/v1/chat/user_rooms"] = (Scopes.Admin, Own),
        ["POST /ws/v1/chat/create_room"] = (Scopes.Admin, Key),
        ["POST /ws/v1/chat/switch_room"] = (Scopes.Admin, Key),
        ["POST /ws/v1/chat/add_user_to_room"] = (Scopes.Admin, Key),
        ["POST /ws/v1/chat/remove_user_from_room"] = (Scopes.Admin, Key),
        ["POST /ws/v1/chat/delete_room"] = (Scopes.Admin, Key),
        ["GET {c}/models"] = (Scopes.RecommendationsRead, Key),
        ["POST {c}/models:rollback"] = (Scopes.Admin, Key),
        ["POST {c}/runs"] = (Scopes.Admin, Key),
        ["GET {c}/runs"] = (Scopes.RecommendationsRead, Key),
        ["GET {c}/runs/{id}"] = (Scopes.RecommendationsRead, Key),
        ["POST {c}/runs/{id}:cancel"] = (Scopes.Admin, Key),
        ["GET {c}/items"] = (Scopes.ItemsRead, Any),
        ["GET {c}/items/{id}"] = (Scopes.ItemsRead, Any),
        ["POST {c}/items:batch"] = (Scopes.ItemsWrite, Key),
        ["PUT {c}/items/{id}"] = (Scopes.ItemsWrite, Key),
        ["PATCH {c}/items/{id}"] = (Scopes.ItemsWrite, Key),
        ["DELETE {c}/items/{id}"] = (Scopes.ItemsWrite, Key),
        ["POST {c}/events"] = (Scopes.EventsWrite, Own),
        ["GET {c}/events"] = (Scopes.EventsRead, Key),
        ["GET {c}/users/{id}/events"] = (Scopes.EventsRead, Own),
        ["GET {c}/users"] = (Scopes.ItemsRead, Key),
        ["POST {c}/users:batch"] = (Scopes.ItemsWrite, Key),
        ["PUT {c}/users/{id}"] = (Scopes.ItemsWrite, Key),
        ["GET {c}/users/{id}"] = (Scopes.ItemsRead, Own),
        ["PATCH {c}/users/{id}"] = (Scopes.ItemsWrite, Key),
        ["DELETE {c}/users/{id}"] = (Scopes.Admin, Key),
        ["GET {c}/users/{id}/recommendations"] = (Scopes.RecommendationsRead, Own),
        ["GET {c}/users/{id}/why/{item}"] = (Scopes.RecommendationsRead, Own),
        ["GET {c}/users/{id}/why-not/{item}"] = (Scopes.RecommendationsRead, Own),
        ["POST {c}/recommendations"] = (Scopes.RecommendationsRead, Any),
        ["GET {c}/items/{id}/similar"] = (Scopes.RecommendationsRead, Any),
        ["GET {c}/items/{id}/bought-together"] = (Scopes.RecommendationsRead, Any),
        ["GET {c}/popular"] = (Scopes.RecommendationsRead, Any),
        ["GET {c}/trending"] = (Scopes.RecommendationsRead, Any),
        ["GET {c}/latest"] = (Scopes.RecommendationsRead, Any),
        ["GET {c}/receipts/{id}"] = (Scopes.RecommendationsRead, Own),
    };

    [Fact]
    public async Task Every_route_asks_what_the_table_says_and_lets_nobody_else_in()
    {
        await using var world = await StartAsync(web: new WebSettings { ClientSecret = ClientSecret });
        await world.RegisterAsync("anna@example.org");
        var (person, _) = await world.LoginAsync("anna@example.org");
        var admin = await world.AdminAsync();
        var keys = world.Get<ApiKeys>();
        Dictionary<string, string> ofScope = [];
        foreach (var scope in Scopes.All)
        {
            ofScope[scope] = (await keys.CreateAsync(scope, [scope], [], expiresAt: null, CancellationToken.None)).Secret;
        }

        List<string> walked = [];
        foreach (var endpoint in world.Endpoints.OfType<RouteEndpoint>())
        {
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
            {
                var pattern = endpoint.RoutePattern.RawText!;
                var name = $"{method} {(pattern[0] == '/' ? "" : "/")}{pattern}".Replace("/api/v1/collections/{collection}", "{c}", StringComparison.Ordinal);
                s_table.TryGetValue(name, out var wanted).ShouldBeTrue($"{name} is not in the table");
                walked.Add(name);
                if (wanted.People == Open)
                {
                    endpoint.Metadata.GetMetadata<AccessRule>()!.IsOpen.ShouldBeTrue(name);
                    continue;
                }

                var path = "/" + pattern.TrimStart('/').Replace("{collection}", "shop", StringComparison.Ordinal).Replace("{id}", "4711", StringComparison.Ordinal)
                    .Replace("{roleId}", "4711", StringComparison.Ordinal).Replace("{item}", "4711", StringComparison.Ordinal);
                (await EnterAsync(world, method, path, null)).ShouldBe(401, name);
                if (wanted.People == Secret)
                {
                    (await EnterAsync(world, method, path, admin)).ShouldBe(401, name);
                    (await EnterAsync(world, method, path, ofScope[wanted.Scope!])).ShouldBe(401, name);
                    (await EnterAsync(world, method, path, null, ClientSecret)).ShouldNotBeOneOf([401, 403], name);
                    continue;
                }

                foreach (var (scope, secret) in ofScope)
                {
                    var enters = scope == wanted.Scope || (scope == Scopes.Admin && wanted.Scope is not null);
                    ((await EnterAsync(world, method, path, secret)) != 403).ShouldBe(enters, $"{name} with a key for {scope}");
                }

                // Where people see what is theirs, the id of nobody is answered like somebody else's.
                var status = await EnterAsync(world, method, path, person);
                (status != 403).ShouldBe(wanted.People != Key, $"{name} as a person: {status}");
                if (wanted.People == Own && path.Contains("4711", StringComparison.Ordinal))
                {
                    status.ShouldBe(404, name);
                }

                // The admin's own session is left to the end.
                if (!name.Contains("logout", StringComparison.Ordinal))
                {
                    (await EnterAsync(world, method, path, admin)).ShouldNotBeOneOf(401, 403);
                }
                else
                {
                    (person, _) = await world.LoginAsync("anna@example.org");
                }
            }
        }

        walked.Order(StringComparer.Ordinal).ShouldBe(s_table.Keys.Order(StringComparer.Ordinal), "every row is a route and every route a row");
    }

    private static async Task<int> EnterAsync(AccountsWorld world, string method, string path, string? bearer, string? secret = null) => (await world.SendAsync(
        new HttpMethod(method), path, method is "GET" or "DELETE" ? null : "{", bearer, headers: secret is null ? [] : [("Client-Header-Secret", secret)])).Status;
}
