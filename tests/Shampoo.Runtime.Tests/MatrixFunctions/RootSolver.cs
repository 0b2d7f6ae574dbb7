namespace Shampoo.Runtime.Tests;

/// <summary>A solver of inverse roots, by name, with what it promises: the relative error of the root of a matrix of a condition number.</summary>
/// <remarks>
/// ‖X − A^(−1/p)‖_F/‖A^(−1/p)‖_F for any p is at most 5e-6 + c·6e-8·κ in float32 and 2e-12 + c·1.1e-16·κ in float64, with κ the condition number and
/// c the solver's factor below. A root cannot be better than that for p = 1: rounding A alone changes its inverse by u·κ. An iteration that
/// stops where max|XᵖA − I| ≤ τ may leave nτ more, as that is the largest ‖XᵖA − I‖_F.
/// </remarks>
public sealed record RootSolver(string Name, Func<double[], int, double, ScalarType, double[]> Root, Func<ScalarType, double, double> Tolerance)
{
    /// <summary>τ; 0 for what stops when it gets no better.</summary>
    public Func<ScalarType, double> StopsAt { get; init; } = static _ => 0;

    private const double SingleRounding = 6e-8, DoubleRounding = 1.1e-16;

    public static IReadOnlyList<RootSolver> All { get; } =
    [
        new("Eigh", Of(new Eigh(0)), static (type, condition) => Bound(type, condition, 8)),
        new("CoupledNewton", CoupledNewton, static (type, condition) => Bound(type, condition, 1)) { StopsAt = NewtonTolerance },
        new("CoupledHigherOrder", Of(new CoupledHigherOrder(0, tolerance: 0)), static (type, condition) => Bound(type, condition, 1)),
        new("NewtonSchulzRoot", Of(new NewtonSchulzRoot(0, 0)), static (type, condition) => Bound(type, condition, 1)),
        new("MinimaxNewton", Of(new MinimaxNewton(0)), static (type, condition) => Bound(type, condition, 4)), // its ridge is u·s₀
    ];

    public static RootSolver Get(string name) => All.Single(solver => solver.Name == name);

    // The rounding error of an inverse is u times the condition number.
    private static double Bound(ScalarType type, double condition, double factor) =>
        type == ScalarType.Float64 ? 2e-12 + factor * DoubleRounding * condition : 5e-6 + factor * SingleRounding * condition;

    private static double NewtonTolerance(ScalarType type) => type == ScalarType.Float64 ? 1e-12 : 1e-5;

    // It stops where the rounding error of M is below its tolerance.
    private static double[] CoupledNewton(double[] matrix, int n, double exponent, ScalarType type) =>
        Matrices.Root(new CoupledNewton(0, NewtonTolerance(type)), matrix, n, exponent, type);

    private static Func<double[], int, double, ScalarType, double[]> Of<TSolver>(TSolver solver) where TSolver : struct, IInverseRootSolver =>
        (matrix, n, exponent, type) => Matrices.Root(solver, matrix, n, exponent, type);
}
