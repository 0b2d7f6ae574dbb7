namespace Shampoo.Runtime;

/// <summary>
/// L_k ← decay·L_k + weight·G₍ₖ₎G₍ₖ₎ᵀ in place on a GPU, by a product for all blocks. Dimensions with others on both sides, whose unfoldings are in many parts, and matrices that are
/// stored in another way than they are computed, are left to operators.
/// </summary>
/// <param name="source">Of the state that the matrices belong to.</param>
/// <param name="factors">L_k, [blocks, d_k, d_k], or their diagonals, [blocks, d_k]; null where there is none.</param>
/// <param name="blas">For the device.</param>
internal sealed class CudaOuterProducts(StateSource source, Tensor?[] factors, CudaBlas blas) : IOuterProducts
{
    private readonly TorchOuterProducts _operators = new(source, factors);
    private readonly Unfolding[] _unfoldings = Unfolding.All(source.BlockShape);

    /// <inheritdoc/>
    public void Accumulate(BlockArray gradient, double decay, double weight)
    {
        for (var k = 0; k < factors.Length; k++)
        {
            if (factors[k] is { } factor && !TryAccumulate(gradient.Stack(), _unfoldings[k], factor, decay, weight))
                _operators.Accumulate(gradient.Stack(), k, decay, weight);
        }
    }

    private bool TryAccumulate(Tensor gradient, in Unfolding unfolding, Tensor factor, double decay, double weight) =>
        (unfolding.Before == 1 || unfolding.After == 1) && factor.dtype == source.ArithmeticType && gradient.dtype == factor.dtype
        && !factor.AreDiagonals() && !factor.ArePacked() && factor.is_contiguous() && gradient.is_contiguous()
        && blas.TryMultiplyByTranspose(gradient, unfolding.IsOneMatrix, weight, decay, factor);
}
