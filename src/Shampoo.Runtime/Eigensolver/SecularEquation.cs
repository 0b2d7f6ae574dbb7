using System.Numerics;
using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>
/// Eigenvalues of diag(d) + ρzzᵀ: the roots of 1/ρ + Σ z_j²/(d_j − λ), one in every interval of neighbouring d, and one above the last.
/// </summary>
/// <remarks>
/// A root is λ = d_o + τ, of the d that is nearer, so that d_j − λ = (d_j − d_o) − τ keeps its digits. The sums below and above the root are each
/// interpolated by a constant and one pole, which converges quadratically (Bunch, Nielsen and Sorensen 1978; Li, LAPACK Working Note 89); a
/// root that leaves its bracket is halved into it. All is in double: beside float32 these are the digits that make eigenvectors orthogonal
/// without more ado (Sorensen and Tang 1991).
/// </remarks>
/// <param name="d">d, ascending; no two are equal. A register more is read: of numbers that no λ is equal to.</param>
/// <param name="squares">z², none of which is 0, but those that are read beyond the last.</param>
/// <param name="count">How many there are.</param>
/// <param name="rho">ρ, positive.</param>
internal readonly unsafe struct SecularEquation(double* d, double* squares, int count, double rho)
{
    private const int MaxIterations = 100;

    // A step of this part of what lies between the root and the poles is the last: the error after it is about its square.
    private const double LastStep = 1e-6;

    // Of two numbers that are neighbours, relative to them.
    private const double Distance = 4e-16;

    private static readonly Vector<double> s_numbers = new([.. Enumerable.Range(0, Vector<double>.Count).Select(static i => (double)i)]);

    private readonly double _inverse = 1 / rho;

    /// <summary>The root above d_i.</summary>
    /// <returns>d_o and τ, which is NaN if it was not found.</returns>
    public (double Origin, double Tau) Root(int i) => i == count - 1 ? LastRoot() : InnerRoot(i);

    private (double Origin, double Tau) InnerRoot(int i)
    {
        double gap = d[i + 1] - d[i], half = gap / 2;
        var middle = At(d[i], half, i);
        var isLeft = middle.Value >= 0;
        var (origin, low, high) = isLeft ? (d[i], 0.0, half) : (d[i + 1], -half, 0.0);
        var tau = FirstGuess(i, gap, isLeft, middle.Value + squares[i] / half - squares[i + 1] / half);
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            if (!(tau > low && tau < high))
                tau = low + (high - low) / 2;
            var f = At(origin, tau, i);
            (low, high) = f.Value < 0 ? (tau, high) : (low, tau);
            double below = d[i] - origin - tau, above = d[i + 1] - origin - tau;
            var step = Step(f, below, above);
            tau += step;
            if (Math.Abs(step) <= LastStep * Math.Min(-below, above) && tau > low && tau < high || high - low <= Distance * Math.Max(-low, high))
                return (origin, Math.Clamp(tau, low, high));
        }
        return (origin, double.NaN);
    }

    // The root of c + z_i²/(d_i − λ) + z_{i+1}²/(d_{i+1} − λ), where c is what the other terms are in the middle.
    private double FirstGuess(int i, double gap, bool isLeft, double c)
    {
        double sum = squares[i] + squares[i + 1], a = isLeft ? c * gap + sum : sum - c * gap, b = (isLeft ? squares[i] : squares[i + 1]) * gap;
        var discriminant = Math.Sqrt(Math.Abs(a * a + (isLeft ? -4 : 4) * b * c));
        if (isLeft)
            return a > 0 ? 2 * b / (a + discriminant) : (a - discriminant) / (2 * c);
        return a < 0 ? 2 * b / (a - discriminant) : -(a + discriminant) / (2 * c);
    }

    // To the root of c + s/(below − η) + S/(above − η), which has value and slope of both sums.
    private static double Step(in Sums f, double below, double above)
    {
        double a = (below + above) * f.Value - below * above * (f.SlopeBelow + f.SlopeAbove), b = below * above * f.Value;
        var c = f.Value - below * f.SlopeBelow - above * f.SlopeAbove;
        var discriminant = Math.Sqrt(Math.Abs(a * a - 4 * b * c));
        var step = a <= 0 ? (a - discriminant) / (2 * c) : 2 * b / (a + discriminant);
        return step * f.Value <= 0 ? step : -f.Value / (f.SlopeBelow + f.SlopeAbove);
    }

    // Above all d: of one sum, λ ≤ d + ρ‖z‖².
    private (double Origin, double Tau) LastRoot()
    {
        var last = count - 1;
        var origin = d[last];
        var sum = 0.0;
        for (var j = 0; j < count; j++)
            sum += squares[j];
        double low = 0, high = rho * sum * (1 + 1e-14), tau = rho * squares[last];
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            if (!(tau > low && tau < high))
                tau = low + (high - low) / 2;
            var f = At(origin, tau, last);
            (low, high) = f.Value < 0 ? (tau, high) : (low, tau);
            // The root of c + s/(−τ − η)
            var next = tau * tau * f.SlopeBelow / (f.Value + tau * f.SlopeBelow);
            var step = next - tau;
            tau = next;
            if (Math.Abs(step) <= LastStep * tau && tau > low && tau < high || high - low <= Distance * high)
                return (origin, Math.Clamp(tau, low, high));
        }
        return (origin, double.NaN);
    }

    // 1/ρ + Σ z_j²/(d_j − λ), and Σ z_j²/(d_j − λ)² of the d up to d_i and of those above.
    private Sums At(double origin, double tau, int i)
    {
        Vector<double> origins = new(origin), taus = new(tau), sums = default, below = default;
        var (j, split) = (0, i + 1);
        for (; j <= split - Vector<double>.Count; j += Vector<double>.Count)
            Add(j, origins, taus, ref sums, ref below);
        Vector<double> shared = default;
        Add(j, origins, taus, ref sums, ref shared);
        var above = Vector.ConditionalSelect(Vector.GreaterThanOrEqual(s_numbers, new Vector<double>(split - j)), shared, Vector<double>.Zero);
        below += shared - above;
        for (j += Vector<double>.Count; j < count; j += Vector<double>.Count)
            Add(j, origins, taus, ref sums, ref above);
        return new Sums(_inverse + Vector.Sum(sums), Vector.Sum(below), Vector.Sum(above));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(int j, Vector<double> origins, Vector<double> taus, ref Vector<double> sums, ref Vector<double> slopes)
    {
        Vector<double> inverses = Vector<double>.One / (Vector.Load(d + j) - origins - taus), terms = Vector.Load(squares + j) * inverses;
        sums += terms;
        slopes = Rows.MultiplyAdd(terms, inverses, slopes);
    }

    private readonly record struct Sums(double Value, double SlopeBelow, double SlopeAbove);
}
