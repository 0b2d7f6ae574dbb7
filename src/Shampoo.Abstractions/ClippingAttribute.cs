using System;

namespace Shampoo;

/// <summary>Bounds the gradient or the direction.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class ClippingAttribute : Attribute
{
    /// <summary>G ← G / max(1, ‖all gradients‖₂ / max_norm); &gt; 0. Not declared: no such clipping and no argument.</summary>
    public double MaxGradientNorm { get; set; } = double.NaN;

    /// <summary>
    /// Default of the argument <c>max_direction_rms</c>, &gt; 0: P ← P / max(1, rms(P) / max_rms) for every block, after grafting and before weight
    /// decay (Anil et al. 2020). Not declared: no such clipping and no argument.
    /// </summary>
    public double MaxDirectionRms { get; set; } = double.NaN;
}
