using System.Globalization;
using System.Text.Json;
using Kindred.Contracts;
using Kindred.Import.Formats;

namespace Kindred.Import.Demo;

/// <summary>
/// The cinema. Films come in circles: two genres, an era, a few directors and a company of actors; people love two to four circles and otherwise watch what
/// all watch. Some circles have their season, new films draw attention for a month, and tastes move on. So past ratings tell future ones much better than
/// popularity does, as it should be for showing what recommenders are for.
/// </summary>
internal sealed class Cinema
{
    private const int FilmsPerCircle = 36;
    private const int MostCircles = 400;
    private const double NewRelease = 0.12;
    private const long Day = 86_400_000_000;

    private readonly DemoOptions _options;
    private readonly long _from;
    private readonly long _to;
    private readonly Circle[] _circles;
    private readonly Film[] _films;
    private readonly double[] _popularity;
    private readonly double[] _circleSizes;

    public Cinema(DemoOptions options)
    {
        _options = options;
        _to = options.Now.ToUnixTimeMilliseconds() * 1000;
        _from = _to - (options.Days * Day);
        var draws = new Draws(options.Seed);
        _circles = [.. Enumerable.Range(0, Math.Clamp(options.Films / FilmsPerCircle, 4, MostCircles)).Select(_ => new Circle(draws))];
        _films = MakeFilms(draws);
        Credit(new Draws(options.Seed + 2));
        _popularity = Draws.Sums(_films.Select(film => film.Popularity));
        for (var circle = 0; circle < _circles.Length; circle++)
        {
            _circles[circle].Films = [.. Enumerable.Range(0, _films.Length).Where(film => _films[film].Circle == circle)];
            _circles[circle].Sums = Draws.Sums(_circles[circle].Films.Select(film => _films[film].Popularity));
        }

        _circleSizes = Draws.Sums(_circles.Select(circle => circle.Films.Length == 0 ? 0 : Math.Sqrt(circle.Sums[^1])));
        Items = [.. _films.Select(film => film.Item)];
    }

    public IReadOnlyList<ImportedItem> Items { get; }

    /// <summary>Ratings in time order.</summary>
    public IEnumerable<ImportedEvent> Ratings()
    {
        var draws = new Draws(_options.Seed + 1);
        var people = Enumerable.Range(0, _options.People).Select(number => new Person(draws, this, number)).ToArray();
        var ids = new EventIds();
        foreach (var (at, user) in Activity.Draw(draws, _options.People, _options.Ratings, Math.Max(1, _options.Films / 3), 4, _from, _to))
        {
            var person = people[user];
            person.MoveOn(draws, this, at);
            if (Choose(draws, person, at) is { } film && person.Seen.Add(film))
            {
                var value = Rate(draws, person, _films[film]);
                yield return new ImportedEvent(ids.Make(person.Id, _films[film].Item.Id, "rating", value, at), person.Id, _films[film].Item.Id, "rating", value, at);
            }
        }
    }

    private int? Choose(Draws draws, Person person, long at)
    {
        for (var tries = 0; tries < 12; tries++)
        {
            var circle = _circles[person.Circles[draws.Weighted(person.Sums)]];
            int film;
            if (draws.Chance(0.72) && circle.Films.Length > 0 && draws.Chance(circle.Attraction(at)))
            {
                film = circle.Films[draws.Weighted(circle.Sums)];
            }
            else
            {
                film = draws.Weighted(_popularity);
            }

            // A new film is much talked about; an older one of the same fame is often passed over for it.
            var age = at - _films[film].Released;
            if (age >= 0 && !person.Seen.Contains(film) && draws.Chance(age < 30 * Day ? 1 : 0.6))
            {
                return film;
            }
        }

        return null;
    }

    private static float Rate(Draws draws, Person person, Film film)
    {
        var fondness = person.Circles.Contains(film.Circle) ? 1.1 : -0.9;
        return (float)Math.Clamp(Math.Round(film.Quality + person.Mildness + fondness + draws.Normal(0, 1.1)), 1, 10);
    }

    private Film[] MakeFilms(Draws draws)
    {
        var films = new Film[_options.Films];
        HashSet<string> titles = new(StringComparer.Ordinal);
        int[] ranks = [.. Enumerable.Range(1, films.Length)];
        draws.Shuffle(ranks);
        for (var number = 0; number < films.Length; number++)
        {
            var home = draws.Below(_circles.Length);
            var circle = _circles[home];
            var isNew = draws.Chance(NewRelease);
            var released = isNew ? _from + (long)((_to - _from) * draws.Unit()) : Past(draws, circle.Era);
            var year = DateTimeOffset.UnixEpoch.AddTicks(released * 10).Year;
            var title = FilmTitles.Make(draws, circle.Language, circle.Genres, titles);
            Dictionary<string, JsonElement> attributes = new(StringComparer.Ordinal)
            {
                ["year"] = JsonSerializer.SerializeToElement(year),
                ["director"] = JsonSerializer.SerializeToElement(draws.Of(circle.Directors)),
                ["actors"] = JsonSerializer.SerializeToElement(Enumerable.Range(0, 3).Select(_ => draws.Of(circle.Actors)).Distinct(StringComparer.Ordinal).ToArray()),
                ["language"] = JsonSerializer.SerializeToElement(FilmWords.Languages[circle.Language]),
                ["runtime"] = JsonSerializer.SerializeToElement((int)Math.Clamp(draws.Normal(108, 18), 62, 190)),
            };
            List<string> genres = [FilmWords.Genres[circle.Genres[0]]];
            genres.AddRange(draws.Chance(0.75) ? [FilmWords.Genres[circle.Genres[1]]] : []);
            genres.AddRange(draws.Chance(0.2) ? [draws.Of(FilmWords.Genres)] : []);
            // A UUID, as the cinema's clients name films, whose end is the film's number.
            var id = string.Create(CultureInfo.InvariantCulture, $"f1170000-0000-4000-8000-{number + 1:D12}");
            films[number] = new Film(
                new ImportedItem(id, title, [.. genres.Distinct(StringComparer.Ordinal)], attributes, DateTimeOffset.UnixEpoch.AddTicks(released * 10), Hidden: false),
                home,
                released,
                Popularity: Math.Pow(ranks[number] + 5, -0.8) * (isNew ? 2 : 1),
                Quality: draws.Normal(6.5, 0.9));
        }

        return films;
    }

    // What the cinema's catalogue shows besides; drawn apart, so that tastes and ratings do not depend on it.
    private void Credit(Draws draws)
    {
        foreach (var film in _films)
        {
            var circle = _circles[film.Circle];
            var attributes = (Dictionary<string, JsonElement>)film.Item.Attributes;
            string[] writers = [.. Enumerable.Range(0, 1 + draws.Below(2)).Select(_ => draws.Of(circle.Writers)).Distinct(StringComparer.Ordinal)];
            attributes["writers"] = JsonSerializer.SerializeToElement(writers);
            attributes["imdb_rating"] = JsonSerializer.SerializeToElement(Math.Round(Math.Clamp(film.Quality + draws.Normal(0, 0.3), 1, 10), 1));
            attributes["type"] = JsonSerializer.SerializeToElement(draws.Chance(0.1) ? "tv_show" : "movie");
            attributes["description"] = JsonSerializer.SerializeToElement(FilmTitles.Describe(
                circle.Language, film.Item.Categories[0], attributes["year"].GetInt32(), attributes["director"].GetString()!));
        }
    }

    private long Past(Draws draws, int era)
    {
        var year = DateTimeOffset.UnixEpoch.AddTicks(_from * 10).Year;
        var back = Math.Clamp((int)Math.Round(Math.Abs(draws.Normal(era, 4))), 1, 70);
        return new DateTimeOffset(year - back, 1 + draws.Below(12), 1 + draws.Below(28), 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds() * 1000;
    }

    private sealed record Film(ImportedItem Item, int Circle, long Released, double Popularity, double Quality);

    private sealed class Circle
    {
        private static readonly int[] s_eras = [3, 12, 25, 45];
        private readonly int _month;

        public Circle(Draws draws)
        {
            var language = draws.Unit();
            Language = language < 0.74 ? 0 : language < 0.9 ? 1 : 2;
            Genres = [draws.Below(FilmWords.Genres.Length), draws.Below(FilmWords.Genres.Length)];
            Era = draws.Of(s_eras);
            Directors = [.. Enumerable.Range(0, 3).Select(_ => Name(draws))];
            Actors = [.. Enumerable.Range(0, 9).Select(_ => Name(draws))];

            Writers = [.. Directors.Skip(1), .. Actors.Take(2)];

            // The dark ones in October, love in February, families in December; the others have no season.
            _month = FilmWords.Genres[Genres[0]] switch { "Horror" or "Mystery" => 10, "Romance" => 2, "Animation" or "Fantasy" or "Musical" => 12, _ => 0 };
        }

        public int Language { get; }

        public int[] Genres { get; }

        public int Era { get; }

        public string[] Directors { get; }

        public string[] Actors { get; }

        /// <summary>Some of the directors and actors write too.</summary>
        public string[] Writers { get; }

        public int[] Films { get; set; } = [];

        public double[] Sums { get; set; } = [];

        public double Attraction(long at) => _month == 0 || DateTimeOffset.UnixEpoch.AddTicks(at * 10).Month == _month ? 1 : 0.75;

        private string Name(Draws draws) => $"{draws.Of(FilmWords.FirstNames[Language])} {draws.Of(FilmWords.LastNames[Language])}";
    }

    private sealed class Person
    {
        private long _nextMove;

        public Person(Draws draws, Cinema cinema, int number)
        {
            Id = "person-" + (number + 1).ToString("D5", CultureInfo.InvariantCulture);
            Circles = [.. Enumerable.Range(0, 2 + draws.Below(3)).Select(_ => draws.Weighted(cinema._circleSizes))];
            Sums = Draws.Sums(Circles.Select(_ => 0.3 + draws.Unit()));
            Mildness = draws.Normal(0, 0.6);
            _nextMove = cinema._from + Months(draws);
        }

        public string Id { get; }

        public int[] Circles { get; }

        public double[] Sums { get; }

        public double Mildness { get; }

        public HashSet<int> Seen { get; } = [];

        /// <summary>Every few months one beloved circle gives way to another.</summary>
        public void MoveOn(Draws draws, Cinema cinema, long at)
        {
            while (at > _nextMove)
            {
                Circles[draws.Below(Circles.Length)] = draws.Weighted(cinema._circleSizes);
                _nextMove += Months(draws);
            }
        }

        private static long Months(Draws draws) => (long)((90 + (300 * draws.Unit())) * Day);
    }
}
