using System;

namespace Shampoo;

/// <summary>
/// Replaces the exponent 1/(2d) of blocks of one order, for one dimension or all of them. With <see cref="EigenvalueCorrectedAttribute"/> it is the
/// exponent of E, for blocks of one order, in place of <see cref="EigenvalueCorrectedAttribute.Exponent"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class InverseExponentAttribute : Attribute
{
    /// <param name="order">Number of dimensions of the blocks meant, ≥ 1.</param>
    /// <param name="exponent">X = L^(−exponent), ≥ 0; 0 leaves the dimension unpreconditioned. The exponent of E is &gt; 0.</param>
    public InverseExponentAttribute(int order, double exponent)
    {
        Order = order;
        Exponent = exponent;
    }

    /// <summary>Number of dimensions of the blocks meant, ≥ 1.</summary>
    public int Order { get; }

    /// <summary>X = L^(−exponent), ≥ 0; 0 leaves the dimension unpreconditioned. The exponent of E is &gt; 0.</summary>
    public double Exponent { get; }

    /// <summary>The dimension meant, from 0; −1 (default): all. E has one exponent for all dimensions.</summary>
    public int Dimension { get; set; } = -1;
}
