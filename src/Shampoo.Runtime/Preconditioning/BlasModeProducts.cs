using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// P = Ĝ ×₁ M₁ … ×_d M_d by BLAS: blocks are multiplied along one dimension after the other. An item is a panel of rows of a result, or
/// several small parts. Allocates nothing.
/// </summary>
/// <param name="blockShape">The sizes of a block.</param>
/// <param name="blocks">How many blocks there are.</param>
/// <param name="matrices">M_k, [blocks, d_k, d_k], or their diagonals, [blocks, d_k]; null where there is none.</param>
/// <param name="source">Memory for where the blocks are, one element for each at least.</param>
/// <param name="destination">The same for the results.</param>
internal sealed unsafe class BlasModeProducts<T>(IReadOnlyList<long> blockShape, int blocks, Tensor?[] matrices, BlockMemory[] source, BlockMemory[] destination)
    : BlasWork, IModeProducts where T : unmanaged, INumberBase<T>
{
    private const int None = -1;

    /// <summary>Products with memory of their own.</summary>
    public BlasModeProducts(IReadOnlyList<long> blockShape, int blocks, Tensor?[] matrices) : this(blockShape, blocks, matrices, new BlockMemory[blocks], new BlockMemory[blocks])
    {
    }

    private readonly Unfolding[] _unfoldings = Unfolding.All(blockShape);
    private readonly bool[] _arePacked = Array.ConvertAll(matrices, static matrix => matrix?.ArePacked() == true);
    private readonly BlockMemory[] _source = source;
    private readonly BlockMemory[] _destination = destination;
    private Unfolding _unfolding;   // of the dimension that is worked on
    private int _items;             // of each block
    private T* _matrix;             // M_k of the first block
    private bool _isTransposed;
    private bool _isDiagonal;
    private bool _isPacked;         // then what is above the diagonal in memory counts

    private int Blocks => blocks;

    /// <inheritdoc/>
    public void Multiply(BlockArray source, BlockArray destination, bool isTransposed)
    {
        destination.MarkChanged();
        var products = Products(None);
        if (products == 0)
        {
            destination.Stack().copy_(source.Stack());
            return;
        }
        _isTransposed = isTransposed;
        BlockMemory.Locate<T>(source, _source.AsSpan(0, blocks));
        Multiply(None, destination.Address(0), products > 1 ? ThreadMemory.Of(Bytes) : 0);
    }

    /// <summary>The products with the transposes of all matrices, in the place of the blocks.</summary>
    /// <param name="stack">[blocks, …], dense memory of <typeparamref name="T"/>.</param>
    public void MultiplyTransposed(Tensor stack)
    {
        var products = Products(None);
        if (products == 0)
            return;
        _isTransposed = true;
        var (data, memory) = (NativeTensor.Data(stack.Handle), ThreadMemory.Of(Bytes));
        Locate(data, _source);
        // The first of two products is elsewhere, and so on.
        var endsElsewhere = products % 2 == 1;
        Multiply(None, endsElsewhere ? memory : data, endsElsewhere ? data : memory);
        if (endsElsewhere)
            Buffer.MemoryCopy((void*)memory, (void*)data, Bytes, Bytes);
    }

    /// <summary>The product with the matrices of all dimensions but one.</summary>
    /// <param name="array">Ĝ</param>
    /// <param name="dimension">The one.</param>
    /// <returns>The blocks, valid until the next call on this thread: the array's own if there are no other matrices.</returns>
    public ReadOnlySpan<BlockMemory> MultiplyOthers(BlockArray array, int dimension)
    {
        _isTransposed = false;
        BlockMemory.Locate<T>(array, _source.AsSpan(0, blocks));
        if (Products(dimension) > 0)
        {
            var memory = ThreadMemory.Of(2 * Bytes);
            Multiply(dimension, memory, memory + (nint)Bytes);
        }
        return _source.AsSpan(0, blocks);
    }

    // The blocks of the result are where the blocks of the source were told to be.
    private void Multiply(int without, nint destination, nint between)
    {
        var remaining = Products(without);
        for (var k = 0; k < matrices.Length; k++)
        {
            if (k == without || matrices[k] is not { } matrix)
                continue;
            // The two take turns, so that the last result comes to the destination.
            Locate(remaining-- % 2 == 1 ? destination : between, _destination);
            _unfolding = _unfoldings[k];
            _matrix = (T*)NativeTensor.Data(matrix.Handle);
            _isDiagonal = matrix.AreDiagonals();
            _isPacked = _arePacked[k];
            _items = ItemsOf(_unfolding);
            MultiplyAll(Blocks * _items);
            Array.Copy(_destination, _source, blocks);
        }
    }

    protected override void Multiply(int item)
    {
        var (block, index) = (item / _items, item % _items);
        var size = _unfolding.Size;
        if (_unfolding.IsOneMatrix)
        {
            MultiplyRows(block, index * PanelRows);
        }
        else if (size >= PanelRows)
        {
            var panels = Panels(size);
            MultiplyParts(block, index / panels, 1, index % panels * PanelRows);
        }
        else
        {
            var first = index * SmallParts(size);
            MultiplyParts(block, first, Math.Min(SmallParts(size), _unfolding.Before - first), 0);
        }
    }

    // Rows of the block as the matrix [Before, Size], times M_kᵀ.
    private void MultiplyRows(int block, long start)
    {
        var count = Math.Min(PanelRows, _unfolding.Before - start);
        var source = _unfolding.Transpose<T>(_source[block]).RowRange(start, count);
        var destination = _unfolding.Transpose<T>(_destination[block]).RowRange(start, count);
        if (_isDiagonal)
        {
            Diagonals.MultiplyColumns(source, Diagonal(block), destination);
            return;
        }
        var (size, panel) = (_unfolding.Size, _isPacked ? PanelRows : _unfolding.Size);
        for (long first = 0; first < size; first += panel)
        {
            var rows = Math.Min(panel, size - first);
            Rows(block, first, rows).Multiply(source.Transposed, destination.Transposed.RowRange(first, rows));
        }
    }

    // Rows of M_k times some parts of G₍ₖ₎.
    private void MultiplyParts(int block, long first, long parts, long start)
    {
        var count = Math.Min(PanelRows, _unfolding.Size - start);
        var rows = _isDiagonal ? default : Rows(block, start, count);
        for (var part = first; part < first + parts; part++)
        {
            var source = _unfolding.Part<T>(_source[block], part);
            var destination = _unfolding.Part<T>(_destination[block], part).RowRange(start, count);
            if (_isDiagonal)
                Diagonals.MultiplyRows(Diagonal(block) + start, source.RowRange(start, count), destination);
            else
                rows.Multiply(source, destination);
        }
    }

    // Some rows of M_k. Of a packed one they are valid until the next call on this thread.
    private MatrixRows<T> Rows(int block, long start, long count)
    {
        var size = _unfolding.Size;
        var matrix = new MatrixView<T>(_matrix + block * PackedMatrices.Distance(size, _isPacked), size, size, size);
        return _isPacked
            ? MatrixRows<T>.OfUpper(matrix, start, count, (T*)ThreadMemory.OfItem(count * count * sizeof(T)))
            : MatrixRows<T>.Of((_isTransposed ? matrix.Transposed : matrix).RowRange(start, count));
    }

    private T* Diagonal(int block) => _matrix + block * _unfolding.Size;

    private int Products(int without)
    {
        var count = 0;
        for (var k = 0; k < matrices.Length; k++)
            count += k != without && matrices[k] is not null ? 1 : 0;
        return count;
    }

    private void Locate(nint data, BlockMemory[] stack) => BlockMemory.LocateDense<T>(data, BlockElements, _unfoldings[0].After, stack.AsSpan(0, blocks));

    private long BlockElements => _unfoldings[0].Size * _unfoldings[0].After;

    private long Bytes => Blocks * BlockElements * sizeof(T);

    private static int ItemsOf(in Unfolding unfolding) =>
        unfolding.IsOneMatrix ? Panels(unfolding.Before)
        : unfolding.Size >= PanelRows ? checked((int)unfolding.Before * Panels(unfolding.Size))
        : checked((int)((unfolding.Before + SmallParts(unfolding.Size) - 1) / SmallParts(unfolding.Size)));

    // How many parts make an item.
    private static long SmallParts(long size) => PanelRows / size;
}
