namespace Kindred.Contracts;

/// <summary>A film for people's eyes. Films are items of the films' collection: number, id, title and genres are the item's.</summary>
/// <param name="Number">Number of the item within the collection.</param>
/// <param name="Id">Id of the item; a UUID where the film came through the cinema's routes or its content database.</param>
/// <param name="Title">Title.</param>
/// <param name="Genres">Names of its genres, in the order given: the item's categories.</param>
/// <param name="Directors">Full names.</param>
/// <param name="Actors">Full names.</param>
public sealed record FilmRecord(int Number, string Id, string Title, IReadOnlyList<string> Genres, IReadOnlyList<string> Directors, IReadOnlyList<string> Actors);

/// <summary>Looks films up for modules that answer with them; Catalog implements it.</summary>
public interface IFilmReader
{
    /// <summary>The films of these item numbers, in any order; what is hidden, deleted or has no title is left out.</summary>
    Task<IReadOnlyDictionary<int, FilmRecord>> FindAsync(IReadOnlyCollection<int> numbers, CancellationToken cancellation);
}

/// <summary>Topics of the cinema.</summary>
public static class CinemaTopics
{
    /// <summary>Bodies are <see cref="UserVerified"/>.</summary>
    public const string UserVerified = "user_verified";

    /// <summary>Bodies are <see cref="RecommendationsMade"/>.</summary>
    public const string Recommendations = "recommendations";
}

/// <summary>Somebody confirmed their address; told once an address.</summary>
/// <param name="UserId">Id of the account, a UUID.</param>
/// <param name="Email">The confirmed address.</param>
/// <param name="Fullname">What to call them.</param>
public sealed record UserVerified(Guid UserId, string Email, string Fullname);

/// <summary>Films were recommended anew, to one person or to everybody.</summary>
/// <param name="UserId">Id of the account, a UUID; null where the films are for everybody.</param>
/// <param name="Recommendations">The films, best first.</param>
public sealed record RecommendationsMade(Guid? UserId, IReadOnlyList<RecommendedFilm> Recommendations);

/// <summary>One of the films recommended.</summary>
/// <param name="MovieId">Id of the item.</param>
/// <param name="Title">Its title at that time.</param>
public sealed record RecommendedFilm(string MovieId, string Title);
