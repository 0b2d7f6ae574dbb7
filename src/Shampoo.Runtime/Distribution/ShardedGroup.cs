namespace Shampoo.Runtime;

/// <summary>A parameter group whose blocks several ranks own.</summary>
/// <param name="Parameters">All of its parameters.</param>
/// <param name="Blocks">All blocks of all of its parameters, bucket by bucket, as one process would have them.</param>
/// <param name="Buckets">The blocks of this rank.</param>
internal sealed record ShardedGroup(BlockedParameter[] Parameters, OwnedBlock[] Blocks, Bucket[] Buckets)
{
    /// <summary>The owner of each block.</summary>
    public IEnumerable<int> Owners => Blocks.Select(block => block.Owner);
}

/// <summary>The norms of a step, where several ranks have the blocks.</summary>
/// <param name="shards">Who asks the other ranks.</param>
/// <param name="number">The number of the group.</param>
/// <param name="parameters">Its parameters that have blocks, in the order in which squares are added up.</param>
/// <param name="buckets">The blocks of this rank.</param>
internal sealed class ShardedNorms(Shards shards, int number, BlockedParameter[] parameters, Bucket[] buckets) : GroupNorms(parameters, buckets)
{
    private readonly Bucket[] _buckets = buckets;

    public override double OfGradients() => shards.ReducedGradientNorm(number) ?? base.OfGradients();

    public override void Forget() => shards.Forget();

    public override void ScaleToParameters(string direction) => LayerScale.Apply(_buckets, direction, shards.ExchangeSquares(number, direction));
}
