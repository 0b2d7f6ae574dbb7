namespace Shampoo.Runtime;

/// <summary>Powers of many numbers, each of which depends on nothing but its number.</summary>
internal static class Powers
{
    // A multiple of every length of vectors, small enough for torch to leave it to one thread.
    private const long Run = 1L << 14;
    private const long Multiple = 64;

    /// <summary>xᵖ</summary>
    /// <remarks>
    /// On the CPU torch computes most elements by vectors, and those at the ends, which do not fill one, by another function: where a number stands in an array
    /// decides about its last bit. So a matrix would have other roots in another stack. Here every number is part of a full vector.
    /// </remarks>
    /// <param name="x">Positive numbers, or what becomes NaN or infinity.</param>
    /// <param name="power">p</param>
    /// <returns>A fresh tensor of the dispose scope.</returns>
    public static Tensor Of(Tensor x, double power)
    {
        using Scalar p = power;
        if (x.device_type != DeviceType.CPU)
            return x.pow(p);
        using var scope = torch.NewDisposeScope();
        var count = x.numel();
        var padded = torch.ones([(count + Multiple - 1) / Multiple * Multiple], dtype: x.dtype, device: x.device);
        padded.narrow(0, 0, count).copy_(x.reshape(-1));
        for (long start = 0; start < padded.numel(); start += Run)
            padded.narrow(0, start, Math.Min(Run, padded.numel() - start)).pow_(p);
        return padded.narrow(0, 0, count).clone().view(x.shape).MoveToOuterDisposeScope();
    }
}
