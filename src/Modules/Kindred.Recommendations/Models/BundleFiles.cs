using System.Security.Cryptography;
using System.Text.Json;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Models;
using Kindred.Contracts;

namespace Kindred.Recommendations.Models;

/// <summary>Reads a bundle from the models folder. Nothing is served unless every file is as its manifest says.</summary>
internal static class BundleFiles
{
    private const int ManifestFormat = 1;

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Loads a head's bundle.</summary>
    /// <exception cref="BundleRefusedException">Damaged, incomplete, or of a newer format; the message says which.</exception>
    public static Bundle Load(string modelsFolder, ModelHead head, int[] tieOrder)
    {
        try
        {
            var path = Inside(modelsFolder, head.Bundle);
            var manifest = JsonSerializer.Deserialize<BundleManifest>(File.ReadAllBytes(path), s_json)
                ?? throw new BundleRefusedException("its manifest is empty");
            if (manifest.Format != ManifestFormat)
            {
                throw new BundleRefusedException($"its manifest has format {manifest.Format}; this program reads {ManifestFormat}");
            }

            var models = new Dictionary<string, IModel>(StringComparer.Ordinal);
            IModel? personal = null;
            foreach (var entry in manifest.Models)
            {
                var model = Load(Path.GetDirectoryName(path)!, entry, manifest);
                models[entry.Recommender] = model;
                personal = entry.File == manifest.Personal ? model : personal;
            }

            return new Bundle(head, manifest, personal ?? throw new BundleRefusedException($"{manifest.Personal} is not among its models"), models, tieOrder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException or ModelFileException or ArgumentException or NotSupportedException)
        {
            throw new BundleRefusedException(fault is ModelFileException ? fault.Message : "a file of it is missing, unreadable or not of the right form", fault);
        }
    }

    private static IModel Load(string folder, BundleModel entry, BundleManifest manifest)
    {
        var path = Inside(folder, entry.File);
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan))
        {
            if (file.Length != entry.Bytes)
            {
                throw new BundleRefusedException($"{entry.File} has {file.Length} bytes; its manifest says {entry.Bytes}");
            }

            if (!Convert.ToHexStringLower(SHA256.HashData(file)).Equals(entry.Sha256, StringComparison.Ordinal))
            {
                throw new BundleRefusedException($"{entry.File} is not what its checksum says");
            }
        }

        var model = ModelFile.Load(path);
        return model.Items == manifest.Items
            ? model
            : throw new BundleRefusedException($"{entry.File} scores {model.Items} items; its manifest says {manifest.Items}");
    }

    private static string Inside(string folder, string relative)
    {
        var root = Path.GetFullPath(folder + Path.DirectorySeparatorChar);
        var path = Path.GetFullPath(Path.Combine(root, relative));
        return path.StartsWith(root, StringComparison.Ordinal) ? path : throw new BundleRefusedException($"{relative} leads out of its folder");
    }
}

/// <summary>A bundle was refused.</summary>
internal sealed class BundleRefusedException(string message, Exception? inner = null) : Exception(message, inner);
