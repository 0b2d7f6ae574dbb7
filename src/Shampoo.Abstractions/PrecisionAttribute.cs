using System;

namespace Shampoo;

/// <summary>How state is stored. Without it all state has the parameter's precision, or float32 where parameters have 16 bits.</summary>
/// <remarks>Arithmetic is in float32, or in float64 where parameters or factor matrices are; only what is stored is rounded: to nearest, ties to even.</remarks>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class PrecisionAttribute : Attribute
{
    /// <summary>Factor matrices L, and the arithmetic of their solver. Not <see cref="Precision.Float16"/>, whose range is too small for them.</summary>
    public Precision Factors { get; set; } = Precision.SameAsParameter;

    /// <summary>Inverse roots X. In <see cref="Precision.Float16"/> a root beyond 65504 is an error of the step that computes it.</summary>
    public Precision Roots { get; set; } = Precision.SameAsParameter;

    /// <summary>Eigenvectors Q.</summary>
    public Precision Eigenvectors { get; set; } = Precision.SameAsParameter;

    /// <summary>
    /// First moment, momentum, second moments and corrected eigenvalues. The weight buffer of iterate averaging is none: it is a copy of the
    /// parameters, and keeps the precision of the arithmetic.
    /// </summary>
    /// <remarks>
    /// <see cref="Precision.EightBit"/> is that of the first moment and the momentum alone, as in Google's Scalable Shampoo: all others are divided by, and small ones would be 0 beside a
    /// large one of the same scale; they keep the precision of the arithmetic. A step computes with moments that are not rounded, and rounds them when all of it is done.
    /// </remarks>
    public Precision Moments { get; set; } = Precision.SameAsParameter;
}
