using System;

namespace Shampoo;

/// <summary>Switches the search for NaN and infinity in gradients off (or on, the default); it costs one pass over the gradients.</summary>
/// <remarks>
/// On the CPU it comes before any state changes, and is an error that names the parameter. On a GPU no step waits for the device: it looks
/// while the step goes on, and the next step, or the first one by which the device has come so far, throws an error that names the parameters
/// and the step they belong to. Parameters and state may then contain NaN: load a saved state, or switch the search off and look for
/// it before the step, as loss scaling does.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class GradientChecksAttribute : Attribute
{
    /// <param name="enabled">Whether the gradients of every step are searched.</param>
    public GradientChecksAttribute(bool enabled) => Enabled = enabled;

    /// <summary>Whether the gradients of every step are searched.</summary>
    public bool Enabled { get; }
}
