using System.Collections.Frozen;
using System.Globalization;
using HandlebarsDotNet;
using Kindred.Contracts;

namespace Kindred.Notifications.Mail;

/// <summary>
/// Puts letters into words by the templates in <c>Templates/KIND.LANGUAGE.hbs</c>: a subject, the plain text and the HTML, parted by lines of three dashes. What
/// people wrote is escaped in HTML and never stands in a subject.
/// </summary>
internal sealed class LetterWriter
{
    /// <summary>Languages there are templates for.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "ru", "pt"];

    private readonly FrozenDictionary<(LetterKind, string), Template> _templates;
    private readonly HandlebarsTemplate<object, object> _page;

    public LetterWriter()
    {
        var plain = Handlebars.Create(new HandlebarsConfiguration { NoEscape = true, ThrowOnUnresolvedBindingExpression = true });
        var html = Handlebars.Create(new HandlebarsConfiguration { ThrowOnUnresolvedBindingExpression = true });
        _page = html.Compile(Read("Page"));
        _templates = (from kind in Enum.GetValues<LetterKind>()
                      from language in Languages
                      let parts = Read($"{kind}.{language}").Split("\n---\n")
                      select ((kind, language), new Template(plain.Compile(parts[0].Trim()), plain.Compile(parts[1].Trim()), html.Compile(parts[2].Trim()))))
            .ToFrozenDictionary(pair => pair.Item1, pair => pair.Item2);
    }

    /// <summary>The language of these a tag such as <c>pt-BR</c> stands for, or null.</summary>
    public static string? Known(string? tag) => tag?.Split('-')[0].ToLowerInvariant() is { } language && Languages.Contains(language) ? language : null;

    /// <summary>The letter in a language there are templates for.</summary>
    public WrittenLetter Write(Letter letter, string language)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["name"] = letter.Name ?? "",
            ["link"] = letter.Link ?? "",
            ["code"] = letter.Code ?? "",
            ["time"] = letter.GoodFor is { } time ? Words(time, language) : "",
            ["role"] = letter.Role ?? "",
            ["address"] = letter.Address ?? "",
            ["films"] = letter.Films.ToArray(),
            ["subject"] = letter.Subject ?? "",
            ["text"] = letter.Text ?? "",
            ["lines"] = (letter.Text ?? "").Split('\n'),
            ["language"] = language,
            ["unsubscribe"] = letter.Unsubscribe ?? "",
            ["stop"] = language switch { "ru" => "Отписаться от таких писем", "pt" => "Não receber mais estes e-mails", _ => "Stop these letters" },
        };
        var template = _templates[(letter.Kind, language)];
        var text = template.Text(values);
        values["body"] = template.Html(values);
        return new WrittenLetter(template.Subject(values), letter.Unsubscribe is null ? text : $"{text}\n\n-- \n{values["stop"]}: {letter.Unsubscribe}\n", _page(values));
    }

    // The number goes with its noun: Russian has the genitive after "within", singular after 1, 21, 31 ...
    private static string Words(TimeSpan time, string language)
    {
        var (number, unit) = time.TotalHours >= 48 ? (Math.Round(time.TotalDays), 2) : time.TotalMinutes >= 120 ? (Math.Round(time.TotalHours), 1) : (Math.Round(time.TotalMinutes), 0);
        var one = language == "ru" ? number % 10 == 1 && number % 100 != 11 : number == 1;
        var noun = (language, unit) switch
        {
            ("ru", 0) => one ? "минуты" : "минут",
            ("ru", 1) => one ? "часа" : "часов",
            ("ru", _) => one ? "дня" : "дней",
            ("pt", 0) => one ? "minuto" : "minutos",
            ("pt", 1) => one ? "hora" : "horas",
            ("pt", _) => one ? "dia" : "dias",
            (_, 0) => one ? "minute" : "minutes",
            (_, 1) => one ? "hour" : "hours",
            _ => one ? "day" : "days",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{number} {noun}");
    }

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(LetterWriter).Assembly.GetManifestResourceStream("letters/" + name) ?? throw new InvalidOperationException($"There is no template {name}."));
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private sealed record Template(HandlebarsTemplate<object, object> Subject, HandlebarsTemplate<object, object> Text, HandlebarsTemplate<object, object> Html);
}
