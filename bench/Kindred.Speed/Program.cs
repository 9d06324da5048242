// Measures the algorithms library: kernels against the processor's peak, fits and lists against quality. See bench/README.md.
//   Kindred.Speed kernels
//   Kindred.Speed fit RECOMMENDER SPLIT-FOLDER [OPTIONS-JSON] [RUNS] [THREADS]
//   Kindred.Speed kmeans TEXTS-FILE [ROWS] [CLUSTERS] [RUNS] [THREADS] [jitter]
using Kindred.Speed;

switch (args)
{
    case ["fit", var recommender, var folder, .. var rest]:
        return FitBench.Run(
            recommender, folder, rest.Length > 0 ? rest[0] : "{}", rest.Length > 1 ? int.Parse(rest[1], null) : 5, rest.Length > 2 ? int.Parse(rest[2], null) : 2);
    case ["kmeans", var file, .. var rest]:
        var numbers = rest.Where(argument => argument != "jitter").Select(argument => int.Parse(argument, null)).ToArray();
        return KMeansBench.Run(file, Or(0, 1_000_000), Or(1, 50), Or(2, 3), Or(3, 2), rest.Contains("jitter"));

        int Or(int at, int otherwise) => at < numbers.Length ? numbers[at] : otherwise;
    case ["kernels"]:
        return KernelBench.Run();
    default:
        await Console.Error.WriteLineAsync("usage: Kindred.Speed kernels | fit RECOMMENDER SPLIT-FOLDER [OPTIONS-JSON] [RUNS] [THREADS] | kmeans TEXTS-FILE [ROWS] [CLUSTERS] [RUNS] [THREADS] [jitter]").ConfigureAwait(false);
        return 2;
}
