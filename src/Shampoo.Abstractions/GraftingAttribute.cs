using System;

namespace Shampoo;

/// <summary>
/// Takes the length of every block's step from <see cref="Method"/>. Without a preconditioner the grafted
/// direction itself is the step: <c>[Grafting(Adam)] [FirstMoment] [WeightDecay(Decoupled)]</c> is AdamW.
/// Without this attribute the preconditioned direction keeps its own length.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class GraftingAttribute : Attribute
{
    /// <param name="method">The optimizer whose step length is taken over.</param>
    public GraftingAttribute(GraftingMethod method) => Method = method;

    /// <summary>The optimizer whose step length is taken over.</summary>
    public GraftingMethod Method { get; }

    /// <summary>
    /// Default of the argument <c>grafting_beta2</c>, the decay of the second moment, in (0, 1); default 0.999.
    /// Exists for the RMSProp and Adam family. 1 accumulates a plain sum, and then there is no such argument.
    /// </summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>
    /// Default of the argument <c>grafting_epsilon</c>, added to the root of the second moment, &gt; 0; default 1e-8.
    /// Does not exist for SGD and LARS.
    /// </summary>
    public double Epsilon { get; set; } = 1e-8;
}
