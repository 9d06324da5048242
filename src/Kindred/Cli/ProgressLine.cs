using System.Globalization;
using Spectre.Console;

namespace Kindred.Cli;

/// <summary>Shows how far work is on standard error: a bar on a terminal, a line every ten seconds elsewhere, nothing when quiet.</summary>
internal static class ProgressLine
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(10);

    /// <summary>Does work that tells its stage and how far it is, in [0, 1]; from any thread.</summary>
    public static async Task<T> RunAsync<T>(Terminal terminal, TimeProvider clock, string title, Func<Action<string, double>, Task<T>> work)
    {
        if (terminal.Quiet)
        {
            return await work((_, _) => { });
        }

        return terminal.Interactive ? await WithBarAsync(terminal, title, work) : await work(Lines(terminal, clock, title));
    }

    private static async Task<T> WithBarAsync<T>(Terminal terminal, string title, Func<Action<string, double>, Task<T>> work)
    {
        var result = default(T);
        await terminal.Console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async bars =>
            {
                var bar = bars.AddTask(Markup.Escape(title), maxValue: 1);
                result = await work((stage, share) =>
                {
                    bar.Description = Markup.Escape($"{title}: {stage}");
                    bar.Value = share;
                });
            });
        return result!;
    }

    private static Action<string, double> Lines(Terminal terminal, TimeProvider clock, string title)
    {
        var gate = new Lock();
        var last = clock.GetTimestamp();
        return (stage, share) =>
        {
            lock (gate)
            {
                if (clock.GetElapsedTime(last) < s_every)
                {
                    return;
                }

                last = clock.GetTimestamp();
            }

            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{title}: {stage}, {share * 100:0} %"));
        };
    }
}
