namespace Shampoo.Runtime;

/// <summary>L_k ← decay·L_k + weight·G₍ₖ₎G₍ₖ₎ᵀ by operators on the whole stack: any device, and matrices of another dtype than the blocks.</summary>
/// <param name="source">Of the state that the matrices belong to.</param>
/// <param name="factors">L_k, [blocks, d_k, d_k], or their diagonals, [blocks, d_k]; null where there is none.</param>
internal sealed class TorchOuterProducts(StateSource source, Tensor?[] factors) : IOuterProducts
{
    /// <inheritdoc/>
    public void Accumulate(BlockArray gradient, double decay, double weight)
    {
        for (var k = 0; k < factors.Length; k++)
        {
            if (factors[k] is not null)
                Accumulate(gradient.Stack(), k, decay, weight);
        }
    }

    /// <summary>The same for one dimension.</summary>
    /// <param name="gradient">G, [blocks, …].</param>
    /// <param name="dimension">k, which has an L_k.</param>
    /// <param name="decay">The factor of L_k.</param>
    /// <param name="weight">The factor of the product.</param>
    public void Accumulate(Tensor gradient, int dimension, double decay, double weight)
    {
        using Scalar decayScalar = decay, weightScalar = weight;
        using var scope = torch.NewDisposeScope();
        var factor = factors[dimension]!;
        var product = OuterProduct(gradient, dimension, factor);
        if (factor.dtype == factor.dtype.Arithmetic() && !factor.ArePacked())
        {
            Add(factor, decayScalar, product, weightScalar);
            return;
        }
        // Rounded once.
        var wide = factor.Whole().As(factor.dtype.Arithmetic());
        Add(wide, decayScalar, product, weightScalar);
        factor.Store(wide);
    }

    private static void Add(Tensor factor, Scalar decay, Tensor product, Scalar weight)
    {
        if (decay.ToDouble() != 1)
            factor.mul_(decay);
        factor.add_(product, weight);
    }

    // G₍ₖ₎G₍ₖ₎ᵀ, or its diagonal, as the factor is; the order of the columns of G₍ₖ₎ does not matter.
    private Tensor OuterProduct(Tensor gradient, int k, Tensor factor)
    {
        using var scope = torch.NewDisposeScope();
        var typed = gradient.As(factor.dtype.Arithmetic());
        var rows = typed.transpose(1, k + 1).reshape(source.Count, source.BlockShape[k], -1);
        return (factor.AreDiagonals() ? rows.square().sum([-1L]) : rows.bmm(rows.transpose(1, 2))).MoveToOuterDisposeScope();
    }
}

internal static class TensorTypes
{
    /// <summary>The tensor itself if it has the dtype, or else a new one.</summary>
    public static Tensor As(this Tensor tensor, ScalarType type) => tensor.dtype == type ? tensor : tensor.to_type(type);
}
