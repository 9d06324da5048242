namespace Kindred.Algorithms.Models.Ease;

/// <summary>Settings of EASE; the defaults and their reasons stand in <c>docs/algorithms/ease.md</c>.</summary>
public sealed record EaseOptions
{
    /// <summary>Lambda on the diagonal of the Gram matrix, in squared weights (co-occurrences). 0.001 to 1,000,000.</summary>
    public float Regularization
    {
        get;
        init => field = OptionRange.Check(value, 0.001f, 1_000_000);
    }

    = 150;

    /// <summary>
    /// Share p of a history that is taken for absent while fitting, in [0, 0.95]: adds p / (1 - p) times an item's own count to its diagonal,
    /// so that popular items, whose fit is easy, are pulled down too. 0 is EASE itself.
    /// </summary>
    public float Dropout
    {
        get;
        init => field = OptionRange.Check(value, 0, 0.95f);
    }

    /// <summary>Entries kept of a row of the weight matrix, the largest by size, 1 to 100,000.</summary>
    public int RowEntries
    {
        get;
        init => field = OptionRange.Check(value, 1, 100_000);
    }

    = 1000;

    /// <summary>Most items it trains on, 1 to 100,000: the fit needs 4 x items² bytes and time with its third power.</summary>
    public int MaxItems
    {
        get;
        init => field = OptionRange.Check(value, 1, 100_000);
    }

    = 40_000;
}
