using System;

namespace Shampoo;

/// <summary>
/// Averages the iterates. The optimizer then has <c>train()</c> and <c>eval()</c>, which switch the parameters
/// between the point where gradients are taken and the average. State: one array of the size of the parameters.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class IterateAveragingAttribute : Attribute
{
    /// <param name="method">The rule of the average.</param>
    public IterateAveragingAttribute(AveragingMethod method) => Method = method;

    /// <summary>The rule of the average.</summary>
    public AveragingMethod Method { get; }

    /// <summary>μ_y, weight of the average in the point where gradients are taken, in (0, 1]; default 0.9.</summary>
    public double TrainInterpolation { get; set; } = 0.9;

    /// <summary>μ_x, weight of the old average, in [0, 1); default 0.9. Primal averaging only.</summary>
    public double EvaluationInterpolation { get; set; } = 0.9;

    /// <summary>Power of the learning rate that weights an iterate, ≥ 0; default 2. Schedule-free only.</summary>
    public double LearningRatePower { get; set; } = 2;
}
