using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>L_k ← decay·L_k + weight·G₍ₖ₎G₍ₖ₎ᵀ in place, by BLAS. An item is a panel of rows of a factor matrix of a block. Allocates nothing.</summary>
/// <param name="source">Of the state that the matrices belong to.</param>
/// <param name="factors">L_k, [blocks, d_k, d_k], or their diagonals, [blocks, d_k]; null where there is none.</param>
internal sealed unsafe class BlasOuterProducts<T>(StateSource source, Tensor?[] factors) : BlasWork, IOuterProducts where T : unmanaged, INumberBase<T>
{
    private readonly Unfolding[] _unfoldings = Unfolding.All(source.BlockShape);
    private readonly nint[] _factors = new nint[factors.Length]; // 0 for those that are not worked on
    private readonly bool[] _areDiagonals = Array.ConvertAll(factors, static factor => factor?.AreDiagonals() == true);
    private readonly bool[] _arePacked = Array.ConvertAll(factors, static factor => factor?.ArePacked() == true);
    private readonly BlockMemory[] _gradient = new BlockMemory[source.Count];
    private T _decay;
    private T _weight;

    private int Blocks => _gradient.Length;

    /// <inheritdoc/>
    public void Accumulate(BlockArray gradient, double decay, double weight)
    {
        BlockMemory.Locate<T>(gradient, _gradient);
        for (var k = 0; k < factors.Length; k++)
            _factors[k] = Address(k);
        Accumulate(decay, weight);
    }

    /// <summary>The same for one dimension.</summary>
    /// <param name="gradient">G, of every block.</param>
    /// <param name="dimension">k, which has an L_k.</param>
    /// <param name="decay">The factor of L_k.</param>
    /// <param name="weight">The factor of the product.</param>
    public void Accumulate(ReadOnlySpan<BlockMemory> gradient, int dimension, double decay, double weight)
    {
        gradient.CopyTo(_gradient);
        Array.Clear(_factors);
        _factors[dimension] = Address(dimension);
        Accumulate(decay, weight);
    }

    private void Accumulate(double decay, double weight)
    {
        (_decay, _weight) = (T.CreateTruncating(decay), T.CreateTruncating(weight));
        var items = 0;
        for (var k = 0; k < _factors.Length; k++)
            items += ItemsOf(k);
        MultiplyAll(items);
    }

    // Panels with many columns come first: what is left for the end is small.
    protected override void Multiply(int item)
    {
        var k = 0;
        int items;
        for (; item >= (items = ItemsOf(k)); k++)
            item -= items;
        var (panel, block) = (items / Blocks - 1 - item / Blocks, item % Blocks);
        var size = _unfoldings[k].Size;
        var (start, end) = (panel * PanelRows, Math.Min((panel + 1) * PanelRows, size));
        if (_areDiagonals[k])
        {
            Diagonals.AddSquares((T*)_factors[k] + block * size, _unfoldings[k], _gradient[block], start, end, _decay, _weight);
            return;
        }
        var factor = (T*)_factors[k] + block * PackedMatrices.Distance(size, _arePacked[k]);
        if (_unfoldings.Length == 1)
        {
            RankOne.Add(factor, (T*)_gradient[block].Data, size, start, end, _decay, _weight, _arePacked[k]);
            return;
        }
        Accumulate(k, _gradient[block], new MatrixView<T>(factor, size, size, size), start, end - start);
        if (!_arePacked[k])
            Symmetry.CopyToUpper(factor, size, start, end);
    }

    private void Accumulate(int k, in BlockMemory gradient, in MatrixView<T> factor, long start, long count)
    {
        var unfolding = _unfoldings[k];
        var panel = factor.RowRange(start, count);
        var parts = k == _unfoldings.Length - 1 ? 1 : unfolding.Before;
        for (long part = 0; part < parts; part++)
        {
            var matrix = k == _unfoldings.Length - 1 ? unfolding.Transpose<T>(gradient).Transposed : unfolding.Part<T>(gradient, part);
            var (rows, decay) = (matrix.RowRange(start, count), part == 0 ? _decay : T.One);
            if (start > 0)
                Blas.Multiply(_weight, rows, matrix.RowRange(0, start).Transposed, decay, panel.ColumnRange(0, start));
            Blas.MultiplyByTranspose(_weight, rows, decay, panel.ColumnRange(start, count));
        }
    }

    private int ItemsOf(int k) => _factors[k] == 0 ? 0 : Blocks * Panels(_unfoldings[k].Size);

    private nint Address(int k) => factors[k] is { } factor ? NativeTensor.Data(factor.Handle) : 0;
}
