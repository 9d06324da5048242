namespace Kindred.Notifications.Chat;

/// <summary>What the program itself says in a room, in the language of its owner.</summary>
internal static class ChatWords
{
    public const string Bot = "recommendation bot";

    public const string Notifier = "notifications";

    public const string BotRole = "bot";

    private const int LongestList = 2000;

    public static string Room(string name, string language) => language switch { "ru" => $"Комната: {name}", "pt" => $"Sala de {name}", _ => $"Room of {name}" };

    public static string Welcome(string name, string language) => language switch
    {
        "ru" => $"Здравствуйте, {name}! Это ваша комната: здесь появятся фильмы, которые мы вам рекомендуем.",
        "pt" => $"Olá, {name}! Esta é a sua sala: aqui aparecem os filmes que recomendamos a você.",
        _ => $"Welcome, {name}! This is your room: the films we recommend to you appear here.",
    };

    public static string Films(IEnumerable<string> titles, string language)
    {
        var text = language switch { "ru" => "мы рекомендуем эти фильмы: ", "pt" => "recomendamos os seguintes filmes: ", _ => "we recommend the following films: " } + string.Join(", ", titles);
        return text.Length <= LongestList ? text : text[..(LongestList - 1)] + "…";
    }
}
