namespace Kindred.Import.Demo;

/// <summary>Words that the demo's films and people are named with. All films are invented.</summary>
internal static class FilmWords
{
    public static readonly string[] Genres =
    [
        "Action", "Adventure", "Animation", "Comedy", "Crime", "Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance",
        "Sci-Fi", "Thriller", "War", "Western",
    ];

    /// <summary>The genres in Russian, in the order of <see cref="Genres"/>.</summary>
    public static readonly string[] RussianGenres =
    [
        "Боевик", "Приключения", "Анимация", "Комедия", "Криминальный фильм", "Документальный фильм", "Драма", "Фэнтези", "Нуар", "Ужасы", "Мюзикл", "Детектив", "Мелодрама",
        "Фантастика", "Триллер", "Военный фильм", "Вестерн",
    ];

    /// <summary>The genres in Portuguese, in the order of <see cref="Genres"/>.</summary>
    public static readonly string[] PortugueseGenres =
    [
        "Ação", "Aventura", "Animação", "Comédia", "Policial", "Documentário", "Drama", "Fantasia", "Filme noir", "Terror", "Musical", "Mistério", "Romance", "Ficção científica", "Suspense",
        "Guerra", "Faroeste",
    ];

    /// <summary>Nouns by genre, in the order of <see cref="Genres"/>.</summary>
    public static readonly string[][] Nouns =
    [
        ["Pursuit", "Convoy", "Strike", "Fuse", "Impact", "Breach", "Hammer", "Runway"],
        ["Compass", "Island", "Expedition", "Caravan", "Summit", "Delta", "Voyage", "Map"],
        ["Kite", "Fox", "Lantern", "Acorn", "Snowman", "Robot", "Teapot", "Balloon"],
        ["Neighbours", "Wedding", "Holiday", "Landlord", "Parrot", "Buffet", "Cousins", "Rehearsal"],
        ["Ledger", "Heist", "Alibi", "Safe", "Witness", "Syndicate", "Getaway", "Informer"],
        ["Glacier", "Harvest", "Reef", "Archive", "Railway", "Orchestra", "Migration", "Kitchen"],
        ["House", "Letters", "Garden", "Silence", "Daughter", "Winter", "Promise", "Inheritance"],
        ["Crown", "Dragon", "Mirror", "Enchanter", "Tower", "Oracle", "Prophecy", "Raven"],
        ["Shadow", "Alley", "Cigarette", "Stairway", "Rain", "Blonde", "Streetlight", "Harbour"],
        ["Cellar", "Scarecrow", "Curse", "Asylum", "Doll", "Whisper", "Grave", "Moth"],
        ["Melody", "Chorus", "Ballroom", "Encore", "Saxophone", "Revue", "Waltz", "Overture"],
        ["Key", "Cipher", "Locket", "Guest", "Portrait", "Testament", "Fog", "Lighthouse"],
        ["Summer", "Kiss", "Postcard", "Bakery", "Vow", "Bicycle", "Lovers", "Spring"],
        ["Orbit", "Signal", "Colony", "Android", "Horizon", "Paradox", "Starship", "Quantum"],
        ["Hostage", "Countdown", "Stranger", "Border", "Wire", "Passenger", "Trap", "Double"],
        ["Battalion", "Trench", "Bridge", "Armistice", "Front", "Soldier", "Winter Line", "Regiment"],
        ["Saddle", "Canyon", "Sheriff", "Dust", "Frontier", "Stagecoach", "Outlaw", "Mesa"],
    ];

    public static readonly string[] Adjectives =
    [
        "Last", "Silent", "Crooked", "Golden", "Distant", "Broken", "Hidden", "Endless", "Burning", "Pale", "Forgotten", "Borrowed", "Restless", "Northern", "Hollow",
        "Scarlet", "Second", "Quiet", "Reluctant", "Midnight",
    ];

    public static readonly string[] Places =
    [
        "Harrow Lane", "Port Almeida", "Vesper Bay", "Ashby", "Montrose", "Kestrel Point", "the Seventh Coast", "Old Marrow", "Saint Brannoc", "Lindow", "the Black Fen",
        "Carrow Hill", "Dunmere", "the Salt Road", "New Tarsis", "Whitlow",
    ];

    public static readonly string[] RussianMasculine = ["поезд", "свидетель", "снег", "маяк", "рассвет", "полк", "мост", "сад", "вальс", "сигнал", "остров", "берег"];

    public static readonly string[] RussianAdjectives = ["Последний", "Тихий", "Забытый", "Северный", "Долгий", "Чужой", "Белый", "Ночной", "Дальний", "Первый"];

    public static readonly string[] RussianOpenings = ["Письма из", "Дорога до", "Осень у", "Возвращение из", "Тайна", "Песни", "Дети", "Тени"];

    public static readonly string[] RussianPlaces =
        ["старого порта", "Северограда", "Белоозера", "тихой гавани", "Верхнего Яра", "забытого города", "Лесной улицы", "дальнего берега", "Каменного моста"];

    public static readonly string[] PortugueseMasculine = ["Trem", "Farol", "Jardim", "Segredo", "Verão", "Retrato", "Viajante", "Domingo", "Silêncio", "Inverno"];

    public static readonly string[] PortugueseAdjectives = ["Perdido", "Distante", "Dourado", "Esquecido", "Antigo", "Eterno", "Proibido", "Vermelho"];

    public static readonly string[] PortugueseOpenings = ["Noites de", "Cartas de", "A Sombra de", "O Caminho de", "As Filhas de", "Memórias de"];

    public static readonly string[] PortuguesePlaces = ["Vila Clara", "Santa Aurora", "Porto Sereno", "Monte Azul", "Ribeira Velha", "Pedra Branca", "São Lourival"];

    public static readonly string[][] FirstNames =
    [
        ["Ada", "Noel", "Clara", "Hugh", "Miriam", "Edgar", "Ivy", "Conrad", "Lena", "Oscar", "Ruth", "Felix", "Maud", "Simon", "Nora", "Jasper"],
        ["Анна", "Вера", "Ольга", "Дарья", "Нина", "Лидия", "Ирина", "Майя"],
        ["Ana", "Rui", "Beatriz", "Caio", "Inês", "Tomás", "Lívia", "Davi"],
    ];

    public static readonly string[][] LastNames =
    [
        ["Hargrove", "Linden", "Okafor", "Marsh", "Vance", "Petrie", "Sorel", "Whitcombe", "Adeyemi", "Brandt", "Castellan", "Dray", "Ekström", "Fenwick", "Goss", "Ibarra"],
        ["Ветрова", "Лугова", "Северина", "Полянская", "Зорина", "Яхонтова", "Берёзкина", "Миронец"],
        ["Valadares", "Sobral", "Monteverde", "Lacerda", "Queirós", "Arruda", "Bettencourt", "Fontoura"],
    ];

    public static readonly string[] Languages = ["English", "Russian", "Portuguese"];
}
