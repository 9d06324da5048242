namespace Kindred.Import.Demo;

/// <summary>Size and seed of the demo world. The same options give the same world to the byte.</summary>
public sealed record DemoOptions
{
    /// <summary>The moment the world ends at; all times lie before it.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Seed of every choice.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Days of events.</summary>
    public int Days { get; init; } = 270;

    /// <summary>Films.</summary>
    public int Films { get; init; } = 1_200;

    /// <summary>People who rate films.</summary>
    public int People { get; init; } = 2_000;

    /// <summary>Ratings, about.</summary>
    public int Ratings { get; init; } = 80_000;

    /// <summary>Products.</summary>
    public int Products { get; init; } = 800;

    /// <summary>Customers of the shop.</summary>
    public int Customers { get; init; } = 1_500;

    /// <summary>Purchase lines, about; each brings about one view.</summary>
    public int PurchaseLines { get; init; } = 40_000;

    /// <summary>A world for measuring: both halves with this many items, users and events a user.</summary>
    public static DemoOptions Sized(DateTimeOffset now, int items, int users, int eventsPerUser) => new()
    {
        Now = now,
        Films = items,
        People = users,
        Ratings = checked(users * eventsPerUser),
        Products = items,
        Customers = users,
        PurchaseLines = checked(users * eventsPerUser / 2),
    };
}
