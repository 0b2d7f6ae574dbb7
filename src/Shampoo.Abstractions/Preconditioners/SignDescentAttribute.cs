using System;

namespace Shampoo;

/// <summary>Steps along the sign of Ĝ. No state but the first moment.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class SignDescentAttribute : Attribute
{
    /// <summary>Default of the argument <c>scale</c>, the length of a component, &gt; 0; default 1.</summary>
    public double Scale { get; set; } = 1;

    /// <summary>What else the length of a component is multiplied by; default <see cref="SignScaling.Constant"/>.</summary>
    public SignScaling Scaling { get; set; }
}
