using System;

namespace Shampoo;

/// <summary>Chooses what the elementwise part of a step is compiled to. Without it: <see cref="ElementwiseDialect.Automatic"/>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class ElementwiseAttribute : Attribute
{
    /// <param name="dialect">The dialect that the elementwise passes take.</param>
    public ElementwiseAttribute(ElementwiseDialect dialect) => Dialect = dialect;

    /// <summary>The dialect that the elementwise passes take.</summary>
    public ElementwiseDialect Dialect { get; }
}
