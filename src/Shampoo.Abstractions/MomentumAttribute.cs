using System;

namespace Shampoo;

/// <summary>
/// Classic momentum on the finished direction: <c>M ← μM + (1 − d)P</c>, and the step follows M, or with
/// <see cref="Nesterov"/> <c>(1 − d)P + μM</c>. State: one array of the size of the parameters.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class MomentumAttribute : Attribute
{
    /// <param name="momentum">Default of the argument <c>momentum</c> (μ), in (0, 1).</param>
    public MomentumAttribute(double momentum = 0.9) => Momentum = momentum;

    /// <summary>Default of the argument <c>momentum</c> (μ), in (0, 1); default 0.9.</summary>
    public double Momentum { get; }

    /// <summary>Default of the argument <c>dampening</c> (d), in [0, 1). Not declared: there is no dampening and no argument.</summary>
    public double Dampening { get; set; } = double.NaN;

    /// <summary>Whether the step looks ahead along the momentum; default false.</summary>
    public bool Nesterov { get; set; }
}
