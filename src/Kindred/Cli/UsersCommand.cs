using System.CommandLine;
using Kindred.Accounts;
using Kindred.Hosting;
using Kindred.Settings;

namespace Kindred.Cli;

/// <summary><c>kindred users</c>: people, listed and invited on the data folder; a running server follows within a second.</summary>
internal static class UsersCommand
{
    private const int Most = 1000;

    private static readonly Argument<string> s_email = new("email") { Description = "The address", HelpName = "EMAIL" };
    private static readonly Option<string> s_role = new("--role") { Description = "The role: admin, user, or one you made", HelpName = "ROLE", DefaultValueFactory = _ => "user" };

    public static Command Create(Func<ParseResult, Terminal> open)
    {
        var invite = new Verb("invite", "Invites an address to a role and prints the link that the mail carries", "kindred users invite ada@example.org --role admin") { s_role };
        invite.Arguments.Add(s_email);
        return new Command("users", "People who sign in")
        {
            invite.Runs(open, InviteAsync),
            new Verb("list", "Lists people, newest first").Runs(open, ListAsync),
        };
    }

    private static async Task<int> InviteAsync(CommandContext context)
    {
        await using var workplace = await Workplace.OpenAsync(context.LoadSettings().Settings, context.Cancellation);
        var accounts = workplace.Get<AccountsEntry>();
        var role = context.Get(s_role)!;
        var roles = await accounts.RolesAsync(context.Cancellation);
        if (!roles.Contains(role))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no role \"{role}\".{Spelling.DidYouMean(role, roles)}", $"One of: {string.Join(", ", roles)}");
        }

        InvitationEntry invitation;
        try
        {
            invitation = await accounts.InviteAsync(context.Get(s_email)!, role, context.Cancellation);
        }
        catch (ArgumentException wrong)
        {
            throw new CommandException(ExitCode.Usage, $"\"{context.Get(s_email)}\" is not an e-mail address.", wrong.ParamName == "email" ? null : wrong.Message);
        }

        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(invitation);
        }
        else if (invitation.Link is { } link)
        {
            context.Terminal.Say($"{invitation.Email} is invited as {invitation.Role}; the mail says the same, the link works once:");
            context.Terminal.Write(link);
        }
        else
        {
            context.Terminal.Say($"{invitation.Email} has an account and is {invitation.Role} from now on");
        }

        return ExitCode.Ok;
    }

    private static async Task<int> ListAsync(CommandContext context)
    {
        await using var workplace = await Workplace.OpenAsync(context.LoadSettings().Settings, context.Cancellation);
        var people = await workplace.Get<AccountsEntry>().ListAsync(Most, context.Cancellation);
        if (context.Terminal.Json)
        {
            context.Terminal.WriteJson(people);
        }
        else if (people.Count > 0)
        {
            context.Terminal.WriteTable(
                ["number", "e-mail", "name", "roles", "made", "state"],
                [.. people.Select(person => (string[])
                [
                    person.Number.ToString(System.Globalization.CultureInfo.InvariantCulture), person.Email, person.Name, string.Join(' ', person.Roles.Prepend("user").Distinct()),
                    person.CreatedAt.ToString("yyyy-MM-dd"), !person.Active ? "disabled" : person.Verified ? "confirmed" : "unconfirmed",
                ])],
                numbers: false);
        }

        context.Terminal.Say(people.Count == 0 ? "nobody yet; next: kindred users invite you@example.org --role admin" : $"{people.Count} people");
        return ExitCode.Ok;
    }
}
