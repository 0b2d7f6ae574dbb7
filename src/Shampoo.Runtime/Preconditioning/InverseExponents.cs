namespace Shampoo.Runtime;

/// <summary>
/// The exponents e of the inverse roots X_k = L_k^(−e) of every dimension k of a block of order d: 1/(2·max(d, 1)) where nothing else is said.
/// Immutable.
/// </summary>
public sealed class InverseExponents
{
    private const int EveryDimension = -1;

    private readonly double _multiplier;
    private readonly Dictionary<(int Order, int Dimension), double> _overrides;

    /// <summary>The usual exponents, all multiplied by a number.</summary>
    /// <param name="multiplier">Positive. It multiplies exponents that replace the usual ones too.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not a positive number.</exception>
    public InverseExponents(double multiplier = 1) : this(multiplier, [])
    {
        if (!double.IsFinite(multiplier) || multiplier <= 0)
            throw new ArgumentOutOfRangeException(nameof(multiplier), multiplier, "The multiplier of the exponents has to be a positive number.");
    }

    private InverseExponents(double multiplier, Dictionary<(int, int), double> overrides) => (_multiplier, _overrides) = (multiplier, overrides);

    /// <summary>Without overrides and with the multiplier 1.</summary>
    internal static InverseExponents Default { get; } = new();

    /// <summary>Another exponent for all dimensions of the blocks of an order, but for those that have one of their own.</summary>
    /// <param name="order">d, at least 1.</param>
    /// <param name="exponent">e ≥ 0; 0 leaves the dimensions without matrices, and unpreconditioned.</param>
    /// <returns>These exponents, with that one replaced.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public InverseExponents Override(int order, double exponent) => With(order, EveryDimension, exponent);

    /// <summary>Another exponent for one dimension of the blocks of an order.</summary>
    /// <param name="order">d, at least 1.</param>
    /// <param name="dimension">k, from 0 to d − 1.</param>
    /// <param name="exponent">e ≥ 0; 0 leaves the dimension without matrices, and unpreconditioned.</param>
    /// <returns>These exponents, with that one replaced.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public InverseExponents Override(int order, int dimension, double exponent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dimension);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(dimension, order);
        return With(order, dimension, exponent);
    }

    /// <summary>The exponent of a dimension; 0 if it is not preconditioned.</summary>
    internal double Of(int order, int dimension) =>
        _multiplier * (_overrides.TryGetValue((order, dimension), out var exponent) || _overrides.TryGetValue((order, EveryDimension), out exponent)
            ? exponent
            : 1.0 / (2 * Math.Max(order, 1)));

    private InverseExponents With(int order, int dimension, double exponent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        if (!double.IsFinite(exponent) || exponent < 0)
            throw new ArgumentOutOfRangeException(nameof(exponent), exponent, "An exponent has to be a number of at least 0.");
        return new(_multiplier, new(_overrides) { [(order, dimension)] = exponent });
    }
}
