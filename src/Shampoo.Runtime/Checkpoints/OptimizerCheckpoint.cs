namespace Shampoo.Runtime;

/// <summary>The state and the numbers of an optimizer in files.</summary>
/// <remarks>All that it knows of the optimizer are its groups, and the blocks that are in their buckets: on one rank all, on many a part.</remarks>
/// <param name="optimizer">The name of the optimizer's class.</param>
/// <param name="groups">Its parameter groups.</param>
/// <param name="ranks">The processes that have the blocks.</param>
internal sealed class OptimizerCheckpoint(string optimizer, IReadOnlyList<ISavedGroup> groups, CheckpointRanks ranks)
{
    private IEnumerable<HeldBlock> Held => groups.SelectMany(group => group.Buckets).SelectMany(HeldBlock.Of);

    private IEnumerable<BlockedParameter> Parameters => groups.SelectMany(group => group.Parameters);

    /// <summary>Writes the blocks that are held. All ranks call it.</summary>
    public void Save(string path)
    {
        var names = new ShardNames(path);
        ranks.Together("preparing to save", RequireSaveable);
        if (ranks.Writers > 1)
        {
            SaveShards(names, ranks.NewId());
            return;
        }
        ranks.Together("writing it", () =>
        {
            if (ranks.Rank == 0)
                SaveSingle(names);
        });
    }

    /// <summary>Reads the blocks that are held, and checks all of them before any is changed. All ranks call it.</summary>
    public void Load(string path, IReadOnlyDictionary<string, string>? rename)
    {
        CheckpointFiles? files = null;
        try
        {
            var commits = new List<Action>();
            ranks.Together("checking the checkpoint", () =>
            {
                RequireDistinctNames();
                files = CheckpointFiles.Open(path);
                commits = Stage(files, rename);
            });
            ranks.Together("reading the checkpoint", () => Commit(commits, path));
        }
        finally
        {
            files?.Dispose();
        }
    }

    private void SaveSingle(ShardNames names)
    {
        if (names.IsIndex)
            throw new ArgumentException($"'{names.Index}' is the name of an index; one rank alone writes one file. Save to a path that ends in .safetensors.", nameof(names));
        RequireComplete(Held.Select(block => HeldBlock.Prefix(block.Parameter.Name, block.Block)), "this process has no state for");
        SafetensorsFile.SaveChecked(names.Single, Held.SelectMany(block => block.Sources()), Manifest().Encode());
        RemoveOld(names, names.Single, []);
    }

    private void SaveShards(ShardNames names, string id)
    {
        var own = names.Shard(id, ranks.Rank, ranks.Writers);
        var metadata = new Dictionary<string, string> { [CheckpointManifest.FormatKey] = CheckpointManifest.Format, [CheckpointFiles.SaveKey] = id };
        ranks.Together(
            "writing its part",
            () =>
            {
                if (ranks.Rank < ranks.Writers)
                    SafetensorsFile.SaveChecked(own, Held.SelectMany(block => block.Sources()), metadata);
            },
            RemoveOwn);
        ranks.Together(
            "writing the index",
            () =>
            {
                if (ranks.Rank == 0)
                    WriteIndex(names, id);
            },
            RemoveOwn);

        void RemoveOwn() => File.Delete(own);
    }

    // Only now does the new checkpoint take the place of the old one.
    private void WriteIndex(ShardNames names, string id)
    {
        var shards = Enumerable.Range(0, ranks.Writers).Select(rank => names.Shard(id, rank, ranks.Writers)).ToArray();
        var files = new Dictionary<string, string>();
        long bytes = 0;
        foreach (var shard in shards)
        {
            using var file = new SafetensorsFile(shard);
            foreach (var entry in file.Entries.Values.Where(entry => files.TryAdd(entry.Name, Path.GetFileName(shard))))
                bytes += entry.Bytes;
        }
        RequireComplete(files.Keys.Select(key => key[..key.LastIndexOf('/')]), "no rank has state for");
        var metadata = new Dictionary<string, string>(Manifest().Encode()) { [CheckpointFiles.SaveKey] = id };
        AtomicFile.Write(names.Index, stream => new CheckpointIndex(metadata, files).Write(stream, bytes));
        RemoveOld(names, names.Index, shards);
    }

    // The new checkpoint is complete: an old file that cannot be removed is no reason to call the save a failure.
    private static void RemoveOld(ShardNames names, string checkpoint, string[] shards)
    {
        try
        {
            foreach (var old in names.Existing().Append(names.Index).Append(names.Single).Except([checkpoint, .. shards]).ToArray())
                File.Delete(old);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private List<Action> Stage(CheckpointFiles files, IReadOnlyDictionary<string, string>? rename)
    {
        var manifest = CheckpointManifest.Decode(files.Metadata, files.Path);
        groups[0].Saved.RequireSameDeclaration(manifest.Declaration);
        var saved = new Dictionary<string, (SavedParameter Parameter, int Group)>();
        for (var g = 0; g < manifest.Groups.Length; g++)
        {
            foreach (var parameter in manifest.Groups[g].Parameters)
            {
                if (!saved.TryAdd(parameter.Name, (parameter, g)))
                    throw new InvalidDataException($"Damaged: '{files.Path}' has the parameter '{parameter.Name}' twice.");
            }
        }
        var savedNames = ParameterNames.Match(saved.Keys, [.. Parameters.Select(parameter => parameter.Name)], rename, files.Path);
        RequireSameGroups(manifest, files.Path, name => saved[savedNames[name]].Group);
        foreach (var parameter in Parameters)
            RequireSameBlocks(parameter, saved[savedNames[parameter.Name]].Parameter, files.Path);

        var commits = groups.Select((group, g) => StageNumbers(group, manifest.Groups[g])).ToList();
        commits.AddRange(Held.Select(block => block.Stage(files, savedNames[block.Parameter.Name])));
        return commits;
    }

    private static Action StageNumbers(ISavedGroup group, SavedGroup saved)
    {
        var values = group.Saved.RequireLoadable(saved, $"group {group.Number}");
        return () => group.Values = values;
    }

    private static void Commit(List<Action> commits, string path)
    {
        using var noGrad = torch.no_grad();
        try
        {
            commits.ForEach(commit => commit());
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new IOException($"'{path}' could be read once, but not a second time: the state is loaded in part. Load a checkpoint before the next step.", e);
        }
    }

    private void RequireSameGroups(CheckpointManifest manifest, string path, Func<string, int> savedGroup)
    {
        if (manifest.Groups.Length != groups.Count)
            throw new InvalidDataException($"'{path}' has {manifest.Groups.Length} parameter groups, but this optimizer has {groups.Count}. Nothing was loaded.");
        var moved = groups.SelectMany(group => group.Parameters
            .Where(parameter => savedGroup(parameter.Name) != group.Number)
            .Select(parameter => $"'{parameter.Name}' (group {savedGroup(parameter.Name)} there, {group.Number} here)")).ToArray();
        if (moved.Length > 0)
            throw new InvalidDataException($"'{path}' has parameters in other groups: {string.Join(", ", moved)}. Nothing was loaded.");
    }

    private static void RequireSameBlocks(BlockedParameter parameter, SavedParameter saved, string path)
    {
        if (!saved.Shape.AsSpan().SequenceEqual(parameter.Shape))
            throw Misfit($"was [{string.Join(", ", saved.Shape)}], but is [{string.Join(", ", parameter.Shape)}]");
        var blocks = Blocks(parameter);
        if (saved.Blocks.Length != blocks.Length)
            throw Misfit($"was cut into {saved.Blocks.Length} blocks, but has {blocks.Length}; [Preconditioning] of the saved optimizer had another MaxDimension or TargetDimensionality");
        for (var b = 0; b < blocks.Length; b++)
        {
            if (saved.Blocks[b] != blocks[b])
                throw Misfit($"has other blocks: block {b} was {saved.Blocks[b]}, but is {blocks[b]}; [Preconditioning] of the saved optimizer had another MaxDimension or TargetDimensionality");
        }

        InvalidDataException Misfit(string why) => new($"'{path}' does not fit: the parameter '{parameter.Name}' {why}. Nothing was loaded.");
    }

    private CheckpointManifest Manifest() => new(optimizer, groups[0].Saved.Declaration, [.. groups.Select(Describe)]);

    private static SavedGroup Describe(ISavedGroup group)
    {
        var values = group.Values;
        return new SavedGroup(
            values.InitialLearningRate, values.LearningRate!.Value, values.Step, values.WeightSum, values.IsEvaluating, group.Numbers.NumbersByName(),
            [.. group.Parameters.Select(parameter => new SavedParameter(parameter.Name, parameter.Shape, Blocks(parameter)))]);
    }

    private static string[] Blocks(BlockedParameter parameter) => Array.ConvertAll(parameter.Plan.Blocks, block => block.ToString());

    private void RequireSaveable()
    {
        RequireDistinctNames();
        foreach (var group in groups)
            group.Numbers.RequireValid(new OptionCheck($"group {group.Number}"));
    }

    private void RequireDistinctNames()
    {
        if (Parameters.GroupBy(parameter => parameter.Name).FirstOrDefault(named => named.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Two parameters are called '{twice.Key}', but checkpoints tell them by their names. Give the optimizer another name for one of them.");
    }

    private void RequireComplete(IEnumerable<string> prefixes, string what)
    {
        var there = prefixes.ToHashSet();
        var missing = Parameters
            .SelectMany(parameter => parameter.Plan.Blocks.Select((_, b) => (parameter.Name, Block: b)))
            .Where(block => !there.Contains(HeldBlock.Prefix(block.Name, block.Block))).ToArray();
        if (missing.Length > 0)
        {
            throw new InvalidOperationException(
                $"The checkpoint would not be complete: {what} {missing.Length} blocks, the first of which is block {missing[0].Block} of '{missing[0].Name}'. "
                + "Call save_checkpoint on all ranks that share the state, with their process group.");
        }
    }
}
