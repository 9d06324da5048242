using Kindred.Contracts;
using Kindred.Platform.Collections;
using Kindred.Recommendations;
using Kindred.Recommendations.Profiles;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Serving;

public sealed class LiveProfilesTests
{
    private static readonly Collection s_films = new(
        1,
        "films",
        new CollectionSettings(),
        [
            new EventType(1, "rating", new EventTypeSettings { Positive = ">= 7", Negative = "<= 4" }),
            new EventType(2, "view", new EventTypeSettings { Weight = 0.5f }),
            new EventType(3, "purchase", new EventTypeSettings { Weight = 2, HalfLifeDays = 1 }),
        ]);

    [Fact]
    public async Task A_slow_read_never_puts_a_stale_profile_back()
    {
        var log = new SlowLog();
        var profiles = new LiveProfiles(s_films, log, new RecommendationSettings(), TimeProvider.System);
        log.Events.Add(Event(1, 10, 1, 9));
        var slow = profiles.GetAsync(7, TestContext.Current.CancellationToken).AsTask();
        await log.Reading.Task;

        // The event is committed and announced while the read that missed it is still on its way.
        log.Events.Insert(0, Event(2, 11, 1, 9));
        profiles.Invalidate(7);
        log.Gate.SetResult();
        (await slow).Items.ShouldBe([10]);

        (await profiles.GetAsync(7, TestContext.Current.CancellationToken)).Items.ShouldBe([11, 10]);
        log.Reads.ShouldBe(2);
        await profiles.GetAsync(7, TestContext.Current.CancellationToken);
        log.Reads.ShouldBe(2, "a warm profile is not read again");
    }

    [Fact]
    public async Task Memory_is_bounded_and_the_least_recently_used_leave()
    {
        var log = new SlowLog();
        log.Gate.SetResult();
        var profiles = new LiveProfiles(s_films, log, new RecommendationSettings { ProfileBytes = 100_000 }, TimeProvider.System);
        for (var user = 0; user < 1000; user++)
        {
            await profiles.GetAsync(user, TestContext.Current.CancellationToken);
        }

        profiles.Bytes.ShouldBeLessThanOrEqualTo(100_000);
        profiles.Count.ShouldBeInRange(20, 200);
        var reads = log.Reads;
        await profiles.GetAsync(999, TestContext.Current.CancellationToken);
        log.Reads.ShouldBe(reads);
        await profiles.GetAsync(0, TestContext.Current.CancellationToken);
        log.Reads.ShouldBe(reads + 1);
    }

    [Fact]
    public void The_newest_judgement_wins_and_repeats_are_kept_beside()
    {
        const long Day = 86_400_000_000;
        EventRecord[] newestFirst =
        [
            Event(9, 1, 1, 3),      // disliked now: the older like is cancelled
            Event(8, 1, 1, 9),
            Event(7, 2, 2, null),   // viewed twice: one view's weight, and the sum beside it
            Event(6, 2, 2, null),
            Event(5, 3, 1, 5),      // neutral now: the older like does not count
            Event(4, 3, 1, 9),
            new(3, 7, 4, 3, null, -Day),
            Event(2, 5, 1, 9),      // liked now, disliked before
            Event(1, 5, 1, 2),
            Event(0, 6, 99, null),  // a type that settings no longer name
        ];
        var profile = HistoryRules.Read(s_films, newestFirst, [(42, 2)], now: 0);
        profile.Items.ShouldBe([2, 4, 5]);
        profile.Weights.ShouldBe([0.5f, 1f, 1f]);
        profile.Repeats.ShouldBe([1f, 1f, 1f]);
        profile.Seen.Order().ShouldBe([1, 2, 3, 4, 5, 6, 42]);
    }

    private static EventRecord Event(long sequence, int item, int type, float? value) => new(sequence, 7, item, type, value, 0);

    private sealed class SlowLog : IEventReader
    {
        public List<EventRecord> Events { get; } = [];

        public TaskCompletionSource Reading { get; } = new();

        public TaskCompletionSource Gate { get; } = new();

        public int Reads { get; private set; }

        public IAsyncEnumerable<EventRecord> ReadAsync(int collection, long afterSequence, CancellationToken cancellation) => AsyncEnumerable.Empty<EventRecord>();

        public async ValueTask<IReadOnlyList<EventRecord>> ReadUserAsync(int collection, int user, int limit, CancellationToken cancellation)
        {
            Reads++;
            EventRecord[] read = [.. Events];
            Reading.TrySetResult();
            await Gate.Task;
            return read;
        }

        public ValueTask<IReadOnlyList<(int Item, int Type)>> ReadUserItemsAsync(int collection, int user, CancellationToken cancellation) => new([]);

        public ValueTask<long> LastSequenceAsync(int collection, CancellationToken cancellation) => new(0);
    }
}
