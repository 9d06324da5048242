namespace Kindred.Notifications.Chat;

/// <summary>A room as it is stored.</summary>
internal sealed record RoomRow
{
    /// <summary>Where people go who are taken out of a room.</summary>
    public const string Default = "00000000-0000-7000-8000-000000000001";

    public long Number { get; init; }

    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>The person whose own room it is; null for others.</summary>
    public long? Owner { get; init; }

    public long LastPlace { get; init; }

    public long Users { get; init; }
}

/// <summary>What is said, before it has a place.</summary>
/// <param name="Kind"><c>message</c> or <c>system</c>.</param>
/// <param name="Person">Who said it; null for nobody.</param>
/// <param name="Username">What they are called.</param>
/// <param name="Role"><c>user</c>, <c>admin</c> or <c>bot</c>.</param>
/// <param name="Text">The words.</param>
internal sealed record Said(string Kind, long? Person, string Username, string Role, string Text)
{
    public const string Message = "message";

    public const string System = "system";

    public const int LongestName = 50;

    public static string Name(string name) => name.Length <= LongestName ? name : name[..LongestName];
}

/// <summary>A message as it is stored.</summary>
internal sealed record MessageRow
{
    public long Place { get; init; }

    public string Kind { get; init; } = "";

    public long? Person { get; init; }

    public string Username { get; init; } = "";

    public string Role { get; init; } = "";

    public string Text { get; init; } = "";

    public long CreatedAt { get; init; }
}
