using System.CommandLine;
using Kindred.Hosting;
using Kindred.Platform.Storage;

namespace Kindred.Cli;

/// <summary><c>kindred migrate</c>: brings the database up to this program, as every start does; <c>--plan</c> only shows.</summary>
internal static class MigrateCommand
{
    private static readonly Option<bool> s_plan = new("--plan") { Description = "Show what would be applied, change nothing" };

    public static Command Create(Func<ParseResult, Terminal> open) => new Verb(
        "migrate",
        "Brings the database up to this program's schema, as every start does",
        "kindred migrate --plan",
        "kindred migrate --data /var/lib/kindred")
    {
        s_plan,
    }.Runs(open, MigrateAsync);

    private static async Task<int> MigrateAsync(CommandContext context)
    {
        await using var workplace = Workplace.Open(context.LoadSettings().Settings);
        var migrator = workplace.Get<Migrator>();
        try
        {
            var planOnly = context.Get(s_plan);
            var migrations = planOnly ? await migrator.PlanAsync(context.Cancellation) : await migrator.ApplyAsync(context.Cancellation);
            if (context.Terminal.Json)
            {
                context.Terminal.WriteJson(migrations.Select(migration => new { migration.Module, migration.Number, migration.Name, migration.Sha256, Applied = migration.Applied || !planOnly }));
            }
            else
            {
                foreach (var migration in migrations)
                {
                    context.Terminal.Write($"{migration.Module}/{migration.Number:D4}_{migration.Name} {(!planOnly ? "applied now" : migration.Applied ? "applied" : "missing")}");
                }
            }

            context.Terminal.Say(migrations.Any(migration => !migration.Applied) ? planOnly ? "next: kindred migrate" : "done" : "the database is up to date");
            return ExitCode.Ok;
        }
        catch (MigrationException refused)
        {
            throw new CommandException(ExitCode.Failed, refused.Message);
        }
    }
}
