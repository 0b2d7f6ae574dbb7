using System;

namespace Shampoo;

/// <summary>
/// Switches the search for NaN and infinity in gradients off (or on, the default); it costs one pass over the gradients. It is done on
/// the CPU only: on a GPU it would make every step wait for the device.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class GradientChecksAttribute : Attribute
{
    /// <param name="enabled">Whether every step searches its gradients before any state changes.</param>
    public GradientChecksAttribute(bool enabled) => Enabled = enabled;

    /// <summary>Whether every step searches its gradients before any state changes.</summary>
    public bool Enabled { get; }
}
