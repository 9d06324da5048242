namespace Kindred.Training.Processes;

/// <summary>How a run's own process is started; the program says.</summary>
/// <param name="FileName">The executable.</param>
/// <param name="Arguments">Arguments before <c>--run</c> and <c>--token</c>.</param>
/// <param name="Input">Written to its standard input as one line: the settings, which may hold secrets and so are no arguments. The input then stays open; its end tells the child that its parent is gone.</param>
internal sealed record TrainerProgram(string FileName, IReadOnlyList<string> Arguments, string Input);
