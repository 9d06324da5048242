using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Kindred.Training.Runs;
using Microsoft.Extensions.Logging;

namespace Kindred.Training.Processes;

/// <summary>
/// Runs a queued run in a process of its own, at lower priority: it can neither slow nor kill serving, and its memory goes back when it ends.
/// The row says what became of the run; where the process left it open, this closes it.
/// </summary>
internal sealed class TrainingProcess(TrainingStore store, TrainerProgram program, TrainingSettings settings, TimeProvider clock, ILogger<TrainingProcess> logger)
{
    private const int TailLength = 4_000;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    /// <summary>Runs to the end of the process; stopping ends the process.</summary>
    public async Task RunAsync(long run, CancellationToken stopping)
    {
        var tail = new StringBuilder();
        var token = Guid.NewGuid().ToString("N");
        var (state, error) = (RunState.Failed, "");
        try
        {
            using var process = Start(run, token, tail);
            logger.ProcessStarted(run, process.Id);
            using var limit = new CancellationTokenSource(settings.Timeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
            try
            {
                await process.WaitForExitAsync(either.Token);
                error = $"Its process ended with code {process.ExitCode}. {Tail(tail)}".TrimEnd();
            }
            catch (OperationCanceledException)
            {
                await EndAsync(process);
                (state, error) = stopping.IsCancellationRequested
                    ? (RunState.Cancelled, "The server stopped.")
                    : (RunState.Failed, $"Stopped after {settings.Timeout.TotalMinutes:0} minutes (training.timeout).");
            }
        }
        catch (Exception failure) when (failure is Win32Exception or InvalidOperationException or IOException)
        {
            error = $"Its process could not be started: {failure.Message}";
        }

        // Nothing happens here when the process closed its row, as it does unless it was killed, or when another process has the run.
        if (await store.EndAsync(run, token, state, report: null, error, CancellationToken.None))
        {
            logger.RunEnded(run, state, error);
        }
        else if (await store.FindAsync(run, CancellationToken.None) is { } ended)
        {
            logger.RunEnded(run, ended.State, ended.Error ?? ended.Stage);
        }
    }

    private Process Start(long run, string token, StringBuilder tail)
    {
        var start = new ProcessStartInfo(program.FileName, [.. program.Arguments, "--run", run.ToString(CultureInfo.InvariantCulture), "--token", token])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program.FileName} did not start.");
        process.ErrorDataReceived += (_, line) => Append(tail, line.Data);
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        try
        {
            process.PriorityClass = ProcessPriorityClass.BelowNormal;
            process.StandardInput.WriteLine(program.Input);
            process.StandardInput.Flush();
        }
        catch (Exception early) when (early is InvalidOperationException or IOException or Win32Exception)
        {
            // It ended before it was asked anything, or priorities are not ours to change: its exit code tells.
        }

        return process;
    }

    // The end of its input asks the child to stop and close its row; a child that does not listen is killed.
    private async Task EndAsync(Process process)
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
        }

        using var grace = new CancellationTokenSource(s_grace, clock);
        try
        {
            await process.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static void Append(StringBuilder tail, string? line)
    {
        lock (tail)
        {
            tail.AppendLine(line);
            if (tail.Length > TailLength)
            {
                tail.Remove(0, tail.Length - TailLength);
            }
        }
    }

    private static string Tail(StringBuilder tail)
    {
        lock (tail)
        {
            return tail.ToString().Trim();
        }
    }
}
