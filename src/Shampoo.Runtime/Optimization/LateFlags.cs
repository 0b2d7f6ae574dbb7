namespace Shampoo.Runtime;

/// <summary>
/// Flags that a step computes on a device, and that a later step, as a rule the next one, reads without waiting for it.
/// </summary>
/// <remarks>
/// The copies go to pinned memory, in which a byte that is neither 0 nor 1 has not arrived yet. There are as many of them as steps that the
/// host is ahead of the device.
/// </remarks>
/// <param name="count">How many flags a step has.</param>
/// <param name="device">Where they are computed.</param>
internal abstract class LateFlags(int count, DeviceType device) : IDisposable
{
    private const byte Missing = 255;

    private readonly Queue<(long Step, Tensor Flags)> _pending = [];
    private readonly Stack<Tensor> _free = [];
    private int _earlier; // of those pending, when the step began

    /// <summary>Begins a step: what is sent from now on is of it.</summary>
    public void BeginStep() => _earlier = _pending.Count;

    /// <summary>Forgets the flags of this step, and none of those of earlier ones.</summary>
    public void ForgetStep()
    {
        var count = _pending.Count;
        for (var i = 0; i < count; i++)
        {
            var next = _pending.Dequeue();
            if (i < _earlier)
                _pending.Enqueue(next);
            else
                next.Flags.Dispose(); // and not used again, as a copy may be on its way
        }
    }

    /// <summary>Forgets the steps whose flags were not read yet: another state has been loaded, or they do not matter any more.</summary>
    public void Forget()
    {
        foreach (var (_, flags) in _pending)
            flags.Dispose(); // and not used again, as a copy may be on its way
        _pending.Clear();
    }

    public virtual void Dispose()
    {
        Forget();
        foreach (var flags in _free)
            flags.Dispose();
        _free.Clear();
    }

    /// <summary>Begins to copy the flags of a step to the host.</summary>
    /// <param name="step">Its number.</param>
    /// <param name="flags">0 or 1, [count] on the device.</param>
    protected void Send(long step, Tensor flags)
    {
        if (!_free.TryPop(out var destination))
            destination = NewFlags();
        destination.bytes.Fill(Missing);
        Copy(flags, destination);
        _pending.Enqueue((step, destination));
    }

    /// <summary>The flags of the first step that were not read yet, if they have arrived. Waits for nothing.</summary>
    protected bool TryRead(out long step, out ReadOnlySpan<byte> flags)
    {
        var isThere = _pending.TryPeek(out var first) && !first.Flags.bytes.Contains(Missing);
        step = first.Step;
        flags = isThere ? first.Flags.bytes : default;
        return isThere;
    }

    /// <summary>Ends the reading of the flags that <see cref="TryRead"/> gave.</summary>
    protected void EndRead()
    {
        _free.Push(_pending.Dequeue().Flags);
        _earlier = Math.Max(0, _earlier - 1);
    }

    /// <summary>Begins to copy flags to the host.</summary>
    private protected virtual void Copy(Tensor flags, Tensor destination) => destination.copy_(flags, true);

    private Tensor NewFlags()
    {
        var flags = torch.empty([count], dtype: ScalarType.Byte, device: torch.CPU);
        return (device == DeviceType.CUDA ? flags.pin_memory() : flags).DetachFromDisposeScope();
    }
}
