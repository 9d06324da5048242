using System.Globalization;
using Kindred.Contracts;
using Kindred.Import.Formats;
using Kindred.Import.Reading;
using Kindred.Import.Writing;
using Kindred.Platform.Collections;

namespace Kindred.Import;

/// <summary>
/// Reads files into a collection. Rows at fault are listed and left out; the rest is stored in batches, each durable before the next is counted. The ids of
/// events come from their content, so an import may be cut off and repeated at any point: nothing is counted twice.
/// </summary>
public sealed class Importer(CollectionRegistry collections, IEventImport events, IItemImport items, TimeProvider time)
{
    /// <summary>Runs an import to its end. Faults of the request or the files come back in the summary; only cancellation and a broken database throw.</summary>
    public async Task<ImportSummary> RunAsync(ImportRequest request, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        var collection = collections.Find(request.Collection);
        return collection is null
            ? new ImportSummary(default, default, 0, [], null, [], $"There is no collection \"{request.Collection}\".")
            : await RunAsync(request, collection, progress, cancellation);
    }

    internal async Task<ImportSummary> RunAsync(ImportRequest request, Collection collection, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        var summary = new ImportSummary(default, default, 0, [], null, [], null);
        var began = time.GetTimestamp();
        try
        {
            foreach (var path in request.Paths.SelectMany(Plan.Files))
            {
                summary = await ReadFileAsync(request, collection, path, summary, progress, cancellation);
                if (summary.Error is not null)
                {
                    break;
                }
            }
        }
        catch (ImportRefusedException refused)
        {
            summary = summary with { Error = refused.Message };
        }

        return summary with { Seconds = time.GetElapsedTime(began).TotalSeconds };
    }

    private async Task<ImportSummary> ReadFileAsync(
        ImportRequest request, Collection collection, string path, ImportSummary summary, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            using var file = ImportFile.Open(path);
            using var plan = Plan.For(file, request, collection);
            using var rejections = new Rejections(Path.Combine(request.ReportFolder ?? file.Folder, file.Name + ".rejected.csv"), request.MaxErrors);
            summary = summary with { Formats = [.. summary.Formats, plan.Format] };
            try
            {
                return await WriteAsync(request, collection, plan, rejections, summary, progress, cancellation);
            }
            catch (ImportRefusedException refused)
            {
                return Told(summary, rejections) with { Error = refused.Message };
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return summary with { Error = $"\"{path}\" cannot be read: {fault.Message}" };
        }
    }

    private async Task<ImportSummary> WriteAsync(
        ImportRequest request, Collection collection, Plan plan, Rejections rejections, ImportSummary summary, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        var checkpoints = new ProgressFile(
            Path.Combine(request.ReportFolder ?? plan.File.Folder, plan.File.Name + ".progress.json"),
            string.Create(CultureInfo.InvariantCulture, $"{plan.File.Fingerprint}:{collection.Name}:{plan.Format}:{request.Type}:{request.Scale}:{string.Join(',', request.Map)}"));
        var from = request.Resume && !request.DryRun ? checkpoints.Read() : checkpoints.Beginning;
        var began = time.GetTimestamp();
        if (plan.Events is not null)
        {
            var pump = new Pump<ImportedEvent>(request.BatchRows, rejections, request.DryRun ? Pretend : (batch, stop) => events.WriteAsync(collection.Number, batch, stop));
            summary = summary with { Events = summary.Events + await pump.RunAsync(plan.Events, from, Durable, cancellation) };
        }

        if (plan.Items is not null)
        {
            // Items that came along with events are few and written whole; only a file of items goes on where it stopped.
            var alone = plan.Events is null;
            var pump = new Pump<ImportedItem>(request.BatchRows, rejections, request.DryRun ? Pretend : (batch, stop) => items.WriteAsync(collection.Number, batch, stop));
            summary = summary with
            {
                Items = summary.Items + await pump.RunAsync(plan.Items, alone ? from : checkpoints.Beginning, alone ? Durable : static _ => { }, cancellation),
            };
        }

        checkpoints.Remove();
        return Told(summary, rejections);

        void Durable(Checkpoint at)
        {
            if (!request.DryRun)
            {
                checkpoints.Write(at.Rows, at.New, at.Repeated);
            }

            var seconds = time.GetElapsedTime(began).TotalSeconds;
            progress?.Report(new ImportProgress(plan.File.Path, at.Rows, plan.File.Position, plan.File.Length, seconds > 0 ? (at.Rows - from.Rows) / seconds : 0));
        }
    }

    private static ImportSummary Told(ImportSummary summary, Rejections rejections)
    {
        rejections.Flush();
        return summary with
        {
            RejectedFiles = rejections.Path is { } path ? [.. summary.RejectedFiles, path] : summary.RejectedFiles,
            FirstRejection = summary.FirstRejection ?? rejections.First,
        };
    }

    private static ValueTask<ImportedBatch> Pretend<T>(IReadOnlyList<T> batch, CancellationToken cancellation) => new(new ImportedBatch(batch.Count, 0, []));
}
