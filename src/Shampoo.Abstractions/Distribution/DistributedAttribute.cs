using System;

namespace Shampoo;

/// <summary>Divides state and work among ranks.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class DistributedAttribute : Attribute
{
    /// <param name="parallelism">How parameters, gradients and state lie on the ranks.</param>
    public DistributedAttribute(Parallelism parallelism) => Parallelism = parallelism;

    /// <summary>How parameters, gradients and state lie on the ranks.</summary>
    public Parallelism Parallelism { get; }

    /// <summary>Number of ranks that share one copy of the state, ≥ 1; −1 (default): all.</summary>
    public int GroupSize { get; set; } = -1;

    /// <summary>What the owners of blocks send.</summary>
    public Communicated Communicates { get; set; } = Communicated.Directions;

    /// <summary>The precision in which it travels: Float32, BFloat16 or Float16; SameAsParameter (default) leaves it as it is.</summary>
    public Precision Communication { get; set; } = Precision.SameAsParameter;

    /// <summary>What is balanced when blocks are assigned to ranks.</summary>
    public BlockCost Cost { get; set; } = BlockCost.MemoryAndWork;
}
