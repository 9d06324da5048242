using System.Collections.Concurrent;
using System.Threading.Channels;
using Kindred.Contracts;
using Kindred.Import.Reading;

namespace Kindred.Import.Writing;

/// <summary>
/// Rows through a bounded channel into the store: one thread reads ahead by at most four batches while the other waits for the database, so memory does
/// not grow with the file.
/// </summary>
internal sealed class Pump<T>(int batchRows, Rejections rejections, Func<IReadOnlyList<T>, CancellationToken, ValueTask<ImportedBatch>> write)
{
    private const int BatchesAhead = 4;

    // Lists of this size live on the large object heap, which is rarely swept: they go round instead.
    private readonly ConcurrentQueue<Batch> _used = new();

    private sealed record Batch(List<T> Values, List<long> Lines, List<(long Line, Fault Fault)> Faults)
    {
        /// <summary>Rows read up to the end of this batch.</summary>
        public long Rows { get; set; }

        public void Clear()
        {
            Values.Clear();
            Lines.Clear();
            Faults.Clear();
        }
    }

    /// <summary>Writes all rows after <paramref name="from"/>'s; rows before it are read (ids depend on them) but not offered again.</summary>
    public async Task<ImportCounts> RunAsync(IEnumerable<Row<T>> rows, Checkpoint from, Action<Checkpoint> durable, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var channel = Channel.CreateBounded<Batch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        var reading = Task.Run(() => ReadAsync(rows, from.Rows, channel.Writer, stop.Token), CancellationToken.None);
        var at = from;
        var rejectedBefore = rejections.Count;
        try
        {
            await foreach (var batch in channel.Reader.ReadAllAsync(stop.Token))
            {
                foreach (var (line, fault) in batch.Faults)
                {
                    rejections.Add(line, fault);
                }

                var added = 0;
                var repeated = 0;
                if (batch.Values.Count > 0)
                {
                    var written = await write(batch.Values, stop.Token);
                    (added, repeated) = (written.Accepted, written.Repeated);
                    foreach (var (index, reason) in written.Rejected)
                    {
                        rejections.Add(batch.Lines[index], new Fault("", "", reason));
                    }
                }

                at = at with { Rows = batch.Rows, New = at.New + added, Repeated = at.Repeated + repeated };
                durable(at);
                batch.Clear();
                _used.Enqueue(batch);
            }

            await reading;
        }
        finally
        {
            await stop.CancelAsync();
            await reading.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return new ImportCounts(at.Rows, at.New, at.Repeated, rejections.Count - rejectedBefore);
    }

    private async Task ReadAsync(IEnumerable<Row<T>> rows, long skip, ChannelWriter<Batch> output, CancellationToken cancellation)
    {
        try
        {
            var batch = Next();
            var read = 0L;
            foreach (var row in rows)
            {
                read++;
                if (row.Fault is not null)
                {
                    batch.Faults.Add((row.Line, row.Fault));
                }
                else if (read > skip)
                {
                    batch.Values.Add(row.Value);
                    batch.Lines.Add(row.Line);
                }

                if (batch.Values.Count + batch.Faults.Count == batchRows)
                {
                    batch.Rows = Math.Max(read, skip);
                    await output.WriteAsync(batch, cancellation);
                    batch = Next();
                }
            }

            batch.Rows = read;
            await output.WriteAsync(batch, cancellation);
            output.Complete();
        }
        catch (Exception fault)
        {
            output.Complete(fault);
            throw;
        }
    }

    private Batch Next() => _used.TryDequeue(out var batch) ? batch : new Batch(new(batchRows), new(batchRows), []);
}
