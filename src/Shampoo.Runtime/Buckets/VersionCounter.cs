namespace Shampoo.Runtime;

/// <summary>
/// Tells autograd of a change that was made by address, which it does not notice: an operator in place, on no element of the parameter, raises
/// the version counter, by which <c>backward</c> knows that a value it needs was changed.
/// </summary>
internal sealed class VersionCounter(Parameter parameter) : IDisposable
{
    // No element of the parameter, but its version counter. Made again only when the memory is another.
    private Tensor? _version;
    private nint _data;
    private bool _isChanged;

    /// <summary>Notes a change.</summary>
    public void MarkChanged() => _isChanged = true;

    /// <summary>Raises the counter if there was a change.</summary>
    /// <param name="data">The memory that was changed.</param>
    public void Raise(nint data)
    {
        if (!_isChanged)
            return;
        _isChanged = false;
        if (_version is null || _data != data)
            Find(data);
        _version!.zero_();
    }

    public void Dispose()
    {
        _version?.Dispose();
        _version = null;
    }

    private void Find(nint data)
    {
        Dispose();
        using var values = parameter.detach();
        _version = values.as_strided([0L], [1L]).DetachFromDisposeScope();
        _data = data;
    }
}
