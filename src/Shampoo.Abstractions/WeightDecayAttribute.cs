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
}
