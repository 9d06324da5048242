using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;

namespace Kindred.Cli;

/// <summary>A command with examples, which its help shows below the options.</summary>
internal sealed class Verb(string name, string summary, params IReadOnlyList<string> examples) : Command(name, summary)
{
    /// <summary>Command lines that work.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>Gives the verb its work; Ctrl-C and SIGTERM cancel it unless it handles them itself.</summary>
    public Verb Runs(Func<ParseResult, Terminal> open, Func<CommandContext, Task<int>> run, bool handlesSignals = false)
    {
        SetAction(async (parsed, cancellation) =>
        {
            if (handlesSignals)
            {
                return await run(new CommandContext(parsed, open(parsed), cancellation));
            }

            using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            void Interrupt(PosixSignalContext signal)
            {
                signal.Cancel = !interrupted.IsCancellationRequested; // a second Ctrl-C ends the process the hard way
                interrupted.Cancel();
            }

            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
            return await run(new CommandContext(parsed, open(parsed), interrupted.Token));
        });
        return this;
    }

    /// <summary>The framework's help, then the examples.</summary>
    internal sealed class Help(HelpAction inner) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = inner.Invoke(parseResult);
            if (parseResult.CommandResult.Command is Verb { Examples.Count: > 0 } verb)
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var example in verb.Examples)
                {
                    output.WriteLine($"  {example}");
                }

                output.WriteLine();
            }

            return code;
        }
    }
}
