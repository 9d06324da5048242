namespace Kindred.Training;

/// <summary>Section <c>training</c>.</summary>
public sealed record TrainingSettings
{
    /// <summary>Threads a run uses; 0 means one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Seed of every random choice.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Share of the newest interactions held out to compare recommenders, in (0, 0.5].</summary>
    public double HoldOut { get; init; } = 0.1;

    /// <summary>Below this many positive interactions only popularity is trained, without a comparison.</summary>
    public int MinimumPositives { get; init; } = 20;

    /// <summary>EASE inverts an items x items matrix: above this many items it is left out.</summary>
    public int EaseMaximumItems { get; init; } = 12_000;

    /// <summary>Bundles kept per collection, the live one included.</summary>
    public int KeepBundles { get; init; } = 3;

    /// <summary>A run is stopped after this long.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How often the server looks whether a run is due.</summary>
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A run whose process has been silent for this long is taken for dead.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Faults by setting; empty when all is in range.</summary>
    public IEnumerable<(string Path, string Fault)> Check()
    {
        if (Threads is < 0 or > 1024)
        {
            yield return ("threads", $"{Threads} is not in 0 to 1024");
        }

        if (HoldOut is not (> 0 and <= 0.5))
        {
            yield return ("hold_out", $"{HoldOut} is not above 0 and at most 0.5");
        }

        if (MinimumPositives < 2)
        {
            yield return ("minimum_positives", $"{MinimumPositives} is below 2");
        }

        if (EaseMaximumItems < 0)
        {
            yield return ("ease_maximum_items", $"{EaseMaximumItems} is below 0");
        }

        if (KeepBundles < 1)
        {
            yield return ("keep_bundles", $"{KeepBundles} is below 1");
        }

        foreach (var (name, value) in new[] { ("timeout", Timeout), ("check_every", CheckEvery), ("lease_time", LeaseTime) })
        {
            if (value < TimeSpan.FromSeconds(1))
            {
                yield return (name, "at least a second is needed");
            }
        }
    }
}
