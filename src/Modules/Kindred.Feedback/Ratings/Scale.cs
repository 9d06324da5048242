namespace Kindred.Feedback.Ratings;

/// <summary>
/// How a system writes ratings down. A profile's ratings lie in 1 to 10; each system's scale is laid on that end to end and evenly, so a rating given in one is
/// read in all, and its own system reads back what was sent.
/// </summary>
internal sealed record Scale(double Lowest, double Highest, double Step)
{
    /// <summary>The cinema: 1 to 10, whole.</summary>
    public static Scale Cinema { get; } = new(1, 10, 1);

    /// <summary>The film club: half a star to five, in halves.</summary>
    public static Scale Club { get; } = new(0.5, 5, 0.5);

    /// <summary>The film clusters: 0 to 5, any number.</summary>
    public static Scale Clusters { get; } = new(0, 5, 0);

    private const double Least = 1, Span = 9;

    /// <summary>True for a number of this scale.</summary>
    public bool Has(double rating) => rating >= Lowest && rating <= Highest && (Step == 0 || rating % Step == 0);

    /// <summary>A rating of this scale as the profile has it.</summary>
    public float ToProfile(double rating) => (float)(Least + ((rating - Lowest) * Span / (Highest - Lowest)));

    /// <summary>A profile's rating on this scale: its nearest step, or to three decimals where it has none. A half step goes up.</summary>
    public double FromProfile(float value)
    {
        var rating = Lowest + ((value - Least) * (Highest - Lowest) / Span);
        return Math.Clamp(Step == 0 ? Math.Round(rating, 3) : Math.Round(rating / Step, MidpointRounding.AwayFromZero) * Step, Lowest, Highest);
    }
}
