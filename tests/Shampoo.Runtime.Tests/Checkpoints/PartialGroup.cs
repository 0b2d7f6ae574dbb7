namespace Shampoo.Runtime.Tests.Checkpoints;

/// <summary>A group of an optimizer on a rank that has a part of the blocks: buckets of these alone, with state of their own.</summary>
internal sealed class PartialGroup : ISavedGroup, IDisposable
{
    private readonly WorkspacePool _workspaces = new();
    private readonly ISavedGroup _whole;

    /// <param name="whole">All of the group.</param>
    /// <param name="owns">Whether this rank has a block, by the parameter and the place in it.</param>
    /// <param name="copies">Whether the state is that of <paramref name="whole"/>; otherwise it is what a new optimizer has.</param>
    public PartialGroup(ISavedGroup whole, Func<string, int, bool> owns, bool copies)
    {
        _whole = whole;
        Buckets = [.. whole.Buckets.Select(bucket => Part(bucket, owns, copies)).Where(bucket => bucket is not null).Select(bucket => bucket!)];
        Values = copies ? whole.Values : whole.Values with { Step = 0, LearningRate = 0 };
    }

    public OptionValues Values { get; set; }

    StagedPart ISavedGroup.Part => default;

    public int Number => _whole.Number;

    public BlockedOptions Numbers => _whole.Numbers;

    public BlockedOptions Saved => _whole.Saved;

    public BlockedParameter[] Parameters => _whole.Parameters;

    public Bucket[] Buckets { get; }

    public void Dispose()
    {
        foreach (var bucket in Buckets)
            bucket.Dispose();
        _workspaces.Dispose();
    }

    private Bucket? Part(Bucket bucket, Func<string, int, bool> owns, bool copies)
    {
        var positions = Enumerable.Range(0, bucket.Count).Where(i => owns(bucket.Members[i].Parameter.Name, bucket.Members[i].Block)).ToArray();
        if (positions.Length == 0)
            return null;
        var members = positions.Select(i => new BlockReference(Array.IndexOf(Parameters, bucket.Members[i].Parameter), bucket.Members[i].Block)).ToArray();
        var part = new Bucket(
            new BucketPlan(bucket.BlockShape, bucket.Kind, members, bucket.IsLarge), Parameters, source => new HandWrittenShampoo.State(source), _workspaces);
        for (var i = 0; copies && i < positions.Length; i++)
            Copy(bucket, positions[i], part, i);
        return part;
    }

    private static void Copy(Bucket source, int from, Bucket destination, int to)
    {
        using var scope = torch.NewDisposeScope();
        foreach (var (saved, own) in source.Arrays.Zip(destination.Arrays))
            own.Tensor.select(0, to).copy_(saved.Tensor.select(0, from));
        foreach (var (saved, own) in source.Counters.Zip(destination.Counters))
            own.Values[to] = saved.Values[from];
    }
}
