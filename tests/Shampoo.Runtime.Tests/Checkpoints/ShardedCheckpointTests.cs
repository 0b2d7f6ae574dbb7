using System.Text.Json;

namespace Shampoo.Runtime.Tests.Checkpoints;

/// <summary>Ranks that have a part of the blocks each, as threads.</summary>
public sealed class ShardedCheckpointTests : IDisposable
{
    private static readonly Settings s_settings = new(MaxDimension: 3, Start: 2, Frequency: 2);

    private readonly TemporaryFolder _folder = new();
    private readonly HandWrittenShampoo _original = Make(seed: 1, steps: 3);

    public void Dispose()
    {
        _original.Dispose();
        _folder.Dispose();
    }

    private string Path_ => _folder["optimizer.safetensors"];

    private string Index => Path_ + ".index.json";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)] // more than there are blocks: some ranks have none
    public void Any_number_of_ranks_reads_what_any_number_wrote(int writers)
    {
        AssertAll(Save(_original, writers), "");
        Assert.Equal(writers == 1 ? 1 : writers + 1, _folder.Files.Length);

        using var alone = Make(seed: 50, steps: 1);
        alone.load_checkpoint(Path_);
        alone.save_checkpoint(_folder["alone.safetensors"]);
        _original.save_checkpoint(_folder["original.safetensors"]);
        Assert.Equal(OptimizerCheckpointTests.Tensors(_folder["original.safetensors"]), OptimizerCheckpointTests.Tensors(_folder["alone.safetensors"]));
        Assert.Equal(_original.SavedGroups[0].Values with { Numbers = [] }, alone.SavedGroups[0].Values with { Numbers = [] });

        foreach (var readers in (int[])[2, 3, 5])
            AssertRead(readers);
    }

    [Fact]
    public void Names_of_files_and_the_index_are_as_documented()
    {
        Save(_original, 4);

        var files = _folder.Files;
        Assert.All(files[..4], (name, rank) => Assert.Matches($"^optimizer-[0-9a-f]{{16}}-0000{rank + 1}-of-00004\\.safetensors$", name));
        Assert.Equal("optimizer.safetensors.index.json", files[4]);
        using var index = JsonDocument.Parse(File.ReadAllBytes(Index));
        var map = index.RootElement.GetProperty("weight_map");
        var bytes = 0;
        foreach (var file in files[..4])
        {
            foreach (var (key, tensor) in SpecificationFile.Read(File.ReadAllBytes(_folder[file])))
            {
                Assert.Equal(file, map.GetProperty(key).GetString());
                bytes += tensor.Bytes.Length;
            }
        }
        Assert.Equal(bytes, index.RootElement.GetProperty("metadata").GetProperty("total_size").GetInt32());
    }

    [Fact]
    public void Each_rank_opens_only_the_files_of_its_blocks()
    {
        Save(_original, 4);
        var foreign = _folder.Files.Single(name => name.Contains("-00003-of-"));
        File.WriteAllText(_folder[foreign], "damaged");

        using var part = new PartialGroup(_original.SavedGroups[0], Owner(4, 1), copies: false);
        new OptimizerCheckpoint("", [part], new CheckpointRanks(null, torch.CPU)).Load(Path_, null);
        AssertSame(part);

        using var whole = Make(seed: 50, steps: 1);
        var before = CheckTests.Snapshot(whole);
        Assert.Contains(foreign, Assert.Throws<InvalidDataException>(() => whole.load_checkpoint(Path_)).Message);
        Assert.Equal(before, CheckTests.Snapshot(whole));
    }

    [Fact]
    public void A_new_checkpoint_takes_the_place_of_the_old_one_of_any_kind()
    {
        Save(_original, 4);
        var first = _folder.Files;
        Save(_original, 2);
        Assert.Equal(3, _folder.Files.Length);
        Assert.Empty(first[..4].Intersect(_folder.Files));

        Save(_original, 1);
        Assert.Equal(["optimizer.safetensors"], _folder.Files);

        File.WriteAllText(_folder["optimizer-2.safetensors"], "another one");
        Save(_original, 3);
        Assert.Equal(5, _folder.Files.Length);
        Assert.DoesNotContain("optimizer.safetensors", _folder.Files);
        Assert.Contains("optimizer-2.safetensors", _folder.Files);
        AssertRead(2);
    }

    [Fact]
    public void A_rank_that_fails_leaves_the_old_checkpoint_and_is_named_by_all()
    {
        Save(_original, 3);
        var before = _folder.Files.ToDictionary(name => name, name => Convert.ToHexString(File.ReadAllBytes(_folder[name])));

        var failures = Save(_original, 4, prepare: (rank, part) =>
        {
            if (rank == 2)
                part.Buckets[0].Arrays[0].Tensor.Dispose();
        });

        Assert.All(failures, (failure, rank) => Assert.Equal(rank == 2, !failure!.Message.Contains("Rank 2 failed")));
        Assert.Equal(before, _folder.Files.ToDictionary(name => name, name => Convert.ToHexString(File.ReadAllBytes(_folder[name]))));
        AssertRead(2);
    }

    [Fact]
    public void A_rank_that_cannot_read_leaves_all_ranks_as_they_were()
    {
        Save(_original, 4);
        var damaged = _folder[_folder.Files[1]];
        var bytes = File.ReadAllBytes(damaged);
        bytes[^1] ^= 1;
        File.WriteAllBytes(damaged, bytes);

        var parts = Enumerable.Range(0, 4).Select(rank => new PartialGroup(_original.SavedGroups[0], Owner(4, rank), copies: false)).ToArray();
        var before = parts.Select(Snapshot).ToArray();
        var failures = ThreadGroup.Failures(4, group => Checkpoint(parts[group.Rank], group).Load(Path_, null));

        Assert.All(failures, (failure, rank) => Assert.Contains(rank == 1 ? "is damaged" : "Rank 1 failed", failure!.Message));
        Assert.Equal(before, parts.Select(Snapshot));
        foreach (var part in parts)
            part.Dispose();
    }

    [Fact]
    public void Without_its_index_a_checkpoint_is_not_complete()
    {
        Save(_original, 2);
        File.Delete(Index);
        using var other = Make(seed: 50, steps: 1);

        Assert.Contains("saving was not completed", Assert.Throws<FileNotFoundException>(() => other.load_checkpoint(Path_)).Message);
    }

    [Fact]
    public void Says_which_shard_is_missing_or_of_another_save()
    {
        Save(_original, 2);
        var files = _folder.Files;
        var index = File.ReadAllBytes(Index);
        var shard = File.ReadAllBytes(_folder[files[0]]);
        Save(_original, 2);
        using var other = Make(seed: 50, steps: 1);
        var before = CheckTests.Snapshot(other);

        var newShard = _folder[_folder.Files[0]];
        File.WriteAllBytes(newShard, shard);
        Assert.Contains($"'{newShard}' was written by another save", Assert.Throws<InvalidDataException>(() => other.load_checkpoint(Path_)).Message);
        File.Delete(newShard);
        Assert.Contains($"'{newShard}', which is a part of the checkpoint", Assert.Throws<FileNotFoundException>(() => other.load_checkpoint(Path_)).Message);

        File.WriteAllBytes(Index, index);
        Assert.Contains(files[0], Assert.Throws<FileNotFoundException>(() => other.load_checkpoint(Path_)).Message);
        File.WriteAllText(Index, File.ReadAllText(Index).Replace("\"optimizer-", "\"../optimizer-"));
        Assert.Contains("not a shard of this checkpoint", Assert.Throws<InvalidDataException>(() => other.load_checkpoint(Path_)).Message);
        File.WriteAllBytes(Index, index[..^5]);
        Assert.Contains("Damaged: the index", Assert.Throws<InvalidDataException>(() => other.load_checkpoint(Path_)).Message);
        Assert.Equal(before, CheckTests.Snapshot(other));
    }

    [Fact]
    public void Refuses_two_checkpoints_of_one_name_but_takes_an_index_by_its_own()
    {
        Save(_original, 2);
        var sharded = _folder.Files.ToDictionary(name => name, name => File.ReadAllBytes(_folder[name]));
        Save(_original, 1);
        foreach (var (name, bytes) in sharded)
            File.WriteAllBytes(_folder[name], bytes);
        using var other = Make(seed: 50, steps: 1);

        Assert.Contains("two checkpoints", Assert.Throws<InvalidDataException>(() => other.load_checkpoint(Path_)).Message);
        other.load_checkpoint(Index);

        Assert.Equal(_original.SavedGroups[0].Values.Step, other.SavedGroups[0].Values.Step);
    }

    [Fact]
    public void Refuses_to_write_a_part_for_the_whole()
    {
        var failures = Save(_original, 4, owner: rank => rank == 3 ? (_, _) => false : Owner(4, rank));
        Assert.Contains("no rank has state for", failures[0]!.Message);
        Assert.All(failures[1..], failure => Assert.Contains("Rank 0 failed in writing the index", failure!.Message));
        Assert.Empty(_folder.Files);

        using var part = new PartialGroup(_original.SavedGroups[0], Owner(2, 0), copies: true);
        var alone = Assert.Throws<InvalidOperationException>(() => new OptimizerCheckpoint("", [part], new CheckpointRanks(null, torch.CPU)).Save(Path_));
        Assert.Contains("with their process group", alone.Message);
        Assert.Empty(_folder.Files);
    }

    /// <summary>Where all ranks have all blocks, the first one's are taken.</summary>
    [Fact]
    public void Blocks_may_be_there_more_than_once()
    {
        AssertAll(Save(_original, 3, owner: _ => (_, _) => true), "");
        AssertRead(2);
    }

    private Exception?[] Save(
        HandWrittenShampoo optimizer, int ranks, Func<int, Func<string, int, bool>>? owner = null, Action<int, PartialGroup>? prepare = null)
    {
        var parts = Enumerable.Range(0, ranks).Select(rank => new PartialGroup(optimizer.SavedGroups[0], owner?.Invoke(rank) ?? Owner(ranks, rank), copies: true)).ToArray();
        for (var rank = 0; rank < ranks; rank++)
            prepare?.Invoke(rank, parts[rank]);
        var failures = ThreadGroup.Failures(ranks, group => Checkpoint(parts[group.Rank], group).Save(Path_));
        foreach (var part in parts)
            part.Dispose();
        return failures;
    }

    private void AssertRead(int readers)
    {
        var parts = Enumerable.Range(0, readers).Select(rank => new PartialGroup(_original.SavedGroups[0], Owner(readers, rank), copies: false)).ToArray();
        AssertAll(ThreadGroup.Failures(readers, group => Checkpoint(parts[group.Rank], group).Load(Path_, null)), "");
        foreach (var part in parts)
        {
            AssertSame(part);
            part.Dispose();
        }
    }

    /// <summary>A part has what the original has of the same blocks.</summary>
    private void AssertSame(PartialGroup part)
    {
        using var expected = new PartialGroup(_original.SavedGroups[0], (name, block) => part.Buckets.Any(bucket => bucket.Members.Any(m => m.Parameter.Name == name && m.Block == block)), copies: true);
        Assert.Equal(Snapshot(expected), Snapshot(part));
    }

    private static void AssertAll(Exception?[] failures, string message) => Assert.All(failures, failure => Assert.Equal(message, failure?.ToString() ?? ""));

    private static OptimizerCheckpoint Checkpoint(PartialGroup part, ProcessGroup group) => new("HandWrittenShampoo", [part], new CheckpointRanks(group, torch.CPU));

    // In turn, in another order for another number of ranks.
    private static Func<string, int, bool> Owner(int ranks, int rank) => (name, block) => (name[^1] + 3 * block) % ranks == rank;

    private static double[] Snapshot(PartialGroup part) =>
    [
        .. part.Buckets.SelectMany(bucket => bucket.Arrays).SelectMany(array => Data.Values(array.Tensor)),
        .. part.Buckets.SelectMany(bucket => bucket.Counters).SelectMany(counters => counters.Values).Select(count => (double)count),
        part.Values.Step, part.Values.LearningRate!.Value, .. part.Values.Numbers.Select(number => number!.Value),
    ];

    private static HandWrittenShampoo Make(int seed, int steps)
    {
        long[][] shapes = [[5, 7], [4], [6, 3], []];
        var optimizer = new HandWrittenShampoo(shapes.Select((shape, p) => ($"p{p}", Data.Parameter(seed + p, shape))), s_settings);
        for (var step = 0; step < steps; step++)
        {
            foreach (var parameter in optimizer.parameters())
                Data.SetGradient(parameter, Data.Normal(++seed, Data.Elements(parameter.shape)));
            optimizer.step();
        }
        var count = 0;
        foreach (var bucket in optimizer.Buckets)
        {
            foreach (ref var failures in bucket.Counters[0].Values.AsSpan())
                failures = count++ % 3;
        }
        return optimizer;
    }
}
