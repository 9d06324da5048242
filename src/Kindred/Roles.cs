using Kindred.Hosting;
using Kindred.Import;
using Kindred.Platform;
using Kindred.Platform.Storage;
using Kindred.Settings;
using Kindred.Training;

namespace Kindred;

/// <summary>The parts of the program, in the order they are added and mapped. Modules meet only through what Contracts names.</summary>
internal static class Roles
{
    public static IReadOnlyList<Role> All { get; } =
    [
        new("storage", (services, settings) => services.AddStorage(Platform(settings), settings.Database, settings.Collections)),
        new("training", (services, settings) => services.AddTraining(settings.Training)),
        new("import", (services, _) => services.AddImport()),
    ];

    private static PlatformSettings Platform(KindredSettings settings) => new() { DataFolder = settings.Data, Development = settings.Environment == "development" };
}
