namespace Kindred.Platform.Web;

/// <summary>How well a part can do its work.</summary>
public enum ReadyState
{
    /// <summary>As it should.</summary>
    Ok,

    /// <summary>It answers, but not as well as it should; still ready.</summary>
    Degraded,

    /// <summary>It cannot answer: not ready.</summary>
    Down,
}

/// <summary>One part's say in <c>/health/ready</c>; modules register as many as they have.</summary>
public interface IReadiness
{
    /// <summary>Name of the part: <c>database</c>, <c>models</c>.</summary>
    string Name { get; }

    /// <summary>Its state and, for people, why; no secrets, no exception text.</summary>
    ValueTask<(ReadyState State, string Detail)> CheckAsync(CancellationToken cancellation);
}
