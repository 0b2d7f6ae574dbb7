namespace Shampoo.Runtime;

/// <summary>
/// The last step of <see cref="MinimaxNewton"/>: T = Σ_j c_j Eʲ ≈ M^(−1/p) for j up to 4, where E = (M − centre·I)/half, whose eigenvalues
/// lie in [−1, 1]. The polynomial has the values of x^(−1/p) at the zeros of the Chebyshev polynomial of degree 5. After the last step nobody
/// needs M, so that two products for T are less than the powers of another T = aI − arM.
/// </summary>
/// <remarks>
/// Its error in [l, 1] is at most b((1 − l)/2)⁵/2⁴ of x^(−1/p), with b = l^(−5 − 1/p) Π_{i=1…5} (1 + (i − 1)p)/(ip), what the fifth
/// coefficient of Taylor has for its magnitude at l. Below l it is less than x^(−1/p), as the fifth derivative is negative.
/// </remarks>
internal sealed class FinalStep
{
    private const int Degree = 4;

    // The rounding errors of c_j, about 1e-15 whatever their size is, come to noise·Eʲ at an eigenvalue far below l: from narrower intervals they would be all that is left there.
    private const double Narrowest = 2e-3;

    /// <param name="p">≥ 1</param>
    /// <param name="l">Lower end of the spectrum of M, in (0, 1].</param>
    public FinalStep(int p, double l)
    {
        Half = Math.Max(1 - l, Narrowest) / 2;
        Center = 1 - Half;
        var values = new double[Degree + 1];
        for (var k = 0; k <= Degree; k++)
            values[k] = Math.Pow(Center + Half * Math.Cos(Angle(k)), -1.0 / p);
        var a = new double[Degree + 1];
        for (var j = 0; j <= Degree; j++)
        {
            for (var k = 0; k <= Degree; k++)
                a[j] += values[k] * Math.Cos(j * Angle(k)) * (j == 0 ? 1 : 2) / (Degree + 1);
        }
        // Σ_j a_j T_j, by T₂ = 2x² − 1, T₃ = 4x³ − 3x, T₄ = 8x⁴ − 8x² + 1
        Coefficients = [a[0] - a[2] + a[4], a[1] - 3 * a[3], 2 * a[2] - 8 * a[4], 4 * a[3], 8 * a[4]];
    }

    /// <summary>The middle of [l, 1], or of [0.998, 1] where that is wider.</summary>
    public double Center { get; }

    /// <summary>Half of the length of that interval.</summary>
    public double Half { get; }

    /// <summary>c₀ … c₄</summary>
    public IReadOnlyList<double> Coefficients { get; }

    /// <summary>The largest 1 − l for which the relative error of T is at most this one.</summary>
    /// <param name="p">≥ 1</param>
    /// <param name="error">Positive.</param>
    public static double WidestInterval(int p, double error)
    {
        var coefficient = 1.0;
        for (var i = 1; i <= Degree + 1; i++)
            coefficient *= (1 + (i - 1.0) * p) / ((double)i * p);
        double low = 0, high = 1;
        while (high - low > 1e-6 * high)
        {
            var width = (low + high) / 2;
            var bound = coefficient * Math.Pow(1 - width, -Degree - 1 - 1.0 / p) * Math.Pow(width / 2, Degree + 1) / (1 << Degree);
            (low, high) = bound <= error ? (width, high) : (low, width);
        }
        return low;
    }

    private static double Angle(int k) => Math.PI * (2 * k + 1) / (2 * (Degree + 1));
}
