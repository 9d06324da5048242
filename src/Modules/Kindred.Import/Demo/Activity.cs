namespace Kindred.Import.Demo;

/// <summary>When each user does something: many do little, few do much, people join over time, come back in sittings, mostly in the evening.</summary>
internal static class Activity
{
    private const long Second = 1_000_000;
    private const long Day = 86_400 * Second;
    private const double Spread = 1.2;
    private const double ThereFromTheStart = 0.4;

    /// <summary>Moments in time order; about <paramref name="events"/> in all, at least one a user, at most <paramref name="most"/>.</summary>
    public static (long At, int User)[] Draw(Draws draws, int users, int events, int most, int sitting, long from, long to)
    {
        var eagerness = new double[users];
        for (var user = 0; user < users; user++)
        {
            eagerness[user] = Math.Exp(draws.Normal(0, Spread));
        }

        var total = eagerness.Sum();
        List<(long At, int User)> moments = new(events + users);
        for (var user = 0; user < users; user++)
        {
            var count = Math.Clamp((int)Math.Round(events * eagerness[user] / total), 1, most);
            var joined = draws.Chance(ThereFromTheStart) ? from : from + (long)((to - from) * 0.95 * draws.Unit());
            while (count > 0)
            {
                var size = Math.Min(count, 1 + draws.Below((2 * sitting) - 1));
                var at = Evening(draws, joined + (long)((to - joined) * draws.Unit()));
                for (var k = 0; k < size; k++)
                {
                    at += (long)((20 + (600 * draws.Unit())) * Second);
                    moments.Add((at < to ? at : to - 1 - (long)(draws.Unit() * Day), user));
                }

                count -= size;
            }
        }

        var sorted = moments.ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    private static long Evening(Draws draws, long at) => (at / Day * Day) + (long)(Math.Clamp(draws.Normal(19.5, 3), 6, 23.5) * 3600 * Second);
}
