namespace Kindred.Service.Tests.Systems;

/// <summary>System E's lists, by clusters of users.</summary>
public abstract partial class FilmListsContract
{
    [Fact]
    public async Task E2_five_films_in_the_order_of_the_user_s_cluster()
    {
        await FillVectorAsync();
        var reply = await World.GetAsync("/filmes/1/recomendacoes?include_seen=true");
        reply.Status.ShouldBe(200, reply.Text);
        reply.Body[0].GetRawText().ShouldBe("""{"id":1,"titulo":"Filme 1","genero":"Drama, War","diretor":"Ana Lima","atores":"Rui Costa, Eva Reis"}""");
        reply.Headers.GetValues("X-Model-Version").ShouldBe(["1"]);
        (await World.GetAsync("/filmes/1/recomendacoes")).Text.ShouldBe("[]", "all six are rated");
    }

    [Fact]
    public async Task E2_an_unknown_user_is_404_one_without_ratings_204_and_no_number_422()
    {
        await FillVectorAsync();
        (await World.PostAsync("/usuarios", new { nome = "Seis", email = "u6@example.org" })).Status.ShouldBe(201);
        var none = await World.GetAsync("/filmes/6/recomendacoes");
        (none.Status, none.Text).ShouldBe((204, ""));
        foreach (var id in new[] { "7", "0", "-1", "2147483647" })
        {
            var missing = await World.GetAsync($"/filmes/{id}/recomendacoes");
            missing.Status.ShouldBe(404);
            missing["error"]!.ShouldContain(id);
        }

        foreach (var id in new[] { "um", "1.5", "99999999999" })
        {
            (await World.GetAsync($"/filmes/{id}/recomendacoes")).Status.ShouldBe(422, id);
        }
    }

    [Fact]
    public async Task E3_ids_are_whole_numbers_everywhere()
    {
        await FillVectorAsync();
        (await World.GetAsync("/filmes/2/recomendacoes?include_seen=true")).Body.EnumerateArray().ShouldAllBe(film => film.GetProperty("id").ValueKind == System.Text.Json.JsonValueKind.Number);
    }

    [Fact]
    public async Task E4_the_test_vector_by_population_deviation_and_five_clusters()
    {
        await FillVectorAsync();
        int[][] orders = [[1, 2, 6, 5, 3], [3, 5, 4, 6, 1], [5, 3, 6, 1, 2], [6, 2, 4, 3, 1], [4, 1, 3, 5, 2]];
        for (var user = 1; user <= 5; user++)
        {
            (await IdsAsync($"/filmes/{user}/recomendacoes?include_seen=true")).ShouldBe(orders[user - 1], $"user {user}");
        }
    }

    [Fact]
    public async Task E4_a_new_version_takes_new_ratings_in_and_a_new_film_or_user_breaks_nothing()
    {
        await FillVectorAsync();
        await IdsAsync("/filmes/1/recomendacoes?include_seen=true");
        await PutFilmAsync("filme-7", "Filme 7", "Drama");
        (await World.PostAsync("/usuarios", new { nome = "Seis", email = "u6@example.org" })).Status.ShouldBe(201);
        foreach (var (film, rating) in new[] { (7, 5), (3, 5) })
        {
            (await World.PostAsync("/avaliacoes", new { usuario_id = 6, filme_id = film, avaliacao = rating })).Status.ShouldBe(201);
        }

        // A row with one film the model knows, not in its first column, and one that it does not know.
        var ids = await IdsAsync("/filmes/6/recomendacoes");
        ids.ShouldNotContain(3);
        ids.ShouldNotContain(7);
        ids.ShouldNotBeEmpty();
        (await World.PostAsync("/filmes/treinamento")).Status.ShouldBe(401);
        var trained = await World.PostAsync("/filmes/treinamento", null, _admin);
        trained.Status.ShouldBe(200, trained.Text);
        (trained["versao"], trained["grupos"]).ShouldBe(("2", "5"));
        (await World.PostAsync("/filmes/treinamento", null, _admin))["versao"].ShouldBe("2", "nothing has changed");
        (await IdsAsync("/filmes/6/recomendacoes?include_seen=true")).ShouldContain(7);
    }

    [Fact]
    public async Task E4_with_fewer_users_than_clusters_there_are_as_many_clusters_as_differ()
    {
        await PutFilmAsync("filme-1", "Filme 1", "Drama");
        await PutFilmAsync("filme-2", "Filme 2", "Drama");
        (await World.PostAsync("/filmes/treinamento", null, _admin)).Status.ShouldBe(409, "nobody has rated anything");
        (await World.PostAsync("/usuarios", new { nome = "Um", email = "u1@example.org" })).Status.ShouldBe(201);
        (await World.PostAsync("/avaliacoes", new { usuario_id = 1, filme_id = 2, avaliacao = 4 })).Status.ShouldBe(201);
        (await World.PostAsync("/filmes/treinamento", null, _admin))["grupos"].ShouldBe("1");
        (await IdsAsync("/filmes/1/recomendacoes?include_seen=true")).ShouldBe([2]);
    }
}
