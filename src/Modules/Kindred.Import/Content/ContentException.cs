namespace Kindred.Import.Content;

/// <summary>Why a content database was not read on.</summary>
public enum ContentTrouble
{
    /// <summary>It cannot be reached, or went away.</summary>
    Away,

    /// <summary>It does not let us read.</summary>
    NotAllowed,

    /// <summary>It is not a content database as we know them, or what it holds now would undo what it held before.</summary>
    Refused,
}

/// <summary>A content database was not read on; the message is for people and holds no secret.</summary>
public sealed class ContentException(ContentTrouble trouble, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of trouble.</summary>
    public ContentTrouble Trouble { get; } = trouble;
}
