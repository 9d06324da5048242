namespace Kindred.Algorithms.Models.Als;

/// <summary>How the small system of a row is solved in training.</summary>
public enum AlsSolver
{
    /// <summary>Some steps of conjugate gradients from the row's last answer.</summary>
    Cg,

    /// <summary>Exactly, by Cholesky; several times as slow.</summary>
    Cholesky,
}

/// <summary>Settings of implicit ALS; the defaults and their reasons stand in <c>docs/algorithms/als.md</c>.</summary>
public sealed record AlsOptions
{
    /// <summary>Length of the vectors, 1 to 512.</summary>
    public int Factors
    {
        get;
        init => field = OptionRange.Check(value, 1, 512);
    }

    = 64;

    /// <summary>Rounds of solving all users and then all items, 1 to 1000.</summary>
    public int Sweeps
    {
        get;
        init => field = OptionRange.Check(value, 1, 1000);
    }

    = 12;

    /// <summary>How rows are solved in training; histories are always folded in exactly.</summary>
    public AlsSolver Solver { get; init; } = AlsSolver.Cg;

    /// <summary>Steps of conjugate gradients a row and sweep, 1 to 100.</summary>
    public int Steps
    {
        get;
        init => field = OptionRange.Check(value, 1, 100);
    }

    = 2;

    /// <summary>How much more a positive counts than a missing entry: confidence = 1 + alpha x weight. 0.000001 to 10,000.</summary>
    public float Alpha
    {
        get;
        init => field = OptionRange.Check(value, 1e-6f, 10_000);
    }

    = 8;

    /// <summary>Strength of the pull towards 0: lambda of a row = regularization x (sum of its confidences)^exponent. 0.000001 to 1,000,000.</summary>
    public float Regularization
    {
        get;
        init => field = OptionRange.Check(value, 1e-6f, 1_000_000);
    }

    = 1;

    /// <summary>How the pull grows with a row's confidence: 0 not at all, 1 in proportion. In [0, 1].</summary>
    public float RegularizationExponent
    {
        get;
        init => field = OptionRange.Check(value, 0, 1);
    }

    = 0.5f;
}
