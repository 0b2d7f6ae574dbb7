using System;

namespace Shampoo;

/// <summary>
/// SOAP exactly as its authors' program does it (Vyas et al. 2024): the first gradient of a parameter only builds the basis, a basis
/// never contains the gradient it is applied to, moments move with the basis, weight decay comes after the step.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class SoapAttribute : Attribute
{
    /// <summary>Default of the argument <c>beta1</c>, in [0, 1); default 0.95.</summary>
    public double Beta1 { get; set; } = 0.95;

    /// <summary>Default of the argument <c>beta2</c>, in [0, 1); default 0.95.</summary>
    public double Beta2 { get; set; } = 0.95;

    /// <summary>
    /// Decay of the factor matrices, in [0, 1); declared, it becomes the argument <c>shampoo_beta</c>. Not declared: β₂.
    /// </summary>
    public double ShampooBeta { get; set; } = double.NaN;

    /// <summary>Default of the argument <c>epsilon</c>, added to √v, &gt; 0; default 1e-8.</summary>
    public double Epsilon { get; set; } = 1e-8;

    /// <summary>Whether the step is multiplied by √(1 − β₂ᵗ) / (1 − β₁ᵗ), t the steps of the parameter; default true.</summary>
    public bool BiasCorrection { get; set; } = true;
}
