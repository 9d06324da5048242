using System.Buffers.Binary;
using System.Security.Cryptography;
using Kindred.Algorithms.Files;
using Kindred.Algorithms.Models;
using Kindred.Algorithms.Ranking;
using Shouldly;
using Xunit;

namespace Kindred.Algorithms.Tests.Files;

public sealed class ModelFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kindred-files-").FullName;

    [Fact]
    public void Sections_come_back_as_they_were_written()
    {
        Save("a", seed: 1);
        using var file = ModelFile.Open(At("a"));
        file.Recommender.ShouldBe("sample");
        file.Read<float>("numbers").ToArray().ShouldBe(Sample.Numbers(1));
        file.Read<int>("empty").Length.ShouldBe(0);
        file.ReadText("text").ShouldBe("größe 1");
        file.Read<sbyte>("small").ToArray().ShouldBe([-1, 2, 1]);
        file.Has("text").ShouldBeTrue();
        file.Has("nothing").ShouldBeFalse();
    }

    [Fact]
    public void Same_sections_give_the_same_bytes()
    {
        Save("a", seed: 1);
        Save("b", seed: 1);
        File.ReadAllBytes(At("a")).ShouldBe(File.ReadAllBytes(At("b")));
    }

    [Fact]
    public void Damage_anywhere_is_refused_and_allocates_little()
    {
        Save("a", seed: 1);
        Save("other", seed: 2);
        var good = File.ReadAllBytes(At("a"));
        var other = File.ReadAllBytes(At("other"));
        var random = new Random(11);
        for (var mutant = 0; mutant < 400; mutant++)
        {
            var bytes = (mutant % 10) switch
            {
                0 => good[..random.Next(good.Length)],
                1 => [.. good[..(good.Length / 2)], .. other[(good.Length / 2)..]],
                2 => [.. good, .. new byte[random.Next(1, 200)]],
                3 => Resealed(good, random),
                4 when mutant == 4 => [],
                4 => FlippedInPage(good, random),
                _ => Flipped(good, random),
            };
            if (bytes.AsSpan().SequenceEqual(good))
            {
                continue;
            }

            File.WriteAllBytes(At("mutant"), bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Should.Throw<ModelFileException>(() => ModelFile.Open(At("mutant")).Dispose()).Message.ShouldContain("was refused");
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
        }
    }

    [Fact]
    public void Newer_format_is_called_newer()
    {
        Save("a", seed: 1);
        var bytes = File.ReadAllBytes(At("a"));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), 3);
        File.WriteAllBytes(At("a"), bytes);
        Should.Throw<ModelFileException>(() => ModelFile.Open(At("a"))).Message.ShouldContain("newer than this program");
    }

    [Fact]
    public void Half_numbers_are_unknown_to_the_first_format()
    {
        Save("a", seed: 1);
        var bytes = File.ReadAllBytes(At("a"));
        BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)).ShouldBe(1, "nothing in it needs a newer one");
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan((4 * 128) + 48), 9);
        bytes.AsSpan(96, 32).Clear();
        SHA256.HashData(bytes.AsSpan(0, 4096)).CopyTo(bytes.AsSpan(96));
        File.WriteAllBytes(At("a"), bytes);
        Should.Throw<ModelFileException>(() => ModelFile.Open(At("a"))).Message.ShouldContain("unknown kind of numbers (9)");
    }

    [Fact]
    public void Unknown_recommender_is_named()
    {
        Save("a", seed: 1);
        Should.Throw<ModelFileException>(() => ModelFile.Load(At("a"))).Message.ShouldContain("'sample'");
    }

    [Fact]
    public void Failed_write_leaves_the_old_file_and_nothing_else()
    {
        Save("a", seed: 1);
        var before = File.ReadAllBytes(At("a"));
        Should.Throw<ArgumentException>(() => ModelFile.Save(new Sample(1) { Twice = true }, At("a")));
        File.ReadAllBytes(At("a")).ShouldBe(before);
        Directory.GetFiles(_folder).ShouldBe([At("a")]);
    }

    [Fact]
    public void Sections_are_asked_for_by_their_kind_and_count()
    {
        Save("a", seed: 1);
        using var file = ModelFile.Open(At("a"));
        Should.Throw<ModelFileException>(() => file.Read<int>("numbers").Length);
        Should.Throw<ModelFileException>(() => file.Read<float>("nothing").Length);
        Should.Throw<ModelFileException>(() => file.Read<float>("numbers", 7).Length);
        Should.Throw<ModelFileException>(() => file.ReadText("numbers"));
        Should.Throw<ModelFileException>(() => file.Read<float>("infinite", 9).Length).Message.ShouldContain("not finite");
        file.Read<float>("numbers", 1001).Length.ShouldBe(1001);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] Flipped(byte[] good, Random random)
    {
        var bytes = (byte[])good.Clone();
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }

    private static byte[] FlippedInPage(byte[] good, Random random)
    {
        var bytes = (byte[])good.Clone();
        bytes[random.Next(1024)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }

    // A hostile header: absurd sizes under a checksum that is right.
    private static byte[] Resealed(byte[] good, Random random)
    {
        var bytes = (byte[])good.Clone();
        var slot = 128 * random.Next(1, 5);
        long[] absurd = [-1, long.MaxValue, long.MinValue, long.MaxValue / 4, 1L << 40, 1L << 32, 64];
        var value = absurd[random.Next(absurd.Length)];
        switch (random.Next(4))
        {
            case 0:
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(slot + 56), value);
                break;
            case 1:
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(slot + 64), value);
                break;
            case 2:
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), value);
                break;
            default:
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), (int)value);
                break;
        }

        bytes.AsSpan(96, 32).Clear();
        SHA256.HashData(bytes.AsSpan(0, 4096)).CopyTo(bytes.AsSpan(96));
        return bytes;
    }

    private string At(string name) => Path.Combine(_folder, name);

    private void Save(string name, int seed) => ModelFile.Save(new Sample(seed), At(name));

    private sealed class Sample(int seed) : IModel
    {
        public bool Twice { get; init; }

        public string Recommender => "sample";

        public int Items => 0;

        public static float[] Numbers(int seed) => [.. Enumerable.Range(0, 1001).Select(k => (float)(k * seed))];

        public FoldedHistory Fold(History history) => throw new NotSupportedException();

        public void Score(FoldedHistory folded, Span<float> scores) => throw new NotSupportedException();

        public int Recommend(FoldedHistory folded, in Selection selection, Span<ScoredItem> best) => throw new NotSupportedException();

        public void Explain(FoldedHistory folded, ReadOnlySpan<int> items, Span<float> shares) => throw new NotSupportedException();

        public bool Similar(int item, Span<float> scores) => throw new NotSupportedException();

        public void Write(ModelFileWriter file)
        {
            file.Add<float>("numbers", Numbers(seed));
            file.Add<int>("empty", []);
            file.AddText("text", $"größe {seed}");
            file.Add<sbyte>("small", [-1, 2, (sbyte)seed]);
            file.Add<float>("infinite", [1, 2, 3, 4, 5, 6, 7, 8, float.PositiveInfinity]);
            if (Twice)
            {
                file.Add<float>("numbers", [1]);
            }
        }
    }
}
