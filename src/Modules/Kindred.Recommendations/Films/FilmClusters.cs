using System.Globalization;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Models.UserClusters;
using Kindred.Algorithms.Ranking;
using Kindred.Algorithms.Sparse;
using Kindred.Platform;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kindred.Recommendations.Films;

/// <summary>
/// System E's model: K-Means on users' standardised ratings, trained beside serving when ratings have changed, on one thread, from the table of ratings. Each training is
/// a version with a file of its own; the newest is taken up at start. A user is placed by their ratings as they are now.
/// </summary>
internal sealed partial class FilmClusters(Tastes tastes, FilmSettings settings, PlatformSettings platform, TimeProvider clock, ILogger<FilmClusters> log) : BackgroundService
{
    private const int VersionsKept = 3;
    private const double Least = 1, Scale = 5.0 / 9;

    private readonly SemaphoreSlim _training = new(1, 1);
    private TrainedClusters? _live;
    private long _trainedOn = -1;

    private string Folder => Path.Combine(platform.ModelsFolder, "film-clusters");

    /// <summary>The newest model; null before the first rating.</summary>
    public async ValueTask<TrainedClusters?> CurrentAsync(CancellationToken cancellation) => Volatile.Read(ref _live) ?? await TrainAsync(cancellation);

    /// <summary>
    /// Films of the model as the user's cluster takes them, best first. Null without a model, empty for whoever has rated nothing it knows.
    /// </summary>
    public async Task<IReadOnlyList<int>?> RankAsync(int user, CancellationToken cancellation) =>
        await CurrentAsync(cancellation) is not { } live || await tastes.CurrentAsync(cancellation) is not { } table ? null : live.Rank(table.Of(user));

    /// <summary>Trains now; null where nobody has rated anything.</summary>
    public async Task<TrainedClusters?> TrainAsync(CancellationToken cancellation)
    {
        if (await tastes.CurrentAsync(cancellation) is not { } table)
        {
            return null;
        }

        await _training.WaitAsync(cancellation);
        try
        {
            var on = table.Version;
            if (_live is { } live && on == _trainedOn)
            {
                return live;
            }

            var everything = table.Everything();
            if (everything.Count == 0)
            {
                return null;
            }

            var version = (_live?.Version ?? 0) + 1;
            var trained = await Task.Run(() => Train(version, everything, cancellation), cancellation);
            Save(trained);
            Volatile.Write(ref _live, trained);
            _trainedOn = on;
            Trained(log, version, everything.Count, trained.Clusters);
            return trained;
        }
        finally
        {
            _training.Release();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _training.Dispose();
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Load();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.ClustersEvery == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(settings.ClustersEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await TrainAsync(stoppingToken);
                }
                catch (Exception failure) when (failure is System.Data.Common.DbException or IOException or UnauthorizedAccessException or ArgumentException)
                {
                    Failed(log, failure);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    /// <summary>A profile's rating on the scale of 0 to 5 that is clustered.</summary>
    internal static float ToStars(float value) => (float)Math.Round((value - Least) * Scale, 3);

    private TrainedClusters Train(int version, IReadOnlyList<(int User, int[] Items, float[] Values)> everything, CancellationToken cancellation)
    {
        var builder = new InteractionsBuilder();
        var items = 0;
        for (var row = 0; row < everything.Count; row++)
        {
            for (var k = 0; k < everything[row].Items.Length; k++)
            {
                items = Math.Max(items, everything[row].Items[k] + 1);
                if (ToStars(everything[row].Values[k]) is var stars and > 0)
                {
                    builder.Add(row, everything[row].Items[k], stars);
                }
            }
        }

        // Weights are the ratings; those of 0 are what missing ones are.
        var options = new UserClustersOptions { Clusters = settings.Clusters, Value = ClusteredValue.Weight };
        var model = UserClustersTrainer.Train(
            builder.Build(everything.Count, items, withTimes: false), options, new TrainingContext { Seed = settings.ClusterSeed, Threads = 1, Cancellation = cancellation });
        return new TrainedClusters(version, model);
    }

    private void Save(TrainedClusters trained)
    {
        Directory.CreateDirectory(Folder);
        ModelFile.Save(trained.Model, Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{trained.Version:000000}.model")));
        foreach (var old in Directory.EnumerateFiles(Folder, "*.model").OrderDescending(StringComparer.Ordinal).Skip(VersionsKept).ToArray())
        {
            File.Delete(old);
        }
    }

    // A damaged file is passed over: the next training makes a whole one.
    private void Load()
    {
        if (!Directory.Exists(Folder))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFiles(Folder, "*.model").OrderDescending(StringComparer.Ordinal))
        {
            try
            {
                if (int.TryParse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture, out var version) && ModelFile.Load(path) is UserClustersModel model)
                {
                    _live = new TrainedClusters(version, model);
                    return;
                }
            }
            catch (Exception damaged) when (damaged is ModelFileException or IOException)
            {
                Failed(log, damaged);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Clusters of users, version {Version}: {Users} users in {Clusters} clusters.")]
    private static partial void Trained(ILogger log, int version, int users, int clusters);

    [LoggerMessage(LogLevel.Warning, "Clusters of users could not be trained or read; the last ones stay")]
    private static partial void Failed(ILogger log, Exception failure);
}

/// <summary>One version of the clusters, with each cluster's films in order: an answer is a walk along it.</summary>
internal sealed class TrainedClusters
{
    private readonly int[][] _orders;

    public TrainedClusters(int version, UserClustersModel model)
    {
        Version = version;
        Model = model;
        _orders = [.. Enumerable.Range(0, model.Clusters).Select(cluster => Order(model, cluster))];
    }

    public int Version { get; }

    public UserClustersModel Model { get; }

    public int Clusters => Model.Clusters;

    /// <summary>The films of the cluster that ratings belong to, best first; empty where there is none the model knows.</summary>
    public IReadOnlyList<int> Rank((int[] Items, float[] Values) ratings)
    {
        List<int> items = [];
        List<float> stars = [];
        for (var k = 0; k < ratings.Items.Length; k++)
        {
            if (FilmClusters.ToStars(ratings.Values[k]) is var value and > 0)
            {
                items.Add(ratings.Items[k]);
                stars.Add(value);
            }
        }

        return Model.ClusterOf(Model.Fold(new History(items.ToArray(), stars.ToArray()))) is { } cluster ? _orders[cluster] : [];
    }

    // Highest coordinate first, of equal ones the smaller number; films that nobody rated have no coordinate.
    private static int[] Order(UserClustersModel model, int cluster)
    {
        var centre = model.Centre(cluster).ToArray();
        return [.. Enumerable.Range(0, centre.Length).Where(model.IsTaken).OrderByDescending(item => centre[item])];
    }
}
