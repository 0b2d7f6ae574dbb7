namespace Shampoo.Generators.Parsing;

/// <summary>The exponents e of L^(−e) that a solver of inverse roots takes, and the words for them. 0 needs no solver.</summary>
internal sealed class SolverExponents(Func<(int Numerator, int Denominator), bool> contains, string words)
{
    /// <summary>Powers up to this one are taken.</summary>
    private const int Largest = 64;

    public static readonly SolverExponents Fractions = new(static _ => true, "q/p with q and p up to 64");
    public static readonly SolverExponents Roots = new(static f => f.Numerator == 1, "1/p with p up to 64");
    public static readonly SolverExponents RootsOfPowersOfTwo = new(static f => f.Numerator == 1 && (f.Denominator & (f.Denominator - 1)) == 0, "1/p with p one of 1, 2, 4, 8, 16, 32, 64");

    public bool Contains(double exponent) => exponent == 0 || Fraction(exponent) is { } fraction && contains(fraction);

    public override string ToString() => words;

    /// <summary>The fraction in lowest terms that the exponent is, up to the rounding of double; null if its terms are too large.</summary>
    private static (int, int)? Fraction(double exponent)
    {
        for (int p = 1; p <= Largest; p++)
            if (Math.Round(exponent * p) is >= 1 and <= Largest and var q && Math.Abs(exponent * p - q) <= 1e-13 * q)
                return ((int)q, p);
        return null;
    }
}
