namespace Shampoo.Runtime;

/// <summary>
/// State that is stored in 8 bits: in a slice's turn a workspace with its values, in the arithmetic's dtype, which sweeps and products work on;
/// when the turn ends, they are stored. So all that happens in a step to a slice happens to numbers that are not rounded.
/// </summary>
/// <param name="bucket">Whose state it is.</param>
/// <param name="name">Its name in saved state.</param>
/// <param name="blocks">The blocks as they are stored; owned by this object.</param>
internal sealed class DequantizedArray(Bucket bucket, string name, QuantizedBlocks blocks) : BlockArray(bucket.BlockShape, bucket.WorkspaceType)
{
    private WorkspaceView? _view;
    private bool _isInTurn;

    public override Tensor Stack() => _isInTurn ? _view!.Stack() : throw new InvalidOperationException($"The values of {name} are there in a slice's turn only.");

    public override Tensor Load() => Stack().alias();

    // What Load gave are the values themselves.
    public override void Store(Tensor contents)
    {
    }

    public override void Clear()
    {
        using var cleared = Stack().zero_();
    }

    internal override nint Address(int block) => _view!.RowData(block);

    internal override void Begin()
    {
        _view ??= bucket.View($"values of {name}", (int)blocks.Codes.shape[0]);
        blocks.CopyTo(_view.Stack());
        _isInTurn = true;
    }

    internal override void End()
    {
        if (!_isInTurn)
            return;
        _isInTurn = false;
        blocks.TakeFrom(_view!.Stack());
    }

    internal override void Release()
    {
        _isInTurn = false; // with whatever is stored: the values may be another slice's already
        _view?.Dispose();
        blocks.Dispose();
    }
}
