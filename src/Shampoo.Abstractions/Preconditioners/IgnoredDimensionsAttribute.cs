using System;

namespace Shampoo;

/// <summary>Leaves dimensions of blocks of one order in their original basis (eigenvalue-corrected preconditioners).</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class IgnoredDimensionsAttribute : Attribute
{
    /// <param name="order">Number of dimensions of the blocks meant, ≥ 1.</param>
    /// <param name="dimensions">The dimensions left alone, from 0.</param>
    public IgnoredDimensionsAttribute(int order, params int[] dimensions)
    {
        Order = order;
        Dimensions = dimensions;
    }

    /// <summary>Number of dimensions of the blocks meant, ≥ 1.</summary>
    public int Order { get; }

    /// <summary>The dimensions left alone, from 0.</summary>
    public int[] Dimensions { get; }
}
