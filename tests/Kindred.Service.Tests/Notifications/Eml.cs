using System.Text;

namespace Kindred.Service.Tests.Notifications;

/// <summary>Reads letters as the program writes them.</summary>
internal static class Eml
{
    /// <summary>Headers, an empty line, the plain text.</summary>
    public static string Read(string eml) => eml.Split("\r\n\r\n", 2)[0] + "\n\n" + Part(eml, "text/plain");

    /// <summary>One part, decoded.</summary>
    public static string Part(string eml, string type)
    {
        var boundary = eml.Split("boundary=\"", 2)[1].Split('"', 2)[0];
        var part = eml.Split("--" + boundary).Single(section => section.Contains($"Content-Type: {type};", StringComparison.Ordinal));
        return Encoding.UTF8.GetString(Convert.FromBase64String(part.Split("\r\n\r\n", 2)[1]));
    }

    /// <summary>The subject, decoded.</summary>
    public static string Subject(string eml)
    {
        var lines = eml.Split("\r\n").SkipWhile(line => !line.StartsWith("Subject: ", StringComparison.Ordinal));
        var words = lines.First()["Subject: ".Length..] + string.Concat(lines.Skip(1).TakeWhile(line => line.StartsWith(' ')));
        return !words.StartsWith("=?", StringComparison.Ordinal) ? words
            : string.Concat(words.Split(' ').Select(word => Encoding.UTF8.GetString(Convert.FromBase64String(word["=?utf-8?B?".Length..^2]))));
    }

    /// <summary>A header's value, or null.</summary>
    public static string? Header(string eml, string name) =>
        eml.Split("\r\n\r\n", 2)[0].Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.Ordinal))?[(name.Length + 2)..];
}
