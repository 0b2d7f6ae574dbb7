namespace Shampoo;

/// <summary>How parameters, gradients and the optimizer's state lie on the ranks.</summary>
public enum Parallelism
{
    /// <summary>Every rank has all parameters; state and work of the blocks are divided among the ranks of a group.</summary>
    DDP,

    /// <summary>As <see cref="DDP"/>, but gradients are reduce-scattered straight to the owners of the blocks and parameters gathered: 2 units of traffic instead of 3.</summary>
    ReduceScatter,

    /// <summary>Flat shards: a rank has a range of the flattened parameter.</summary>
    FSDP,

    /// <summary>Shards of dimension 0.</summary>
    FullyShard,

    /// <summary><see cref="FSDP"/> across one dimension of a mesh, <see cref="DDP"/> across the other.</summary>
    HSDP,

    /// <summary><see cref="FullyShard"/> across one dimension of a mesh, <see cref="DDP"/> across the other.</summary>
    HybridShard,

    /// <summary>Pipeline × data × tensor: <see cref="DDP"/> inside the data dimension of each coordinate.</summary>
    Topology,
}
