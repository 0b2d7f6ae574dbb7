namespace Shampoo;

/// <summary>Averages over the iterates, kept beside or in place of the parameters.</summary>
public enum AveragingMethod
{
    /// <summary>Generalised primal averaging: the parameters hold Y between the fast iterate Z and the average X.</summary>
    PrimalAveraging,

    /// <summary>Schedule-free learning (Defazio et al. 2024): the average is weighted by powers of the learning rate.</summary>
    ScheduleFree,
}
