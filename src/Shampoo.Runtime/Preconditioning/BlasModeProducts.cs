using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// P = Ĝ ×₁ X₁ … ×_d X_d by BLAS: blocks are multiplied along one dimension after the other. An item is a panel of rows of a result, or
/// several small parts.
/// </summary>
/// <param name="shape">Of a block.</param>
/// <param name="blocks">The number of blocks.</param>
internal sealed unsafe class BlasModeProducts<T>(IReadOnlyList<long> shape, int blocks) : BlasWork where T : unmanaged, INumberBase<T>
{
    private readonly Unfolding[] _unfoldings = Unfolding.All(shape);
    private readonly BlockMemory[] _source = new BlockMemory[blocks];
    private readonly BlockMemory[] _destination = new BlockMemory[blocks];
    private Unfolding _unfolding;   // of the dimension that is worked on
    private int _items;             // of each block
    private T* _root;               // X_k of the first block

    /// <param name="roots">X_k of every k, [blocks, d_k, d_k].</param>
    /// <param name="source">Ĝ</param>
    /// <param name="destination">P: other memory than the source.</param>
    public void Multiply(Tensor[] roots, BlockArray source, BlockArray destination)
    {
        BlockMemory.Locate(source, _source);
        var between = roots.Length > 1 ? ThreadMemory.Of(blocks * destination.BlockElements * sizeof(T)) : 0;
        for (var k = 0; k < roots.Length; k++)
        {
            // The two take turns, so that the last result comes to the destination.
            var isForDestination = (roots.Length - k) % 2 == 1;
            BlockMemory.LocateDense(destination, isForDestination ? destination.Address(0) : between, _destination);
            _unfolding = _unfoldings[k];
            _root = (T*)NativeTensor.Data(roots[k].Handle);
            _items = ItemsOf(_unfolding);
            MultiplyAll(blocks * _items);
            _destination.CopyTo(_source, 0);
        }
    }

    protected override void Multiply(int item)
    {
        var (block, index) = (item / _items, item % _items);
        var size = _unfolding.Size;
        var root = new MatrixView<T>(_root + block * size * size, size, size, size);
        if (IsOneMatrix(_unfolding))
        {
            MultiplyRows(block, root, index * PanelRows);
        }
        else if (size >= PanelRows)
        {
            var panels = Panels(size);
            MultiplyPart(block, root, index / panels, index % panels * PanelRows);
        }
        else
        {
            var end = Math.Min((index + 1) * SmallParts(size), _unfolding.Before);
            for (var part = index * SmallParts(size); part < end; part++)
                MultiplyPart(block, root, part, 0);
        }
    }

    // Rows of the block as the matrix [Before, Size], times X_k, which is symmetric.
    private void MultiplyRows(int block, in MatrixView<T> root, long start)
    {
        var count = Math.Min(PanelRows, _unfolding.Before - start);
        Blas.Multiply(
            T.One, _unfolding.Transpose<T>(_source[block]).RowRange(start, count), root,
            T.Zero, _unfolding.Transpose<T>(_destination[block]).RowRange(start, count));
    }

    // Rows of X_k times a part of G₍ₖ₎.
    private void MultiplyPart(int block, in MatrixView<T> root, long part, long start)
    {
        var count = Math.Min(PanelRows, _unfolding.Size - start);
        Blas.Multiply(
            T.One, root.RowRange(start, count), _unfolding.Part<T>(_source[block], part),
            T.Zero, _unfolding.Part<T>(_destination[block], part).RowRange(start, count));
    }

    private static int ItemsOf(in Unfolding unfolding) =>
        IsOneMatrix(unfolding) ? Panels(unfolding.Before)
        : unfolding.Size >= PanelRows ? checked((int)unfolding.Before * Panels(unfolding.Size))
        : checked((int)((unfolding.Before + SmallParts(unfolding.Size) - 1) / SmallParts(unfolding.Size)));

    // Whether there is one product for the whole block, and not one for each part.
    private static bool IsOneMatrix(in Unfolding unfolding) => unfolding.After == 1 && unfolding.Before > 1;

    // How many parts make an item.
    private static long SmallParts(long size) => PanelRows / size;
}
