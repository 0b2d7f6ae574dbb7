namespace Shampoo;

/// <summary>
/// The optimizer whose step length a preconditioned direction takes over, block by block:
/// <c>P ← P · ‖P_g‖ / (‖P‖ + 1e-16)</c>. Ĝ is the filtered gradient, V the grafting second moment.
/// </summary>
/// <remarks>
/// <c>TorchSharp.Modules</c> has classes of the same names. In a file that imports it, write <c>GraftingMethod.Adam</c>.
/// </remarks>
public enum GraftingMethod
{
    /// <summary>P_g = Ĝ. No state.</summary>
    SGD,

    /// <summary>V ← V + G², P_g = Ĝ / (√V + ε).</summary>
    Adagrad,

    /// <summary>V ← β₂V + (1 − β₂)G², P_g = Ĝ / (√V + ε), without bias correction.</summary>
    RMSProp,

    /// <summary>V as for <see cref="RMSProp"/>, P_g = Ĝ / (√(V / (1 − β₂ᵗ)) + ε).</summary>
    Adam,

    /// <summary><see cref="Adagrad"/> whose V accumulates G / ‖G‖, the norm taken over the block.</summary>
    NormalizedAdagrad,

    /// <summary><see cref="RMSProp"/> whose V accumulates G / ‖G‖, the norm taken over the block.</summary>
    NormalizedRMSProp,

    /// <summary><see cref="Adam"/> whose V accumulates G / ‖G‖, the norm taken over the block.</summary>
    NormalizedAdam,

    /// <summary><see cref="SGD"/>, then P ← P · ‖W‖ / ‖P‖ over the whole parameter, after the weight decay was added.</summary>
    LARS,

    /// <summary><see cref="Adam"/>, then P ← P · ‖W‖ / ‖P‖ over the whole parameter, after the weight decay was added.</summary>
    LAMB,
}
