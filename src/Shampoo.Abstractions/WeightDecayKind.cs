namespace Shampoo;

/// <summary>How weights are pulled towards zero; λ is the argument <c>weight_decay</c>.</summary>
public enum WeightDecayKind
{
    /// <summary>G ← G + λW, before every statistic.</summary>
    L2,

    /// <summary>P ← P + λW (Loshchilov and Hutter 2019): the pull scales with the learning rate.</summary>
    Decoupled,

    /// <summary>P ← P + λ·(lr / peak_lr)·W: the pull scales with the square of the learning rate's schedule.</summary>
    Corrected,

    /// <summary>P ← P + (λ / peak_lr)·W.</summary>
    Independent,
}
