namespace Shampoo.Runtime;

/// <summary>The exponents of corrected eigenvalues, E^e, of blocks of every order. Immutable.</summary>
public sealed class CorrectionExponents
{
    private readonly double _exponent;
    private readonly Dictionary<int, double> _overrides;

    /// <summary>One exponent for all orders.</summary>
    /// <param name="exponent">e &gt; 0</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not a positive number.</exception>
    public CorrectionExponents(double exponent) : this(exponent, []) => RequirePositive(exponent);

    private CorrectionExponents(double exponent, Dictionary<int, double> overrides) => (_exponent, _overrides) = (exponent, overrides);

    /// <summary>Another exponent for the blocks of an order.</summary>
    /// <param name="order">d, at least 1.</param>
    /// <param name="exponent">e &gt; 0</param>
    /// <returns>These exponents, with that one replaced.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public CorrectionExponents Override(int order, double exponent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        RequirePositive(exponent);
        return new(_exponent, new(_overrides) { [order] = exponent });
    }

    /// <summary>The exponent of the blocks of a slice.</summary>
    /// <param name="slice">Blocks of one shape.</param>
    public double Of(BlockSlice slice)
    {
        ArgumentNullException.ThrowIfNull(slice);
        return Of(slice.BlockShape.Count);
    }

    /// <summary>The exponent of the blocks of an order.</summary>
    internal double Of(int order) => _overrides.TryGetValue(Math.Max(order, 1), out var exponent) ? exponent : _exponent;

    private static void RequirePositive(double exponent)
    {
        if (!double.IsFinite(exponent) || exponent <= 0)
            throw new ArgumentOutOfRangeException(nameof(exponent), exponent, "An exponent of corrected eigenvalues has to be a positive number.");
    }
}
