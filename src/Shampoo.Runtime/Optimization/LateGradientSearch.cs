namespace Shampoo.Runtime;

/// <summary>
/// Looks for NaN and infinity in gradients without waiting for their device: a step computes one flag for each parameter there, and begins
/// to copy them to the host. A later step, as a rule the next one, reads what has arrived.
/// </summary>
/// <remarks>
/// One operator for each gradient, and a few for all of them. The copies go to pinned memory, in which a byte that is neither 0 nor 1 has
/// not arrived yet. There are as many of them as steps that the host is ahead of the device.
/// </remarks>
/// <param name="parameters">Of one device and dtype.</param>
internal class LateGradientSearch(BlockedParameter[] parameters) : IDisposable
{
    private const byte Missing = 255;
    private const int NamedParameters = 8;

    private readonly Queue<(long Step, Tensor Flags)> _pending = [];
    private readonly Stack<Tensor> _free = [];

    /// <summary>Begins to search the gradients of a step.</summary>
    /// <param name="step">Its number.</param>
    public void Begin(long step)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        if (!_free.TryPop(out var flags))
            flags = NewFlags();
        flags.bytes.Fill(Missing);
        Copy(Flags(), flags);
        _pending.Enqueue((step, flags));
    }

    /// <summary>Throws if a gradient of an earlier step whose flags have arrived contained NaN or infinity. Waits for nothing.</summary>
    /// <param name="group">The number of the parameter group.</param>
    /// <exception cref="IncompleteStepException">One did; what had been found of later steps is forgotten.</exception>
    public void RequireNothingFound(int group)
    {
        while (_pending.TryPeek(out var pending) && HasArrived(pending.Flags))
        {
            var found = Found(pending.Flags);
            if (found.Length > 0)
            {
                Forget();
                throw IncompleteStepException.NonFiniteGradients(pending.Step, group, found);
            }
            _free.Push(_pending.Dequeue().Flags);
        }
    }

    /// <summary>Forgets the steps whose flags were not read yet: another state has been loaded.</summary>
    public void Forget()
    {
        foreach (var (_, flags) in _pending)
            flags.Dispose(); // and not used again, as a copy may be on its way
        _pending.Clear();
    }

    public void Dispose()
    {
        Forget();
        foreach (var flags in _free)
            flags.Dispose();
        _free.Clear();
    }

    /// <summary>For every parameter 1 where its gradient contains NaN or infinity, [parameters] on their device. Reads nothing.</summary>
    internal Tensor Flags()
    {
        using Scalar zero = 0.0;
        using var none = torch.zeros([], dtype: parameters[0].Parameter.dtype, device: parameters[0].Parameter.device);
        var extremes = Array.ConvertAll(parameters, parameter => Extremes(parameter, none));
        Tensor low = torch.stack(extremes.Select(static pair => pair.Low)), high = torch.stack(extremes.Select(static pair => pair.High));

        // ∞ − ∞ and NaN are NaN, which is not 0.
        return low.sub(low).add_(high.sub(high)).ne(zero).to_type(ScalarType.Byte);
    }

    /// <summary>Begins to copy the flags to the host.</summary>
    private protected virtual void Copy(Tensor flags, Tensor destination) => destination.copy_(flags, true);

    // Both are NaN where there is one.
    private static (Tensor Low, Tensor High) Extremes(BlockedParameter parameter, Tensor none)
    {
        if (!parameter.IsActive || parameter.Plan.Blocks.Length == 0)
            return (none, none);
        using var gradient = parameter.Parameter.grad!;
        return gradient.aminmax();
    }

    private Tensor NewFlags()
    {
        var flags = torch.empty([parameters.Length], dtype: ScalarType.Byte, device: torch.CPU);
        return (parameters[0].Kind.DeviceType == (int)DeviceType.CUDA ? flags.pin_memory() : flags).DetachFromDisposeScope();
    }

    private static bool HasArrived(Tensor flags) => !flags.bytes.Contains(Missing);

    private string[] Found(Tensor flags)
    {
        var found = new List<string>();
        var bytes = flags.bytes;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != 0)
                found.Add($"'{parameters[i].Name}'");
        }
        return found.Count <= NamedParameters ? [.. found] : [.. found.Take(NamedParameters), $"{found.Count - NamedParameters} more"];
    }
}
