namespace Shampoo.Runtime;

/// <summary>
/// The steps of <see cref="MinimaxNewton"/>. A step takes an eigenvalue x of M to f(x) = x(a(1 − rx))ᵖ. Of all r, the one with
/// f(l) = f(1), r = (1 − l^(1/p))/(1 − l^(1 + 1/p)), makes the image of [l, 1] narrowest, relatively; f is largest at x* = 1/((p + 1)r),
/// and a = (x*(1 − rx*)ᵖ)^(−1/p) makes that 1, so that the image is [f(l), 1].
/// </summary>
/// <remarks>
/// While l is small, this r is that of a larger l, the cushion: near x = 1 the best step subtracts numbers that agree but for l^(1/p), and what
/// these digits cost is never recovered, because X and M round apart. The cushion costs at most two iterations in float32.
/// </remarks>
/// <param name="Steps">a and r of every step but the last.</param>
/// <param name="Last">The last one.</param>
internal sealed record MinimaxSchedule(IReadOnlyList<(double A, double R)> Steps, FinalStep Last)
{
    private const double Cushion = 0.02;

    /// <summary>The steps from a spectrum to the inverse root.</summary>
    /// <param name="p">≥ 1</param>
    /// <param name="l">Lower end of the spectrum, in (0, 1).</param>
    /// <param name="error">Of the root, relatively, in exact arithmetic. Positive; where the rounding of double is coarser, that decides.</param>
    public static MinimaxSchedule Of(int p, double l, double error)
    {
        var (steps, lowest) = Narrow(p, l, FinalStep.WidestInterval(p, error));
        return new(steps, new FinalStep(p, lowest));
    }

    /// <summary>a and r of the steps that make the spectrum narrow, one at least.</summary>
    /// <param name="p">≥ 1</param>
    /// <param name="l">Lower end of the spectrum, in (0, 1).</param>
    /// <param name="width">Of the interval that is left. Positive; where the rounding of double is coarser, that decides.</param>
    /// <param name="cushion">Smallest l that r is computed for; 0: the best steps in exact arithmetic.</param>
    /// <returns>The steps, and the lower end that they lead to.</returns>
    public static ((double A, double R)[] Steps, double Lowest) Narrow(int p, double l, double width, double cushion = Cushion)
    {
        var steps = new List<(double, double)>();
        for (var previous = 0.0; steps.Count == 0 || (l < 1 - width && l > previous);)
        {
            var (a, r) = Step(p, Math.Max(l, cushion));
            steps.Add((a, r));
            (previous, l) = (l, l * Math.Pow(a * (1 - r * l), p));
        }
        return ([.. steps], l);
    }

    private static (double A, double R) Step(int p, double l)
    {
        // The limit for l → 1, where the quotient loses its digits: Newton's own step.
        var r = 1 - l < 1e-7 ? 1.0 / (p + 1) : (1 - Math.Pow(l, 1.0 / p)) / (1 - Math.Pow(l, 1 + 1.0 / p));
        var x = Math.Min(1 / ((p + 1) * r), 1);
        return (Math.Pow(x, -1.0 / p) / (1 - r * x), r);
    }
}
