using System;

namespace Shampoo;

/// <summary>
/// Filters the gradient by an exponential moving average: <c>m ← β₁m + (1 − β₁)G</c>, and the direction is
/// computed from m instead of G. State: one array of the size of the parameters.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class FirstMomentAttribute : Attribute
{
    /// <summary>Default of the argument <c>beta1</c>, in [0, 1); default 0.9.</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>
    /// Weight of the old average in the filtered gradient, Ĝ = β₃m + (1 − β₃)G before m is updated, in [0, 1);
    /// declared, it becomes the argument <c>beta3</c>. Not declared: β₃ = β₁, Ĝ is the updated m.
    /// </summary>
    public double Beta3 { get; set; } = double.NaN;

    /// <summary>Whether Ĝ is divided by 1 − β₃β₁ᵗ⁻¹; default true.</summary>
    public bool BiasCorrection { get; set; } = true;
}
