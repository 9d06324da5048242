using System.CommandLine;
using System.CommandLine.Help;
using Kindred.Settings;
using Kindred.Import;

namespace Kindred.Cli;

/// <summary>The verbs of <c>kindred</c>, and what they have in common: settings, streams, exit codes, interruption.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line on the process's own streams.</summary>
    public static Task<int> RunAsync(string[] arguments) => RunAsync(arguments, parsed => Terminal.OfProcess(
        parsed.GetValue(CommonOptions.Json), parsed.GetValue(CommonOptions.Quiet), parsed.GetValue(CommonOptions.NoColor)));

    /// <summary>Runs a command line on a given terminal.</summary>
    public static async Task<int> RunAsync(string[] arguments, Func<ParseResult, Terminal> open)
    {
        var parsed = Root(open).Parse(arguments.Length == 0 ? ["--help"] : arguments);
        var terminal = open(parsed);
        var invocation = new InvocationConfiguration
        {
            Output = terminal.Output,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        if (parsed.Errors.Count > 0 && parsed.Action is not Verb.Help)
        {
            foreach (var error in parsed.UnmatchedTokens.Count > 0 ? parsed.Errors.Where(error => !error.Message.StartsWith("Required command", StringComparison.Ordinal)) : parsed.Errors)
            {
                terminal.Fail(error.Message);
            }

            var known = parsed.CommandResult.Command;
            foreach (var word in parsed.UnmatchedTokens.Take(1))
            {
                var words = known.Subcommands.Where(command => !command.Hidden).Select(command => command.Name)
                    .Concat(known.Options.Concat(parsed.RootCommandResult.Command.Options).Select(option => option.Name));
                if (Spelling.Nearest(word, words) is { } near)
                {
                    terminal.Hint($"Did you mean \"{near}\"?");
                }
            }

            terminal.Hint($"See: {Path(known)} --help");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(invocation);
        }
        catch (CommandException failure)
        {
            terminal.Fail(failure.Message, failure.Hint);
            return failure.ExitCode;
        }
        catch (SettingsException wrong)
        {
            foreach (var fault in wrong.Faults)
            {
                terminal.Fail(fault);
            }

            return ExitCode.Usage;
        }
        catch (OperationCanceledException)
        {
            terminal.Say("interrupted");
            return ExitCode.Interrupted;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Data.Common.DbException or InvalidDataException or ImportRefusedException)
        {
            terminal.Fail(failure.Message);
            return ExitCode.Failed;
        }
    }

    private static RootCommand Root(Func<ParseResult, Terminal> open)
    {
        var root = new RootCommand(
            """
            Recommendations you run yourself, and that say why.

            Examples:
              kindred demo                                  a world of films and a shop, trained and served
              kindred serve --data /var/lib/kindred         the server
              kindred import ratings.csv -c films           events from a file
              kindred train -c films                        a new model, live if it is better
              kindred recommend 42 -c films                 what user 42 gets, and why

            Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 server away, 130 interrupted.
            """)
        {
            CommonOptions.Data, CommonOptions.Config, CommonOptions.Set, CommonOptions.Json, CommonOptions.Quiet, CommonOptions.NoColor,
        };
        foreach (var command in (Command[])
        [
            DemoCommand.Create(open),
            ServeCommand.Create(open),
            ImportCommand.Create(open),
            EtlCommand.Create(open),
            TrainCommand.Create(open),
            EvaluateCommand.Create(open),
            TuneCommand.Create(open),
            .. AnswerCommands.Create(open),
            PictureCommand.Create(open),
            KeysCommand.Create(open),
            UsersCommand.Create(open),
            DlqCommand.Create(open),
            SchedulesCommand.Create(open),
            MigrateCommand.Create(open),
            ConfigCommand.Create(open),
            VersionCommand.Create(open),
        ])
        {
            root.Subcommands.Add(command);
        }

        var help = root.Options.OfType<HelpOption>().First();
        help.Action = new Verb.Help((HelpAction)help.Action!);
        return root;
    }

    private static string Path(Command command) => command is RootCommand ? "kindred" : $"kindred {command.Name}";
}
