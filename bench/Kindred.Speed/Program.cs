// Measures the algorithms library: kernels against the processor's peak, fits and lists against quality. See bench/README.md.
//   Kindred.Speed kernels
//   Kindred.Speed fit RECOMMENDER SPLIT-FOLDER [OPTIONS-JSON] [RUNS] [THREADS]
//   Kindred.Speed outofcore [MEBIBYTES] [EVENTS] [USERS] [ITEMS] [FACTORS] [SWEEPS] [THREADS]
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
    case ["outofcore", .. var rest]:
        int[] sizes = [1024, 20_000_000, 1_000_000, 100_000, 32, 3, 2];
        for (var k = 0; k < rest.Length && k < sizes.Length; k++)
        {
            sizes[k] = int.Parse(rest[k], null);
        }

        return OutOfCoreBench.Run((long)sizes[0] << 20, sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6]);
    case ["kernels"]:
        return KernelBench.Run();
    default:
        await Console.Error.WriteLineAsync("usage: Kindred.Speed kernels | fit RECOMMENDER SPLIT-FOLDER [OPTIONS-JSON] [RUNS] [THREADS] | outofcore [MEBIBYTES] [EVENTS] [USERS] [ITEMS] [FACTORS] [SWEEPS] [THREADS] | kmeans TEXTS-FILE [ROWS] [CLUSTERS] [RUNS] [THREADS] [jitter]").ConfigureAwait(false);
        return 2;
}
