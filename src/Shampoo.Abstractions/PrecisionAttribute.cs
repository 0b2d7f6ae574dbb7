using System;

namespace Shampoo;

/// <summary>The precision of the matrices of a preconditioner. Without it all state has the parameter's precision.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class PrecisionAttribute : Attribute
{
    /// <summary>Factor matrices L, and the arithmetic of their solver.</summary>
    public Precision Factors { get; set; } = Precision.SameAsParameter;

    /// <summary>Inverse roots X.</summary>
    public Precision Roots { get; set; } = Precision.SameAsParameter;

    /// <summary>Eigenvectors Q.</summary>
    public Precision Eigenvectors { get; set; } = Precision.SameAsParameter;

    /// <summary>Moments and corrected eigenvalues.</summary>
    public Precision Moments { get; set; } = Precision.SameAsParameter;
}
