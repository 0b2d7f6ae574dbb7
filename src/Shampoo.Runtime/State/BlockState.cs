namespace Shampoo.Runtime;

/// <summary>The state that an optimizer keeps for a range of blocks: stacked arrays, <c>[blocks, …]</c>.</summary>
/// <remarks>The bucket owns the arrays; this object owns the views that it has of them.</remarks>
public abstract class BlockState : IDisposable
{
    private readonly StateSource _source;

    /// <summary>Creates the state.</summary>
    /// <param name="source">Where derived classes get their arrays from, always the same ones in the same order.</param>
    protected BlockState(StateSource source) => _source = source;

    /// <summary>Begins the turn of the slice whose state this is.</summary>
    internal void Begin() => _source.Begin();

    /// <summary>Ends it.</summary>
    internal void End() => _source.End();

    /// <summary>Releases the views; the memory belongs to the bucket.</summary>
    public void Dispose()
    {
        _source.ReleaseViews();
        GC.SuppressFinalize(this);
    }
}
