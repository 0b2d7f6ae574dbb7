namespace Shampoo.Runtime;

/// <summary>P = Ĝ ×₁ M₁ … ×_d M_d by operators on the whole stack: any device, and matrices of another dtype than the blocks.</summary>
/// <param name="source">Of the state that the matrices belong to.</param>
/// <param name="matrices">M_k, [blocks, d_k, d_k], or their diagonals, [blocks, d_k]; null where there is none.</param>
internal sealed class TorchModeProducts(StateSource source, Tensor?[] matrices) : IModeProducts
{
    private const int None = -1;

    /// <inheritdoc/>
    public void Multiply(BlockArray source, BlockArray destination, bool isTransposed) =>
        destination.Adopt(Multiply(source.Stack(), destination.ElementType, isTransposed, None));

    /// <summary>The product with all matrices, or with their transposes.</summary>
    /// <param name="blocks">[blocks, …]</param>
    /// <param name="isTransposed">Whether the transposes are meant.</param>
    /// <returns>[blocks, …] in the dtype of arithmetic: a fresh tensor, owned by the caller.</returns>
    public Tensor Multiply(Tensor blocks, bool isTransposed) => Multiply(blocks, blocks.dtype.Arithmetic(), isTransposed, None);

    /// <summary>The product with the matrices of all dimensions but one.</summary>
    /// <param name="blocks">[blocks, …]</param>
    /// <param name="dimension">The one.</param>
    /// <returns>[blocks, …] in the dtype of arithmetic: a fresh tensor, owned by the caller.</returns>
    public Tensor MultiplyOthers(Tensor blocks, int dimension) => Multiply(blocks, blocks.dtype.Arithmetic(), isTransposed: false, dimension);

    // A fresh contiguous tensor of the dtype.
    private Tensor Multiply(Tensor blocks, ScalarType type, bool isTransposed, int without)
    {
        using var scope = torch.NewDisposeScope();
        if (!HasOtherThan(without))
            return blocks.to_type(type, copy: true).contiguous().MoveToOuterDisposeScope();
        var rotated = blocks.As(type);

        // The first dimension is multiplied and becomes the last one; after d turns all are back in their places.
        for (var k = 0; k < matrices.Length; k++)
        {
            rotated = rotated.reshape(blocks.shape[0], source.BlockShape[k], -1).transpose(1, 2);
            if (k != without && matrices[k]?.Whole().As(type) is { } matrix)
                rotated = matrix.AreDiagonals() ? rotated.mul(matrix.unsqueeze(1)) : rotated.bmm(isTransposed ? matrix : matrix.transpose(1, 2));
        }
        return rotated.reshape([blocks.shape[0], .. source.BlockShape]).contiguous().MoveToOuterDisposeScope();
    }

    private bool HasOtherThan(int without)
    {
        for (var k = 0; k < matrices.Length; k++)
        {
            if (k != without && matrices[k] is not null)
                return true;
        }
        return false;
    }
}
