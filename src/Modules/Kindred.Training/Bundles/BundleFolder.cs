using System.Security.Cryptography;
using System.Text.Json;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Models;
using Kindred.Contracts;

namespace Kindred.Training.Bundles;

/// <summary>
/// The folders of model files: <c>run-000042/</c> with a manifest. A bundle is written aside, synced and renamed, so a folder that is there is
/// whole; the head names it only afterwards.
/// </summary>
internal sealed class BundleFolder(string modelsFolder)
{
    private const string Manifest = "bundle.json";
    private const string Picture = "clusters.svg";
    private const string Aside = ".writing";
    private const string Work = ".work";

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Path of a run's manifest, relative to the models folder.</summary>
    public static string PathOf(string run) => $"run-{run.PadLeft(6, '0')}/{Manifest}";

    /// <summary>Writes models and their manifest, with a picture of the items beside them; returns the manifest's path relative to the models folder.</summary>
    public string Write(BundleManifest described, IReadOnlyList<(IModel Model, IReadOnlyDictionary<string, double> Metrics)> models, string? picture = null)
    {
        var relative = PathOf(described.Run);
        var folder = Path.GetDirectoryName(Path.Combine(modelsFolder, relative))!;
        var aside = folder + Aside;
        Delete(aside);
        Directory.CreateDirectory(aside);
        var entries = new List<BundleModel>();
        foreach (var (model, metrics) in models)
        {
            var path = Path.Combine(aside, $"{model.Recommender}.model");
            ModelFile.Save(model, path);
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            entries.Add(new BundleModel(model.Recommender, Path.GetFileName(path), file.Length, Convert.ToHexStringLower(SHA256.HashData(file)), metrics));
        }

        if (picture is not null)
        {
            File.WriteAllText(Path.Combine(aside, Picture), picture);
        }

        using (var file = new FileStream(Path.Combine(aside, Manifest), FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, described with { Models = entries }, s_json);
            file.Flush(flushToDisk: true);
        }

        Sync(aside);
        Delete(folder);
        Directory.Move(aside, folder);
        Sync(modelsFolder);
        return relative;
    }

    /// <summary>Reads a manifest; null where the bundle is gone.</summary>
    public BundleManifest? Read(string relative)
    {
        try
        {
            using var file = File.OpenRead(Path.Combine(modelsFolder, relative));
            return JsonSerializer.Deserialize<BundleManifest>(file, s_json);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Deletes a run's folder, also one that was never finished.</summary>
    public void Delete(long run)
    {
        var folder = Path.GetDirectoryName(Path.Combine(modelsFolder, PathOf(run.ToString(System.Globalization.CultureInfo.InvariantCulture))))!;
        Delete(folder);
        Delete(folder + Aside);
        Delete(folder + Work);
    }

    /// <summary>Makes the empty folder a run may fill while it is under way.</summary>
    public string MakeWork(long run)
    {
        var folder = WorkOf(run);
        Delete(folder);
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>Deletes what <see cref="MakeWork"/> made.</summary>
    public void DeleteWork(long run) => Delete(WorkOf(run));

    private string WorkOf(long run) =>
        Path.GetDirectoryName(Path.Combine(modelsFolder, PathOf(run.ToString(System.Globalization.CultureInfo.InvariantCulture))))! + Work;

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A rename is durable once its folder is; on Windows the file system sees to it and a folder cannot be opened.
    private static void Sync(string folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            FolderSync.Flush(folder);
        }
    }
}
