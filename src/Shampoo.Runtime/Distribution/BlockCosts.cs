namespace Shampoo.Runtime;

/// <summary>What a block costs its owner: bytes, or work.</summary>
internal static class BlockCosts
{
    private const long Alignment = 64;

    /// <summary>Bytes, rounded up to a multiple of 64, as allocators hand them out.</summary>
    public static long Memory(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Σ_k max(<paramref name="minimum"/>, Σ_i c_i d_kⁱ) over the dimensions d_k of a block.</summary>
    /// <param name="shape">The dimensions.</param>
    /// <param name="coefficients">c_0, c_1, …</param>
    /// <param name="minimum">What a dimension costs at least.</param>
    public static long Polynomial(ReadOnlySpan<long> shape, ReadOnlySpan<long> coefficients, long minimum = 0)
    {
        long cost = 0;
        foreach (var size in shape)
            cost += Math.Max(minimum, Evaluate(coefficients, size));
        return cost;
    }

    // Horner's scheme.
    private static long Evaluate(ReadOnlySpan<long> coefficients, long x)
    {
        long value = 0;
        for (var i = coefficients.Length - 1; i >= 0; i--)
            value = checked(value * x + coefficients[i]);
        return value;
    }
}
