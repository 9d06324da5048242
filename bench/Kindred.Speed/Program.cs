// Measures the algorithms library: kernels against the processor's peak, fits and lists against quality. See bench/README.md.
//   Kindred.Speed kernels
//   Kindred.Speed fit RECOMMENDER SPLIT-FOLDER [OPTIONS-JSON] [RUNS] [THREADS]
using Kindred.Speed;

switch (args)
{
    case ["fit", var recommender, var folder, .. var rest]:
        return FitBench.Run(
            recommender, folder, rest.Length > 0 ? rest[0] : "{}", rest.Length > 1 ? int.Parse(rest[1], null) : 5, rest.Length > 2 ? int.Parse(rest[2], null) : 2);
    case ["kernels"]:
        return KernelBench.Run();
    default:
        await Console.Error.WriteLineAsync("usage: Kindred.Speed kernels | fit RECOMMENDER SPLIT-FOLDER [OPTIONS-JSON] [RUNS] [THREADS]").ConfigureAwait(false);
        return 2;
}
