namespace Shampoo;

/// <summary>What the factor matrices average.</summary>
public enum FactorStatistics
{
    /// <summary>G₍ₖ₎G₍ₖ₎ᵀ (Gupta et al. 2018).</summary>
    OuterProducts,

    /// <summary>The same of gradients preconditioned along every other dimension (KL-Shampoo).</summary>
    KullbackLeibler,
}
