namespace Kindred.Algorithms.Models.Hybrid;

/// <summary>How the step of each parameter is chosen from the gradients it has met.</summary>
public enum HybridSchedule
{
    /// <summary>Duchi, Hazan and Singer 2011: learning rate / square root of (1 + sum of squared gradients).</summary>
    Adagrad,

    /// <summary>Zeiler 2012: running means of squared gradients and squared steps; the learning rate plays no part.</summary>
    Adadelta,
}

/// <summary>Settings of <c>warp</c>, <c>bpr</c> and <c>logistic</c>; the defaults and their reasons stand in <c>docs/algorithms/hybrid.md</c>.</summary>
public sealed record HybridOptions
{
    /// <summary>Length of the vectors without the bias, 1 to 504.</summary>
    public int Factors
    {
        get;
        init => field = OptionRange.Check(value, 1, 504);
    }

    = 64;

    /// <summary>How often every interaction is met, 1 to 10,000.</summary>
    public int Epochs
    {
        get;
        init => field = OptionRange.Check(value, 1, 10_000);
    }

    = 30;

    /// <summary>Step of a parameter that has met no gradient yet; adagrad only. 0.000001 to 10.</summary>
    public float LearningRate
    {
        get;
        init => field = OptionRange.Check(value, 1e-6f, 10);
    }

    = 0.04f;

    /// <summary>Adagrad or adadelta.</summary>
    public HybridSchedule Schedule { get; init; } = HybridSchedule.Adagrad;

    /// <summary>Share of the past kept by adadelta's running means, in [0, 0.9999].</summary>
    public float Rho
    {
        get;
        init => field = OptionRange.Check(value, 0, 0.9999f);
    }

    = 0.95f;

    /// <summary>What adadelta adds below its roots, 1e-12 to 1.</summary>
    public float Epsilon
    {
        get;
        init => field = OptionRange.Check(value, 1e-12f, 1);
    }

    = 1e-6f;

    /// <summary>
    /// Pull of a parameter towards 0 whenever it is stepped, relative to the loss's slope in that step, 0 to 10; null means what suits the loss:
    /// 0.02 for WARP, 0 for the others. The vectors of features are not pulled.
    /// </summary>
    public float? Regularization
    {
        get;
        init => field = value is { } pull ? OptionRange.Check(pull, 0, 10) : null;
    }

    /// <summary>Negatives that WARP draws at most until one comes within a margin of 1 of the positive, 1 to 10,000. The other losses draw one.</summary>
    public int MaxSampled
    {
        get;
        init => field = OptionRange.Check(value, 1, 10_000);
    }

    = 10;

    /// <summary>Folding in: how much more an entry of the history counts than a missing one, as in <c>als</c>. 0.000001 to 10,000.</summary>
    public float FoldAlpha
    {
        get;
        init => field = OptionRange.Check(value, 1e-6f, 10_000);
    }

    = 8;

    /// <summary>Folding in: pull towards 0 = this x square root of the confidences' sum, as in <c>als</c>. 0.000001 to 1,000,000.</summary>
    public float FoldRegularization
    {
        get;
        init => field = OptionRange.Check(value, 1e-6f, 1_000_000);
    }

    = 50;
}
