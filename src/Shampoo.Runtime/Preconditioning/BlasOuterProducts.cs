using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>L_k ← decay·L_k + weight·G₍ₖ₎G₍ₖ₎ᵀ in place, by BLAS. An item is a panel of rows of a factor matrix of a block.</summary>
/// <param name="shape">Of a block.</param>
/// <param name="blocks">The number of blocks.</param>
internal sealed unsafe class BlasOuterProducts<T>(IReadOnlyList<long> shape, int blocks) : BlasWork where T : unmanaged, INumberBase<T>
{
    private readonly Unfolding[] _unfoldings = Unfolding.All(shape);
    private readonly nint[] _factors = new nint[shape.Count];
    private readonly BlockMemory[] _gradient = new BlockMemory[blocks];
    private T _decay;
    private T _weight;

    /// <param name="factors">L_k of every k, [blocks, d_k, d_k].</param>
    /// <param name="gradient">G</param>
    /// <param name="decay">The factor of L_k.</param>
    /// <param name="weight">The factor of the product.</param>
    public void Accumulate(Tensor[] factors, BlockArray gradient, double decay, double weight)
    {
        BlockMemory.Locate(gradient, _gradient);
        (_decay, _weight) = (T.CreateTruncating(decay), T.CreateTruncating(weight));
        var items = 0;
        for (var k = 0; k < factors.Length; k++)
        {
            _factors[k] = NativeTensor.Data(factors[k].Handle);
            items += blocks * Panels(_unfoldings[k].Size);
        }
        MultiplyAll(items);
    }

    // Panels with many columns come first: what is left for the end is small.
    protected override void Multiply(int item)
    {
        var k = 0;
        int panels;
        for (; item >= blocks * (panels = Panels(_unfoldings[k].Size)); k++)
            item -= blocks * panels;
        var (panel, block) = (panels - 1 - item / blocks, item % blocks);
        var size = _unfoldings[k].Size;
        var (start, end) = (panel * PanelRows, Math.Min((panel + 1) * PanelRows, size));
        var factor = (T*)_factors[k] + block * size * size;
        if (_unfoldings.Length == 1)
        {
            RankOne.Add(factor, (T*)_gradient[block].Data, size, start, end, _decay, _weight);
            return;
        }
        Accumulate(k, _gradient[block], new MatrixView<T>(factor, size, size, size), start, end - start);
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
}
