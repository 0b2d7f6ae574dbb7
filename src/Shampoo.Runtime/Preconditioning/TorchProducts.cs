namespace Shampoo.Runtime;

/// <summary>Products by operators on the whole stack: any device, and matrices of another dtype than the blocks.</summary>
internal sealed class TorchProducts(StateSource source, Tensor[] matrices) : MatrixProducts
{
    public override void Accumulate(BlockArray gradient, double decay, double weight)
    {
        using Scalar decayScalar = decay, weightScalar = weight;
        for (var k = 0; k < matrices.Length; k++)
        {
            using var product = OuterProduct(gradient.Stack(), k);
            if (decay != 1)
                matrices[k].mul_(decayScalar);
            matrices[k].add_(product, weightScalar);
        }
    }

    public override void Multiply(BlockArray source, BlockArray destination) => destination.Adopt(Multiply(source.Stack(), destination.ElementType));

    // A fresh contiguous tensor of the dtype.
    private Tensor Multiply(Tensor blocks, ScalarType type)
    {
        using var scope = torch.NewDisposeScope();
        var rotated = blocks.As(type);

        // The first dimension is multiplied and becomes the last one; after d turns all are back in their places.
        for (var k = 0; k < matrices.Length; k++)
        {
            var rows = rotated.reshape(source.Count, source.BlockShape[k], -1).transpose(1, 2);
            rotated = rows.bmm(matrices[k].As(type).transpose(1, 2));
        }
        return rotated.view([source.Count, .. source.BlockShape]).MoveToOuterDisposeScope();
    }

    // G₍ₖ₎G₍ₖ₎ᵀ, [blocks, d_k, d_k]; the order of the columns of G₍ₖ₎ does not matter.
    private Tensor OuterProduct(Tensor gradient, int k)
    {
        using var scope = torch.NewDisposeScope();
        var typed = gradient.As(matrices[k].dtype.Arithmetic());
        var rows = typed.transpose(1, k + 1).reshape(source.Count, source.BlockShape[k], -1);
        return rows.bmm(rows.transpose(1, 2)).MoveToOuterDisposeScope();
    }
}

internal static class TensorTypes
{
    /// <summary>The tensor itself if it has the dtype, or else a new one.</summary>
    public static Tensor As(this Tensor tensor, ScalarType type) => tensor.dtype == type ? tensor : tensor.to_type(type);
}
