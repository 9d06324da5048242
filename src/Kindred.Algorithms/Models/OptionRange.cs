using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Kindred.Algorithms.Models;

/// <summary>Checks a setting as it is set; the message names it as people write it, in snake_case.</summary>
internal static class OptionRange
{
    /// <exception cref="ArgumentOutOfRangeException">The value is NaN or outside [lowest, highest].</exception>
    public static T Check<T>(T value, T lowest, T highest, [CallerMemberName] string property = "")
        where T : INumber<T>
    {
        // Written so that NaN, which compares false with everything, is refused too.
        if (!(value >= lowest && value <= highest))
        {
            var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property);
            throw new ArgumentOutOfRangeException(name, value, $"{name} lies in [{lowest}, {highest}].");
        }

        return value;
    }
}
