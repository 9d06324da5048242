using Kindred.Hosting;

namespace Kindred;

/// <summary>The parts of the program, in the order they are added and mapped.</summary>
internal static class Roles
{
    public static IReadOnlyList<Role> All { get; } =
    [
    ];
}
