using System;

namespace Shampoo;

/// <summary>Declares weight decay, and with it the argument <c>weight_decay</c>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class WeightDecayAttribute : Attribute
{
    /// <param name="kind">Where the decay enters the step.</param>
    public WeightDecayAttribute(WeightDecayKind kind) => Kind = kind;

    /// <summary>Where the decay enters the step.</summary>
    public WeightDecayKind Kind { get; }

    /// <summary>Default of the argument <c>weight_decay</c>, ≥ 0; default 0.01.</summary>
    public double WeightDecay { get; set; } = 0.01;

    /// <summary>
    /// Whether only those elements of W decay whose sign is not opposite to that of P (cautious weight decay, Chen et al. 2025, arXiv 2510.12402);
    /// default false. Where the decay comes after the step, as of <see cref="SoapAttribute"/>, W is that after it. Not for <see cref="WeightDecayKind.L2"/>.
    /// </summary>
    public bool Cautious { get; set; }
}
