using System;

namespace Shampoo;

/// <summary>Bounds the gradient or the direction.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class ClippingAttribute : Attribute
{
    /// <summary>G ← G / max(1, ‖all gradients‖₂ / max_norm); &gt; 0. Not declared: no such clipping and no argument.</summary>
    public double MaxGradientNorm { get; set; } = double.NaN;

    /// <summary>Bound on the root mean square of a block's direction; &gt; 0. Not declared: no such clipping and no argument.</summary>
    public double MaxDirectionRms { get; set; } = double.NaN;
}
