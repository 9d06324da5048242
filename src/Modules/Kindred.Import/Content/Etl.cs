using Kindred.Contracts;
using Kindred.Import.Writing;

namespace Kindred.Import.Content;

/// <summary>What became of rows of one kind.</summary>
/// <param name="Read">Rows read.</param>
/// <param name="Changed">Rows that were new or differed.</param>
/// <param name="Deleted">Rows of ours that the source has no more.</param>
public readonly record struct EtlCounts(long Read, long Changed, long Deleted)
{
    /// <summary>Sums.</summary>
    public EtlCounts Plus(long read, long changed, long deleted) => new(Read + read, Changed + changed, Deleted + deleted);
}

/// <summary>How a pass over a content database went.</summary>
/// <param name="Films">Films; those written anew for a changed name count as read again.</param>
/// <param name="Genres">Genres.</param>
/// <param name="Persons">People.</param>
/// <param name="Rejected">Rows left out.</param>
/// <param name="RejectedFile">Where they are listed; null when there are none.</param>
/// <param name="FirstRejection">The first of them, for people.</param>
/// <param name="Seconds">Time taken.</param>
public sealed record EtlSummary(EtlCounts Films, EtlCounts Genres, EtlCounts Persons, long Rejected, string? RejectedFile, string? FirstRejection, double Seconds)
{
    /// <summary>Rows read.</summary>
    public long Read => Films.Read + Genres.Read + Persons.Read;

    /// <summary>Rows read a second.</summary>
    public double RowsPerSecond => Read / Math.Max(Seconds, 0.001);

    /// <summary>True when something changed here.</summary>
    public bool Changed => Films.Changed + Films.Deleted + Genres.Changed + Genres.Deleted + Persons.Changed + Persons.Deleted > 0;
}

/// <summary>How far a pass is.</summary>
/// <param name="Stage">What it does.</param>
/// <param name="Films">Films that are done.</param>
/// <param name="Total">Films there are, about.</param>
public readonly record struct EtlProgress(string Stage, long Films, long Total);

/// <summary>
/// Brings the films of a content database here. Changes are read by <c>(modified, id)</c> in batches; each is stored in one transaction with the position
/// after it. Films go first, with the names of their genres and people; then genres and people, where a changed name sends its films again. Comparing
/// reads everything by id and finds the rest: what is deleted, links that changed without their film, rows committed later than their <c>modified</c>.
/// </summary>
public sealed class Etl(IContentImport import, TimeProvider time)
{
    private const int BatchRows = 1000;

    /// <summary>Reads what changed since the stored position and, when asked, compares everything.</summary>
    /// <param name="connection">Connection string of the source.</param>
    /// <param name="compare">Compares everything after reading the changes.</param>
    /// <param name="allowEmpty">Lets a source that has no films any more take all of its films away here.</param>
    /// <param name="rejectedFile">Where rows that are left out are listed; null counts them only.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Stops between batches; what was stored stays.</param>
    /// <exception cref="ContentException">The source is away, does not let us read or is no content database; or somebody else reads it into this catalogue.</exception>
    public async Task<EtlSummary> RunAsync(string connection, bool compare, bool allowEmpty, string? rejectedFile, IProgress<EtlProgress>? progress, CancellationToken cancellation)
    {
        await using var source = new ContentSource(connection);
        using var rejections = new Rejections(rejectedFile, int.MaxValue);
        var began = time.GetTimestamp();
        await source.CheckAsync(cancellation);
        var pass = new Pass(source, import, rejections, progress, await import.ReadPositionAsync(source.Name, cancellation));
        await pass.FinishRenamingAsync(cancellation);
        await pass.ReadChangesAsync(cancellation);
        if (compare)
        {
            await pass.CompareAsync(allowEmpty, cancellation);
        }

        rejections.Flush();
        return new EtlSummary(pass.Films, pass.Genres, pass.People, rejections.Count, rejections.Path, rejections.First, time.GetElapsedTime(began).TotalSeconds);
    }

    private sealed class Pass(ContentSource source, IContentImport import, Rejections rejections, IProgress<EtlProgress>? progress, string? stored)
    {
        private readonly HashSet<Guid> _told = [];
        private string? _stored = stored;
        private ContentPosition _position = ContentPosition.Parse(stored);
        private long _total;

        public EtlCounts Films { get; private set; }

        public EtlCounts Genres { get; private set; }

        public EtlCounts People { get; private set; }

        public async Task ReadChangesAsync(CancellationToken cancellation)
        {
            _total = await source.CountAsync(_position.Films, cancellation);
            var done = 0L;
            await foreach (var rows in Ahead(source.FilmsAsync(_position.Films, byId: false, BatchRows, cancellation), cancellation))
            {
                var next = _position with { Films = rows[^1].Place };
                await WriteFilmsAsync(rows, _ => next, sweep: null, cancellation);
                progress?.Report(new EtlProgress("films", done += rows.Count, _total));
            }

            foreach (var people in new[] { false, true })
            {
                await foreach (var rows in source.NamesAsync(people, people ? _position.People : _position.Genres, byId: false, BatchRows, cancellation))
                {
                    await WriteNamesAsync(people, rows, rows[^1].Place, sweep: null, cancellation);
                    await FinishRenamingAsync(cancellation);
                }
            }
        }

        // The films of those called differently, a batch after the other, from where an earlier run stopped.
        public async Task FinishRenamingAsync(CancellationToken cancellation)
        {
            while (_position.Renaming is { } renaming)
            {
                var ids = await source.FilmsOfAsync(renaming.People, [.. renaming.Ids], renaming.After, BatchRows, cancellation);
                var next = _position with { Renaming = ids.Length < BatchRows ? null : renaming with { After = ids[^1] } };
                await WriteFilmsAsync(ids.Length == 0 ? [] : await source.FilmsAsync(ids, cancellation), _ => next, sweep: null, cancellation);
                progress?.Report(new EtlProgress("films of changed names", 0, 0));
            }
        }

        public async Task CompareAsync(bool allowEmpty, CancellationToken cancellation)
        {
            // Names first: a film is compared with its genres and people as they are called now, so none of them needs its films sent again.
            foreach (var people in new[] { false, true })
            {
                var after = (Guid?)null;
                var kind = people ? ContentKind.Person : ContentKind.Genre;
                await foreach (var rows in source.NamesAsync(people, after: null, byId: true, BatchRows, cancellation))
                {
                    await WriteNamesAsync(people, rows, place: null, new ContentSweep(kind, after, rows[^1].Id, rows.Select(row => row.Id).ToHashSet()), cancellation);
                    after = rows[^1].Id;
                }

                await WriteNamesAsync(people, [], place: null, new ContentSweep(kind, after, Through: null, new HashSet<Guid>()), cancellation);
            }

            var last = (Guid?)null;
            var done = 0L;
            _total = await source.CountAsync(after: null, cancellation);
            await foreach (var rows in Ahead(source.FilmsAsync(after: null, byId: true, BatchRows, cancellation), cancellation))
            {
                await WriteFilmsAsync(rows, _ => _position, new ContentSweep(ContentKind.Film, last, rows[^1].Id, rows.Select(row => row.Id).ToHashSet()), cancellation);
                last = rows[^1].Id;
                progress?.Report(new EtlProgress("comparing", done += rows.Count, _total));
            }

            if (last is null && !allowEmpty && await import.CountFilmsAsync(source.Name, cancellation) is > 0 and var held)
            {
                throw new ContentException(ContentTrouble.Refused, $"{source.Where} has no films, but {held:N0} came from it. Nothing is deleted unless that is allowed.");
            }

            await WriteFilmsAsync([], _ => _position, new ContentSweep(ContentKind.Film, last, Through: null, new HashSet<Guid>()), cancellation);
        }

        private async Task WriteFilmsAsync(IReadOnlyList<ContentRow<ContentFilm>> rows, Func<IReadOnlyList<Guid>, ContentPosition> to, ContentSweep? sweep, CancellationToken cancellation)
        {
            Reject(rows);
            var written = await WriteAsync(
                new ContentBatch
                {
                    Source = source.Name, From = _stored, To = renamed => to(renamed).ToString(), Films = [.. rows.Where(row => row.Value is not null).Select(row => row.Value!)], Sweep = sweep,
                },
                cancellation);
            foreach (var (id, reason) in written.Rejected)
            {
                Reject(id, Reading.Fault.Of("film_work", "", $"{reason} (id {id})"));
            }

            Films = Films.Plus(rows.Count, written.Changed, written.Deleted);
        }

        private async Task WriteNamesAsync(bool people, IReadOnlyList<ContentRow<ContentName>> rows, Place? place, ContentSweep? sweep, CancellationToken cancellation)
        {
            Reject(rows);
            ContentName[] names = [.. rows.Where(row => row.Fault is null).Select(row => row.Value)];
            ContentPosition To(IReadOnlyList<Guid> renamed) => place is null ? _position : _position with
            {
                Genres = people ? _position.Genres : place,
                People = people ? place : _position.People,
                Renaming = renamed.Count > 0 ? new Renaming(people, renamed, After: null) : null,
            };
            var written = await WriteAsync(
                new ContentBatch
                {
                    Source = source.Name, From = _stored, To = renamed => To(renamed).ToString(), Genres = people ? [] : names, People = people ? names : [], Sweep = sweep,
                },
                cancellation);
            if (people)
            {
                People = People.Plus(rows.Count, written.Changed, written.Deleted);
            }
            else
            {
                Genres = Genres.Plus(rows.Count, written.Changed, written.Deleted);
            }
        }

        private async Task<ContentWritten> WriteAsync(ContentBatch batch, CancellationToken cancellation)
        {
            var written = await import.WriteAsync(batch, cancellation)
                ?? throw new ContentException(ContentTrouble.Refused, $"Another kindred reads {source.Where} into this catalogue.");
            _stored = written.Position;
            _position = ContentPosition.Parse(_stored);
            return written;
        }

        private void Reject<T>(IReadOnlyList<ContentRow<T>> rows)
        {
            foreach (var row in rows)
            {
                if (row.Fault is not null)
                {
                    Reject(row.Id, row.Fault);
                }
            }
        }

        // A row is met again when all are compared; it is listed once.
        private void Reject(Guid id, Reading.Fault fault)
        {
            if (_told.Add(id))
            {
                rejections.Add(_told.Count, fault);
            }
        }

        // Reads the next batch while this one is written.
        private static async IAsyncEnumerable<T> Ahead<T>(IAsyncEnumerable<T> batches, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
        {
            await using var reader = batches.GetAsyncEnumerator(cancellation);
            var next = reader.MoveNextAsync().AsTask();
            while (true)
            {
                if (!await next)
                {
                    yield break;
                }

                var batch = reader.Current;
                next = reader.MoveNextAsync().AsTask();
                var given = false;
                try
                {
                    yield return batch;
                    given = true;
                }
                finally
                {
                    if (!given)
                    {
                        // Whoever stops half-way leaves no reading behind that would meet a closed connection.
                        await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                    }
                }
            }
        }
    }
}
