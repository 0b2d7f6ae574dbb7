namespace Shampoo.Runtime;

/// <summary>An exponent as a fraction q/p in lowest terms: A^(−q/p) is the q-th power of the inverse p-th root.</summary>
/// <param name="Numerator">q ≥ 1</param>
/// <param name="Denominator">p ≥ 1</param>
internal readonly record struct RootFraction(int Numerator, int Denominator)
{
    /// <summary>Powers up to this one are taken.</summary>
    public const int Largest = 64;

    /// <summary>The fraction that an exponent is, up to the rounding of double.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No q/p with p and q up to 64 is.</exception>
    public static RootFraction Of(double exponent)
    {
        for (var p = 1; p <= Largest; p++)
        {
            var q = Math.Round(exponent * p);
            if (q is >= 1 and <= Largest && Math.Abs(exponent * p - q) <= 1e-13 * q)
                return new((int)q, p);
        }
        throw new ArgumentOutOfRangeException(nameof(exponent), exponent, $"This solver takes exponents q/p with q and p from 1 to {Largest}.");
    }

    /// <summary>p of an exponent 1/p.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The exponent is no 1/p with p up to 64.</exception>
    public static int RootOf(double exponent)
    {
        var fraction = Of(exponent);
        return fraction.Numerator == 1
            ? fraction.Denominator
            : throw new ArgumentOutOfRangeException(nameof(exponent), exponent, $"This solver takes exponents 1/p with p from 1 to {Largest}.");
    }
}
