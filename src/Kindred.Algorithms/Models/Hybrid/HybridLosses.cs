namespace Kindred.Algorithms.Models.Hybrid;

/// <summary>Slopes of the three losses in the scores; formulas and sources: <c>docs/algorithms/hybrid.md</c>.</summary>
internal static class HybridLosses
{
    /// <summary>
    /// WARP (Weston, Bengio and Usunier 2011), weight of a violation found at the draw <paramref name="sampled"/>: log of the rank it tells of,
    /// log(max(1, floor((items - 1) / sampled))), at most 10. Slope -this in the positive's score and +this in the negative's.
    /// </summary>
    public static float WarpSlope(int items, int sampled) => MathF.Min(10, MathF.Log(Math.Max(1, (items - 1) / sampled)));

    /// <summary>BPR (Rendle et al. 2009), -log sigma(difference): slope -this in the positive's score and +this in the negative's.</summary>
    public static float BprSlope(float difference) => 1 / (1 + MathF.Exp(difference));

    /// <summary>Logistic, -log sigma(±score): slope in the score.</summary>
    public static float LogisticSlope(float score, bool liked) => (1 / (1 + MathF.Exp(-score))) - (liked ? 1 : 0);
}
