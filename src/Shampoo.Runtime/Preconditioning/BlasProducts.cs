using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>Products by BLAS, block by block where the blocks are. Allocates nothing.</summary>
internal sealed class BlasProducts<T>(StateSource source, Tensor[] matrices) : MatrixProducts where T : unmanaged, INumberBase<T>
{
    private readonly BlasOuterProducts<T> _outerProducts = new(source.BlockShape, source.Count);
    private readonly BlasModeProducts<T> _modeProducts = new(source.BlockShape, source.Count);

    public override void Accumulate(BlockArray gradient, double decay, double weight) =>
        _outerProducts.Accumulate(matrices, gradient, decay, weight);

    public override void Multiply(BlockArray source, BlockArray destination)
    {
        destination.MarkChanged();
        _modeProducts.Multiply(matrices, source, destination);
    }
}
