namespace Shampoo.Runtime;

/// <summary>The sums of G₍ₖ₎G₍ₖ₎ᵀ of a stack of blocks, L_k  [blocks, d_k, d_k]; only for some dimensions k.</summary>
internal interface IOuterProducts
{
    /// <summary>L_k ← decay·L_k + weight·G₍ₖ₎G₍ₖ₎ᵀ, for every dimension k that has an L_k.</summary>
    void Accumulate(BlockArray gradient, double decay, double weight);
}

internal static class OuterProducts
{
    /// <summary>BLAS where it can work on the matrices as they are stored, cuBLAS on a GPU where it is there, and operators everywhere else.</summary>
    /// <param name="source">Of the state that the matrices belong to.</param>
    /// <param name="factors">L_k; null where there is none.</param>
    public static IOuterProducts Choose(StateSource source, Tensor?[] factors) => source.ArithmeticType switch
    {
        ScalarType.Float32 when source.CanUseBlas(factors) => new BlasOuterProducts<float>(source, factors),
        ScalarType.Float64 when source.CanUseBlas(factors) => new BlasOuterProducts<double>(source, factors),
        _ when CudaBlas.TryFind(source.Kind, source.ArithmeticType) is { } blas => new CudaOuterProducts(source, factors, blas),
        _ => new TorchOuterProducts(source, factors),
    };
}
