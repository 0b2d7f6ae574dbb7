namespace Shampoo.Runtime;

/// <summary>A block whose state this process holds.</summary>
/// <param name="Parameter">The parameter that it is of.</param>
/// <param name="Block">Its place in the parameter.</param>
/// <param name="Bucket">Where its state is.</param>
/// <param name="Position">Its place in the bucket.</param>
internal sealed record HeldBlock(BlockedParameter Parameter, int Block, Bucket Bucket, int Position)
{
    public static IEnumerable<HeldBlock> Of(Bucket bucket) =>
        bucket.Members.Select((member, position) => new HeldBlock(member.Parameter, member.Block, bucket, position));

    /// <summary>The first part of the keys of a block's arrays.</summary>
    public static string Prefix(string parameter, int block) => $"{parameter}/{block}";

    /// <summary>What is written of the block.</summary>
    public IEnumerable<TensorSource> Sources()
    {
        Bucket.Settle();
        var prefix = Prefix(Parameter.Name, Block);
        foreach (var array in Bucket.Arrays)
            yield return new TensorSource($"{prefix}/{array.Name}", array.SavedType, array.Tensor.shape[1..], visit => Read(array, visit));
        foreach (var counters in Bucket.Counters)
            yield return new TensorSource($"{prefix}/{counters.Name}", ScalarType.Int32, [], visit => visit(BitConverter.GetBytes(counters.Values[Position])));
    }

    /// <summary>Checks what a checkpoint has of the block, and changes nothing yet.</summary>
    /// <param name="files">The checkpoint.</param>
    /// <param name="saved">The name that the parameter has there.</param>
    /// <returns>Takes it over.</returns>
    /// <exception cref="InvalidDataException">It does not fit, or is damaged.</exception>
    public Action Stage(CheckpointFiles files, string saved)
    {
        var prefix = Prefix(saved, Block);
        RequireNames(files, prefix);
        var commits = new List<Action> { Bucket.Forget };
        foreach (var array in Bucket.Arrays)
        {
            var key = $"{prefix}/{array.Name}";
            var file = files.RequireIntact(key, array.SavedType, array.Tensor.shape[1..]);
            commits.Add(() => Write(array, file, key));
        }
        foreach (var counters in Bucket.Counters)
        {
            var count = ReadCount(files, $"{prefix}/{counters.Name}");
            commits.Add(() => counters.Values[Position] = count);
        }
        return () => commits.ForEach(commit => commit());
    }

    private void RequireNames(CheckpointFiles files, string prefix)
    {
        var own = Bucket.Arrays.Select(array => array.Name).Concat(Bucket.Counters.Select(counters => counters.Name)).ToArray();
        var found = files.StatesOf(prefix);
        if (own.Except(found).ToArray() is { Length: > 0 } missing)
            throw new InvalidDataException($"'{files.Path}' has no {string.Join(", ", missing)} for block {Block} of '{Parameter.Name}'. Nothing was loaded.");
        if (found.Except(own).ToArray() is { Length: > 0 } left)
            throw new InvalidDataException($"'{files.Path}' has {string.Join(", ", left)} for block {Block} of '{Parameter.Name}', which this optimizer does not have. Nothing was loaded.");
    }

    private static int ReadCount(CheckpointFiles files, string key)
    {
        using var tensor = files.RequireIntact(key, ScalarType.Int32, []).Load(key);
        var count = tensor.item<int>();
        return count >= 0 ? count : throw new InvalidDataException($"'{files.Path}' is damaged: the count '{key}' is {count}. Nothing was loaded.");
    }

    private void Read(StackedArray array, TensorChunks.Visitor visit)
    {
        using var block = array.Block(Position);
        TensorChunks.Read(block, visit);
    }

    private void Write(StackedArray array, SafetensorsFile file, string key) => array.Replace(Position, block => file.LoadInto(key, block));
}
