using System.CommandLine;
using System.Globalization;
using Kindred.Hosting;
using Kindred.Recommendations;
using Kindred.Recommendations.Answers;
using Kindred.Recommendations.Filters;

namespace Kindred.Cli;

/// <summary><c>kindred recommend, similar, why</c>: what the routes answer, straight from the data folder.</summary>
internal static class AnswerCommands
{
    private static readonly Argument<string> s_user = new("user") { Description = "User id", HelpName = "USER" };
    private static readonly Argument<string> s_item = new("item") { Description = "Item id", HelpName = "ITEM" };
    private static readonly Option<int> s_n = new("-n") { Description = "Number of items", HelpName = "N", DefaultValueFactory = _ => 10 };
    private static readonly Option<string?> s_category = new("--category") { Description = "Only items of this category", HelpName = "NAME" };
    private static readonly Option<string?> s_filter = new("--filter") { Description = "Only items that satisfy this predicate, such as 'year >= 2000'", HelpName = "EXPRESSION" };

    public static IEnumerable<Command> Create(Func<ParseResult, Terminal> open) =>
    [
        new Verb("recommend", "A user's ranked list, each item with its reason", "kindred recommend 42 -c films", "kindred recommend 42 -c films -n 5 --category Drama --json")
        {
            s_user, CommonOptions.Collection, s_n, s_category, s_filter,
        }.Runs(open, RecommendAsync),
        new Verb("similar", "Items like this one", "kindred similar 1196 -c films")
        {
            s_item, CommonOptions.Collection, s_n, s_category, s_filter,
        }.Runs(open, SimilarAsync),
        new Verb("why", "Which history items carry an item's score for a user, or what keeps it out of the list", "kindred why 42 1196 -c films")
        {
            s_user, s_item, CommonOptions.Collection, s_n, s_category, s_filter,
        }.Runs(open, WhyAsync),
    ];

    private static Task<int> RecommendAsync(CommandContext context) => AskAsync(context, async (answers, collection, query) =>
        WriteList(context.Terminal, await answers.RecommendAsync(collection, context.Get(s_user)!, query, context.Cancellation)));

    private static Task<int> SimilarAsync(CommandContext context) => AskAsync(context, async (answers, collection, query) =>
        WriteList(context.Terminal, await answers.SimilarAsync(collection, context.Get(s_item)!, query, context.Cancellation)
            ?? throw new CommandException(ExitCode.NotFound, $"{collection} has no item \"{context.Get(s_item)}\".")));

    private static Task<int> WhyAsync(CommandContext context) => AskAsync(context, async (answers, collection, query) =>
    {
        var (user, item) = (context.Get(s_user)!, context.Get(s_item)!);
        var why = await answers.WhyAsync(collection, user, item, query, context.Cancellation);
        var not = await answers.WhyNotAsync(collection, user, item, query, context.Cancellation);
        if (why is null && not?.Stage is null or "unknown")
        {
            throw new CommandException(ExitCode.NotFound, $"{collection} has no item \"{item}\".");
        }

        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(new { Why = why, WhyNot = not });
            return ExitCode.Ok;
        }

        if (why is not null)
        {
            context.Terminal.Write($"{why.Title ?? why.Item}: {why.Text}");
            foreach (var evidence in why.Evidence)
            {
                context.Terminal.Write(string.Create(CultureInfo.InvariantCulture, $"  {evidence.Share,8:+0.0000;-0.0000}  {evidence.Title ?? evidence.Item}"));
            }
        }

        if (not is { Stage: not "answered" })
        {
            context.Terminal.Write($"not in the list: {not.Text}");
        }

        return ExitCode.Ok;
    });

    private static int WriteList(Terminal terminal, AnsweredList? list)
    {
        if (list is null)
        {
            return ExitCode.NotFound;
        }

        if (terminal.Json)
        {
            terminal.WriteJson(list);
        }
        else
        {
            terminal.WriteTable(
                ["item", "score", "title", "why"],
                [.. list.Data.Select(item => (string[])[item.Item, item.Score.ToString("0.0000", CultureInfo.InvariantCulture), item.Title ?? "", item.Reason.Text])],
                numbers: false);
        }

        terminal.Say(list.Model is { } model ? $"{list.Source}, by {model.Recommender} of run {model.Run}" : $"{list.Source}; no model yet: kindred train");
        return ExitCode.Ok;
    }

    private static async Task<int> AskAsync(CommandContext context, Func<LocalRecommendations, string, ListQuery, Task<int>> ask)
    {
        var settings = context.LoadSettings().Settings;
        var collection = context.CollectionName(settings);
        if (context.Get(s_n) is < 1 or > ListQuery.MaxN)
        {
            throw new CommandException(ExitCode.Usage, $"-n is 1 to {ListQuery.MaxN}.");
        }

        await using var workplace = await Workplace.OpenAsync(settings, context.Cancellation);
        var answers = workplace.Get<LocalRecommendations>();
        try
        {
            await answers.RefreshAsync(collection, context.Cancellation);
            return await ask(answers, collection, new ListQuery { N = context.Get(s_n), Category = context.Get(s_category), Filter = context.Get(s_filter) });
        }
        catch (FilterException refused)
        {
            throw new CommandException(ExitCode.Usage, $"--filter: {refused.Message}");
        }
    }
}
