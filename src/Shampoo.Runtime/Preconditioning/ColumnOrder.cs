namespace Shampoo.Runtime;

/// <summary>
/// The order into which the columns of the eigenbases of some neighbouring blocks are brought, for what belongs to them one by one: for every dimension k that
/// has a basis which column comes to every place, as they are until it is set. Its tensors belong to the dispose scope in which it is made.
/// </summary>
internal sealed class ColumnOrder
{
    private readonly Tensor?[] _columns;    // [blocks, d_k] of Int64
    private readonly int _first, _count, _origin;

    /// <param name="factors">The factor matrices of the bases, [blocks, d_k, d_k]; null where there is none.</param>
    /// <param name="first">The first block.</param>
    /// <param name="count">The number of blocks.</param>
    /// <param name="origin">The block that arrays begin with.</param>
    public ColumnOrder(Tensor?[] factors, int first, int count, int origin = 0)
    {
        (_first, _count, _origin) = (first, count, origin);
        _columns = Array.ConvertAll(factors, factor =>
            factor is null ? null : torch.arange(factor.shape[^1], dtype: ScalarType.Int64, device: factor.device).repeat(count, 1));
    }

    /// <summary>Sets the order of some neighbouring blocks.</summary>
    /// <param name="columns">Which column comes to every place, [matrices, d_k]; of any dtype.</param>
    /// <param name="dimension">k</param>
    /// <param name="firstBlock">Which block the first one belongs to.</param>
    public void Set(Tensor columns, int dimension, int firstBlock)
    {
        using var destination = _columns[dimension]!.narrow(0, firstBlock - _first, columns.shape[0]);
        destination.copy_(columns);
    }

    /// <summary>Brings the elements of an array into the order, along every dimension.</summary>
    /// <param name="array">[blocks, …]: a part of the state.</param>
    public void Apply(BlockArray array)
    {
        ArgumentNullException.ThrowIfNull(array);
        using var scope = torch.NewDisposeScope();
        var stack = array.Stack().narrow(0, _first - _origin, _count);
        var sorted = stack;
        for (var k = 0; k < _columns.Length; k++)
        {
            if (_columns[k] is { } columns)
                sorted = sorted.gather(k + 1, Along(k + 1, columns, stack.shape).expand(stack.shape));
        }
        if (!ReferenceEquals(sorted, stack))
            stack.copy_(sorted);
    }

    private static Tensor Along(int dimension, Tensor columns, long[] shape)
    {
        var sizes = Array.ConvertAll(shape, static _ => 1L);
        (sizes[0], sizes[dimension]) = (shape[0], shape[dimension]);
        return columns.reshape(sizes);
    }
}
