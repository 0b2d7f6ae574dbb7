namespace Shampoo.Runtime;

/// <summary>
/// Looks for NaN and infinity in gradients without waiting for their device: a step computes one flag for each parameter there, and begins
/// to copy them to the host. A later step, as a rule the next one, reads what has arrived.
/// </summary>
/// <remarks>One operator for each gradient, and a few for all of them.</remarks>
/// <param name="parameters">Of one device and dtype.</param>
internal class LateGradientSearch(BlockedParameter[] parameters) : LateFlags(parameters.Length, (DeviceType)parameters[0].Kind.DeviceType)
{
    private const int NamedParameters = 8;

    /// <summary>Begins to search the gradients of a step.</summary>
    /// <param name="step">Its number.</param>
    public void Begin(long step)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        Send(step, Flags());
    }

    /// <summary>Throws if a gradient of an earlier step whose flags have arrived contained NaN or infinity. Waits for nothing.</summary>
    /// <param name="group">The number of the parameter group.</param>
    /// <exception cref="IncompleteStepException">One did; what had been found of later steps is forgotten.</exception>
    public void RequireNothingFound(int group)
    {
        while (TryRead(out var step, out var flags))
        {
            var found = Found(flags);
            if (found.Length > 0)
            {
                Forget();
                throw IncompleteStepException.NonFiniteGradients(step, group, found);
            }
            EndRead();
        }
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

    // Both are NaN where there is one.
    private static (Tensor Low, Tensor High) Extremes(BlockedParameter parameter, Tensor none)
    {
        if (!parameter.IsActive || parameter.Plan.Blocks.Length == 0)
            return (none, none);
        using var gradient = parameter.Parameter.grad!;
        return gradient.aminmax();
    }

    private string[] Found(ReadOnlySpan<byte> flags)
    {
        var found = new List<string>();
        for (var i = 0; i < flags.Length; i++)
        {
            if (flags[i] != 0)
                found.Add($"'{parameters[i].Name}'");
        }
        return found.Count <= NamedParameters ? [.. found] : [.. found.Take(NamedParameters), $"{found.Count - NamedParameters} more"];
    }
}
