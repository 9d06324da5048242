using System.Globalization;
using System.Text;
using Kindred.Import;
using Kindred.Import.Reading;
using Shouldly;
using Xunit;

namespace Kindred.Service.Tests.Import;

public sealed class ImporterTests : IDisposable
{
    private const string Header = "user,item,value,time\n";
    private readonly ImportWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Importing_twice_adds_nothing_and_equal_rows_of_one_file_stay_apart()
    {
        var path = _world.Write("a.csv", Header + "anna,f1,8,1\nanna,f1,8,1\nanna,f1,9,1\n");
        var renamed = _world.Write("b.csv", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));

        (await ImportAsync(path)).Events.ShouldBe(new ImportCounts(3, 3, 0, 0));
        (await ImportAsync(renamed)).Events.ShouldBe(new ImportCounts(3, 0, 3, 0));
        _world.Events.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_killed_import_goes_on_to_the_same_end(bool resume)
    {
        var content = new StringBuilder(Header);
        for (var row = 0; row < 1_000; row++)
        {
            content.Append(CultureInfo.InvariantCulture, $"u{row % 7},f{row % 50},{(row % 97 == 0 ? 99 : 1 + (row % 5))},{row / 300}\n");
        }

        var path = _world.Write("a.csv", content.ToString());
        using var undisturbed = new ImportWorld();
        var whole = await undisturbed.ImportAsync(path, ImportWorld.Films, Small);

        _world.FailAtBatch = 5;
        await Should.ThrowAsync<InvalidOperationException>(() => _world.ImportAsync(path, ImportWorld.Films, Small));
        var storedBefore = _world.Events.Count;
        var batchesBefore = _world.EventBatches;
        storedBefore.ShouldBeInRange(1, 999);

        var rest = await _world.ImportAsync(path, ImportWorld.Films, request => Small(request) with { Resume = resume });

        _world.Events.ShouldBe(undisturbed.Events, ignoreOrder: true);
        _world.RejectedRows("a").ShouldBe(undisturbed.RejectedRows("a"));
        rest.Events.Rows.ShouldBe(whole.Events.Rows);
        rest.Events.Rejected.ShouldBe(whole.Events.Rejected);
        (rest.Events.New + rest.Events.Repeated).ShouldBe(whole.Events.New);
        (_world.EventBatches - batchesBefore < undisturbed.EventBatches).ShouldBe(resume, "going on skips what is stored");
        File.Exists(Path.Combine(_world.Folder, "a.progress.json")).ShouldBeFalse();

        static ImportRequest Small(ImportRequest request) => request with { Type = "rating", BatchRows = 50 };
    }

    [Fact]
    public async Task Rows_at_fault_are_listed_and_the_others_stored()
    {
        var path = _world.Write("a.csv", Header + """
            anna,f1,8,1
            ,f1,8,1
            anna,,8,1
            anna,f1,eight,1
            anna,f1,NaN,1
            anna,f1,11,1
            anna,f1,,1
            anna,f1,8,
            anna,f1,8,03/04/2011
            anna,f1,8
            anna,f1,8,1,9
            anna,"f"1,8,1
            boris,f1,8,2

            """ + $"{new string('u', 257)},f1,8,1\n" + "anna,\"f1,8,1\nclara,f1,8,3\n");

        var summary = await ImportAsync(path);

        summary.Events.ShouldBe(new ImportCounts(16, 3, 0, 13));
        _world.Events.Values.Select(one => one.User).Order(StringComparer.Ordinal).ShouldBe(["anna", "boris", "clara"]);
        var rows = _world.RejectedRows("a");
        rows[..11].ShouldBe([
            "3,user,,is missing",
            "4,item,,is missing",
            "5,value,eight,is not a number",
            "6,value,NaN,is not a number",
            "7,value,11,is above 10",
            "8,value,,is missing",
            "9,time,,is missing",
            "10,time,03/04/2011,is not a time",
            "11,,anna,begins a row of 3 fields where the header has 4",
            "12,,anna,begins a row of 5 fields where the header has 4",
            "13,,\"anna,\"\"f\"\"1,8,1\",has text after a closing quote",
        ]);
        rows[11].ShouldContain("is longer than 256 bytes");
        rows[12].ShouldBe("16,,\"anna,\"\"f1,8,1\",a quote is not closed");
    }

    [Fact]
    public async Task Cells_that_a_spreadsheet_would_run_are_written_as_text()
    {
        var path = _world.Write("a.csv", Header + "anna,f1,=cmd|' /C calc'!A0,1\nanna,f1,+1+1x,1\nanna,f1,@SUM(A1),1\nanna,f1,-x,1\nanna,f1,\"\t=1\",1\n");

        (await ImportAsync(path)).Events.Rejected.ShouldBe(5);

        // The value is the third cell.
        _world.RejectedRows("a").ShouldAllBe(row => row.Split(',', 3)[2].StartsWith("\"'", StringComparison.Ordinal) || row.Contains(",=1,"));
    }

    [Fact]
    public async Task Too_many_rejected_rows_stop_the_import()
    {
        var path = _world.Write("a.csv", Header + string.Concat(Enumerable.Repeat("anna,f1,99,1\n", 20)));

        var summary = await _world.ImportAsync(path, ImportWorld.Films, request => request with { Type = "rating", MaxErrors = 10 });

        summary.Error.ShouldNotBeNull();
        summary.Error.ShouldStartWith("Stopped: more than 10 rows are rejected.");
        summary.RejectedFiles.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_dry_run_writes_no_event_and_no_progress()
    {
        var summary = await _world.ImportAsync(_world.Write("a.csv", Header + "anna,f1,8,1\n"), ImportWorld.Films, request => request with { Type = "rating", DryRun = true });

        summary.Events.ShouldBe(new ImportCounts(1, 1, 0, 0));
        _world.EventBatches.ShouldBe(0);
        Directory.GetFiles(_world.Folder).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_line_of_a_hundred_megabytes_costs_only_itself()
    {
        var path = Path.Combine(_world.Folder, "long.csv");
        await using (var writer = new StreamWriter(path))
        {
            await writer.WriteAsync(Header + "anna,f1,8,1\n");
            var part = new string('x', 1 << 20);
            for (var times = 0; times < 100; times++)
            {
                await writer.WriteAsync(part);
            }

            await writer.WriteAsync("\nboris,f1,8,2\n");
        }

        var summary = await ImportAsync(path);

        summary.Events.ShouldBe(new ImportCounts(3, 2, 0, 1));
        _world.RejectedRows("long").ShouldHaveSingleItem().ShouldEndWith(",\"is longer than 1,048,576 characters\"");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"")]
    public void A_line_of_a_hundred_megabytes_costs_no_memory(string begin)
    {
        using var rows = new DelimitedReader(new LongLine(begin, 100 << 20), ",", quotes: true);

        // Of this thread alone: other tests run beside this one.
        var before = GC.GetAllocatedBytesForCurrentThread();
        rows.Read().ShouldBeTrue();
        rows.Fault.ShouldNotBeNull();
        rows.Read().ShouldBeTrue();
        rows[1].ToString().ShouldBe("b");
        rows.Read().ShouldBeFalse();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(16 << 20);
    }

    private Task<ImportSummary> ImportAsync(string path) => _world.ImportAsync(path, ImportWorld.Films, request => request with { Type = "rating" });

    /// <summary>One endless line, then <c>a,b</c>; never in memory.</summary>
    private sealed class LongLine(string begin, int length) : TextReader
    {
        private readonly StringReader _rest = new("\na,b\n");
        private readonly StringReader _begin = new(begin);
        private int _left = length;

        public override int Read(char[] buffer, int index, int count)
        {
            if (_begin.Read(buffer, index, count) is > 0 and var read)
            {
                return read;
            }

            var xs = Math.Min(count, _left);
            buffer.AsSpan(index, xs).Fill('x');
            _left -= xs;
            return xs > 0 ? xs : _rest.Read(buffer, index, count);
        }
    }
}
