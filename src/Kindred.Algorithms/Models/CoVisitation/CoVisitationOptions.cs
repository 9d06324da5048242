namespace Kindred.Algorithms.Models.CoVisitation;

/// <summary>How strongly two items belong together.</summary>
public enum CoVisitationScore
{
    /// <summary>Dunning's log-likelihood ratio: how surprising the common baskets are.</summary>
    LogLikelihood,

    /// <summary>Common baskets over baskets with either.</summary>
    Jaccard,
}

/// <summary>What counts as seen together.</summary>
public enum Basket
{
    /// <summary>One user's interactions that follow each other within <see cref="CoVisitationOptions.GapMinutes"/>; all of a user's where no times are known.</summary>
    Visit,

    /// <summary>All of a user's interactions.</summary>
    User,
}

/// <summary>Settings of <c>covisit</c>; formulas and the reasons of the defaults stand in <c>docs/algorithms/covisitation.md</c>.</summary>
public sealed record CoVisitationOptions
{
    /// <summary>How strongly two items belong together.</summary>
    public CoVisitationScore Score { get; init; } = CoVisitationScore.LogLikelihood;

    /// <summary>What counts as seen together.</summary>
    public Basket Basket { get; init; } = Basket.Visit;

    /// <summary>Longest pause within a visit, in minutes, [0, 525,600]; 0 asks for the same microsecond, as the lines of an invoice have.</summary>
    public double GapMinutes { get; init => field = OptionRange.Check(value, 0, 525_600); } = 60;

    /// <summary>Companions kept of each item, in [1, 100,000].</summary>
    public int Neighbours { get; init => field = OptionRange.Check(value, 1, 100_000); } = 100;

    /// <summary>Least number of common baskets of a pair, in [1, 1,000,000].</summary>
    public int MinTogether { get; init => field = OptionRange.Check(value, 1, 1_000_000); } = 1;

    /// <summary>Exponent of the score, in [1, 8]: above 1 strong pairs outweigh many weak ones.</summary>
    public double Locality { get; init => field = OptionRange.Check(value, 1, 8); } = 2;

    /// <summary>Whether each item of the history hands out one vote: its row is divided by its sum.</summary>
    public bool OneVote { get; init; } = true;
}
