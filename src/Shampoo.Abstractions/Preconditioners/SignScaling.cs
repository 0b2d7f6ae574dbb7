namespace Shampoo;

/// <summary>What the length of a component of sign descent depends on, beside the argument <c>scale</c>.</summary>
public enum SignScaling
{
    /// <summary>Nothing.</summary>
    Constant,

    /// <summary>The mean of |Ĝ| over the block (Karimireddy et al. 2019).</summary>
    MeanMagnitude,

    /// <summary>The sum of |Ĝ| over the block: steepest descent in the infinity norm (Bernstein and Newhouse 2024).</summary>
    L1Norm,
}
