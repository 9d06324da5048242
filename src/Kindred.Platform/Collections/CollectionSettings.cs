namespace Kindred.Platform.Collections;

/// <summary>Settings of one collection, section <c>collections:NAME</c>.</summary>
public sealed record CollectionSettings
{
    /// <summary>Event types by name; any text of 1-64 characters.</summary>
    public Dictionary<string, EventTypeSettings> EventTypes { get; init; } = [];

    /// <summary>Events may name items the catalogue does not hold yet.</summary>
    public bool UnknownItems { get; init; } = true;

    /// <summary>Events may come from users nobody has named before.</summary>
    public bool UnknownUsers { get; init; } = true;

    /// <summary>Reading needs no key. Null: true in development, false in production. The demo sets it.</summary>
    public bool? PublicReads { get; init; }

    /// <summary>Purchases and the other routes of systems that know no accounts take writes without a key; the native API never does. Null as above; the demo sets it.</summary>
    public bool? PublicWrites { get; init; }

    /// <summary>Recommenders a run trains, by name; empty means the program's default set.</summary>
    public List<string> Recommenders { get; init; } = [];

    /// <summary>A run starts by itself after this many new events; 0 switches it off.</summary>
    public int TrainAfterEvents { get; init; } = 10_000;

    /// <summary>A run starts by itself this often when there are new events; zero switches it off.</summary>
    public TimeSpan TrainEvery { get; init; } = TimeSpan.FromHours(24);
}

/// <summary>Settings of one event type.</summary>
public sealed record EventTypeSettings
{
    /// <summary>What one positive event counts, above 0.</summary>
    public float Weight { get; init; } = 1;

    /// <summary>Which values are positive, as a comparison: <c>&gt;= 7</c>; empty means every event is.</summary>
    public string Positive { get; init; } = "";

    /// <summary>Which values are negative: <c>&lt;= 4</c>; empty means none. Neither positive nor negative is neutral.</summary>
    public string Negative { get; init; } = "";

    /// <summary>An event of this type makes the item seen, so it is not recommended again.</summary>
    public bool Seen { get; init; } = true;

    /// <summary>Smallest value accepted.</summary>
    public float? Minimum { get; init; }

    /// <summary>Largest value accepted.</summary>
    public float? Maximum { get; init; }

    /// <summary>The event needs a value.</summary>
    public bool ValueRequired { get; init; }

    /// <summary>Days after which an event counts half in a history; null means never.</summary>
    public double? HalfLifeDays { get; init; }
}
