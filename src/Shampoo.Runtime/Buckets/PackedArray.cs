namespace Shampoo.Runtime;

/// <summary>Symmetric matrices that share their memory with others (<see cref="PackedMatrices"/>). They are saved as whole matrices.</summary>
internal sealed class PackedArray : StackedArray
{
    private readonly StackedArray _pairs;   // [blocks, n + 1, n], the same object for both
    private readonly Func<Tensor, Tensor> _view;

    private PackedArray(string name, StackedArray pairs, Func<Tensor, Tensor> view) : base(name, View(pairs, view)) => (_pairs, _view) = (pairs, view);

    /// <summary>The factors.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="pairs">[blocks, n + 1, n], which belongs to both arrays from now on.</param>
    public static PackedArray OfFactors(string name, Tensor pairs) => new(name, new StackedArray(name, pairs), PackedMatrices.FactorsOf);

    /// <summary>The roots that share the memory of these factors.</summary>
    public PackedArray Roots(string name) => new(name, _pairs, PackedMatrices.RootsOf);

    /// <inheritdoc/>
    public override long Bytes => _pairs.Bytes / 2;

    /// <inheritdoc/>
    public override Tensor Block(int position)
    {
        using var block = Tensor.narrow(0, position, 1);
        using var whole = block.Whole();
        return whole.squeeze(0);
    }

    /// <inheritdoc/>
    public override void Replace(int position, Action<Tensor> fill)
    {
        using var scope = torch.NewDisposeScope();
        var block = Tensor.narrow(0, position, 1);
        var whole = torch.empty(block.shape, dtype: block.dtype, device: block.device);
        fill(whole.squeeze(0));
        block.Store(whole);
    }

    /// <inheritdoc/>
    public override void Move(torch.Device device)
    {
        _pairs.Move(device); // where the other one has moved it already, it stays
        Tensor.Dispose();
        Tensor = View(_pairs, _view);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _pairs.Dispose();
    }

    private static Tensor View(StackedArray pairs, Func<Tensor, Tensor> view) => view(pairs.Tensor).DetachFromDisposeScope();
}
