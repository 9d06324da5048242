using System.CommandLine;
using Kindred.Hosting;
using Kindred.Platform.Messaging;

namespace Kindred.Cli;

/// <summary><c>kindred dlq</c>: messages their queue could not handle. Works on the database; a running server takes up what is sent again within a second.</summary>
internal static class DlqCommand
{
    private const int ListLimit = 1000;
    private const int ReasonWidth = 60;

    private static readonly Option<string?> s_queue = new("--queue") { Description = "Only messages of this queue", HelpName = "NAME" };
    private static readonly Argument<string> s_id = new("id") { Description = "Id of the message, as list shows it", HelpName = "ID" };
    private static readonly Argument<string?> s_which = new("id") { Description = "Id of the message; or give --queue", HelpName = "ID", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create(Func<ParseResult, Terminal> open) => new Command("dlq", "Messages that could not be handled")
    {
        new Verb("list", "Lists parked messages, oldest first") { s_queue }.Runs(open, ListAsync),
        new Verb("peek", "Shows one whole, with its reason", "kindred dlq peek 019a8f00-0000-7000-8000-000000000000") { s_id }.Runs(open, PeekAsync),
        new Verb("replay", "Sends it to its queue once more", "kindred dlq replay 019a8f00-0000-7000-8000-000000000000", "kindred dlq replay --queue catalog-products") { s_which, s_queue }.Runs(open, context => ChangeAsync(context, replay: true)),
        new Verb("delete", "Deletes it for good") { s_which, s_queue }.Runs(open, context => ChangeAsync(context, replay: false)),
    };

    private static async Task<int> ListAsync(CommandContext context)
    {
        await using var workplace = await Workplace.OpenAsync(context.LoadSettings().Settings, context.Cancellation);
        var parked = await workplace.Get<ParkedMessages>().ListAsync(context.Get(s_queue), ListLimit, context.Cancellation);
        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(parked.Select(Shown));
        }
        else if (parked.Count > 0)
        {
            context.Terminal.WriteTable(
                ["id", "queue", "topic", "parked", "tries", "reason"],
                [.. parked.Select(one => (string[])[one.Id, one.Queue, one.Topic, Time(one.ParkedAt).ToString("yyyy-MM-dd HH:mm:ss"), one.Tries.ToString(), one.Reason.Length > ReasonWidth ? one.Reason[..ReasonWidth] + "…" : one.Reason])],
                numbers: false);
        }

        context.Terminal.Say(parked.Count switch { 0 => "no parked messages", ListLimit => $"the first {ListLimit} parked messages", _ => $"{parked.Count} parked messages" });
        return ExitCode.Ok;
    }

    private static async Task<int> PeekAsync(CommandContext context)
    {
        await using var workplace = await Workplace.OpenAsync(context.LoadSettings().Settings, context.Cancellation);
        var parked = await workplace.Get<ParkedMessages>().FindAsync(Id(context.Get(s_id)!), context.Cancellation);
        if (parked.Count == 0)
        {
            throw NotFound();
        }

        context.Terminal.WriteJson(parked.Select(Shown));
        return ExitCode.Ok;
    }

    private static async Task<int> ChangeAsync(CommandContext context, bool replay)
    {
        var (id, queue) = (context.Get(s_which), context.Get(s_queue));
        if (id is null && queue is null)
        {
            throw new CommandException(ExitCode.Usage, "Say which messages: an id, or --queue NAME.", "kindred dlq list shows them.");
        }

        await using var workplace = await Workplace.OpenAsync(context.LoadSettings().Settings, context.Cancellation);
        var parked = workplace.Get<ParkedMessages>();
        var which = id is null ? (Guid?)null : Id(id);
        var count = replay ? await parked.ReplayAsync(which, queue, context.Cancellation) : await parked.DeleteAsync(which, queue, context.Cancellation);
        if (count == 0)
        {
            throw NotFound();
        }

        context.Terminal.Say($"{count} {(count == 1 ? "message" : "messages")} {(replay ? "sent again" : "deleted")}");
        return ExitCode.Ok;
    }

    private static Guid Id(string text) => Guid.TryParse(text, out var id) ? id : throw new CommandException(ExitCode.Usage, $"\"{text}\" is not the id of a message.", "kindred dlq list shows them.");

    private static CommandException NotFound() => new(ExitCode.NotFound, "No such message is parked.", "kindred dlq list shows what is.");

    private static object Shown(ParkedMessage one) => new { one.Id, one.Queue, one.Topic, one.Tries, CreatedAt = Time(one.CreatedAt), ParkedAt = Time(one.ParkedAt), one.Reason, one.Body };

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
