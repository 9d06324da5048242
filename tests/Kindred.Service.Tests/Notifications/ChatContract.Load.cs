using Kindred.Contracts;
using Kindred.Notifications.Chat;
using static Kindred.Service.Tests.Notifications.ChatWorld;

namespace Kindred.Service.Tests.Notifications;

/// <summary>Many clients at once, and some that stop reading.</summary>
public abstract partial class ChatContract
{
    [Fact]
    public async Task C27_a_hundred_clients_get_all_of_their_own_and_ten_that_stop_reading_hurt_nobody()
    {
        const int clients = 100, messages = 100, deaf = 10, warm = 5;
        List<(Somebody Who, Guid Room)> people = [];
        for (var k = 0; k < clients + deaf; k++)
        {
            var somebody = await World.AddAsync($"user{k}");
            people.Add((somebody, await World.RoomOfAsync(somebody)));
        }

        List<ChatClient> silent = [];
        foreach (var (somebody, room) in people[clients..])
        {
            silent.Add(await ChatClient.JoinAsync(World, somebody, room));
        }

        var stopped = System.Diagnostics.Stopwatch.StartNew();
        var hub = World.Get<ChatHub>();
        var latencies = await Task.WhenAll(people[..clients].Select(async (one, k) =>
        {
            await using var client = await ChatClient.JoinAsync(World, one.Who, one.Room);
            await client.NextAsync("users_update");
            List<double> own = [];
            for (var m = 0; m < messages; m++)
            {
                var start = System.Diagnostics.Stopwatch.GetTimestamp();
                await client.SayAsync($"user{k} says {m}");
                var frame = await client.NextAsync("message");
                if (m >= warm)
                {
                    own.Add(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }

                frame.GetProperty("text").GetString().ShouldBe($"user{k} says {m}");
                await Task.Delay(100, Cancellation);
            }

            return own;
        }));
        await UntilAsync(() => Task.FromResult(hub.Count == 0));
        var closedAfter = stopped.Elapsed;
        var all = latencies.SelectMany(own => own).Order().ToArray();
        var p99 = all[all.Length * 99 / 100];
        TestContext.Current.SendDiagnosticMessage($"{all.Length} messages: p50 {all[all.Length / 2]:0.0} ms, p99 {p99:0.0} ms, max {all[^1]:0.0} ms; the deaf closed within {closedAfter.TotalSeconds:0.0} s");
        (await CountAsync("chat_messages where kind = 'message'")).ShouldBe(clients * messages);
        p99.ShouldBeLessThan(250);
        foreach (var client in silent)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task C27_a_client_that_stops_reading_is_closed_within_thirty_seconds()
    {
        var (anna, ben) = (await World.AddAsync("anna"), await World.AddAsync("ben"));
        var room = await SharedAsync(anna, ben);
        await using var deaf = await ChatClient.JoinAsync(World, anna, room);
        await using var reader = await ChatClient.JoinAsync(World, ben, room);
        var start = System.Diagnostics.Stopwatch.StartNew();
        var hub = World.Get<ChatHub>();
        for (var k = 0; hub.Count > 1; k++)
        {
            await reader.SayAsync($"still here {k}");
            await reader.NextAsync("message");
            await Task.Delay(200, Cancellation);
            start.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        }

        await UntilAsync(async () => await CountAsync("chat_messages where text = 'anna left'") == 1);
    }

    [Fact]
    public async Task C25_a_recommendation_is_pushed_within_a_quarter_of_a_second()
    {
        List<(ChatClient Client, Somebody Who)> open = [];
        for (var k = 0; k < 20; k++)
        {
            var somebody = await World.AddAsync($"user{k}");
            open.Add((await ChatClient.JoinAsync(World, somebody), somebody));
            await open[^1].Client.NextAsync("users_update");
        }

        List<double> waits = [];
        for (var m = 0; m < 10; m++)
        {
            foreach (var (client, who) in open)
            {
                var start = System.Diagnostics.Stopwatch.GetTimestamp();
                await World.TellAsync(Recommended(who.Id, $"Film {m}"));
                (await client.NextAsync("message")).GetProperty("text").GetString()!.ShouldEndWith($": Film {m}");
                waits.Add(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        waits.Sort();
        TestContext.Current.SendDiagnosticMessage($"{waits.Count} recommendations: p50 {waits[waits.Count / 2]:0.0} ms, p99 {waits[waits.Count * 99 / 100]:0.0} ms");
        waits[waits.Count * 99 / 100].ShouldBeLessThan(250);
        foreach (var (client, _) in open)
        {
            await client.DisposeAsync();
        }
    }
}
