namespace Kindred.Platform;

/// <summary>Where this process lives.</summary>
public sealed record PlatformSettings
{
    /// <summary>Folder for the database, the models and keys; made with mode 700 when missing. Full path.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Folder of the model files: <c>DATA/models</c>, a subfolder a run.</summary>
    public string ModelsFolder => Path.Combine(DataFolder, "models");

    /// <summary>True in the Development environment: details in health, docs page open.</summary>
    public bool Development { get; init; }
}
