namespace Shampoo.Runtime;

/// <summary>
/// The steps of <see cref="MinimaxNewton"/>. A step takes an eigenvalue x of M to f(x) = x(a(1 − rx))ᵖ. Of all r, the one with
/// f(l) = f(1), r = (1 − l^(1/p))/(1 − l^(1 + 1/p)), makes the image of [l, 1] narrowest, relatively; f is largest at x* = 1/((p + 1)r),
/// and a = (x*(1 − rx*)ᵖ)^(−1/p) makes that 1, so that the image is [f(l), 1].
/// </summary>
/// <remarks>
/// While l is small, this r is that of a larger l, the cushion: near x = 1 the best step subtracts numbers that agree but for l^(1/p), and what
/// these digits cost is never recovered, because X and M round apart. The cushion costs at most one iteration in float32.
/// </remarks>
internal static class MinimaxSchedule
{
    private const double Cushion = 0.02;

    /// <summary>a and r of every step, until the eigenvalues of M are 1 up to a tolerance.</summary>
    /// <param name="p">≥ 1</param>
    /// <param name="l">Lower end of the spectrum, in (0, 1).</param>
    /// <param name="tolerance">Positive. Where the rounding of double is coarser, that decides.</param>
    /// <param name="cushion">Smallest l that r is computed for; 0: the best steps in exact arithmetic.</param>
    public static (double A, double R)[] Steps(int p, double l, double tolerance, double cushion = Cushion)
    {
        var steps = new List<(double, double)>();
        for (var previous = 0.0; l < 1 - tolerance && l > previous;)
        {
            var (a, r) = Step(p, Math.Max(l, cushion));
            steps.Add((a, r));
            (previous, l) = (l, l * Math.Pow(a * (1 - r * l), p));
        }
        return [.. steps];
    }

    private static (double A, double R) Step(int p, double l)
    {
        // The limit for l → 1, where the quotient loses its digits: Newton's own step.
        var r = 1 - l < 1e-7 ? 1.0 / (p + 1) : (1 - Math.Pow(l, 1.0 / p)) / (1 - Math.Pow(l, 1 + 1.0 / p));
        var x = Math.Min(1 / ((p + 1) * r), 1);
        return (Math.Pow(x, -1.0 / p) / (1 - r * x), r);
    }
}
