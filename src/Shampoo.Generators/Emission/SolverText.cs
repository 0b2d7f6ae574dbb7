using System.Globalization;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Emission;

/// <summary>The declared solver as an expression: a struct of the runtime with its numbers.</summary>
internal static class SolverText
{
    /// <summary>A solver of inverse roots.</summary>
    /// <param name="matrices">The preconditioner.</param>
    /// <param name="epsilon">The expression of ε.</param>
    public static string Root(MatrixPreconditioner matrices, string epsilon)
    {
        SolverChoice solver = matrices.Solver;
        (string type, string?[] arguments) = solver.Name switch
        {
            "Eigh" when solver.RankDeficiency == RankDeficiency.PerturbBefore => ("Eigh", [epsilon]),
            "Eigh" => ($"Eigh<{Names.Runtime}{solver.RankDeficiency}>", [Rule(solver, epsilon)]),
            "CoupledNewton" => ("CoupledNewton", [epsilon, Named("tolerance", solver.Tolerance), Named("maxIterations", solver.MaxIterations)]),
            "CoupledHigherOrder" => ("CoupledHigherOrder", [solver.RelativeEpsilon?.Text ?? "1e-6", Named("absoluteEpsilon", solver.AbsoluteEpsilon),
                Named("tolerance", solver.Tolerance), Named("maxIterations", solver.MaxIterations), Named("order", solver.Order)]),
            "NewtonSchulz" => ("NewtonSchulzRoot", [epsilon, Named("relativeEpsilon", solver.RelativeEpsilon)]),
            var name => (name, new string?[] { epsilon }),
        };
        string text = New(type, arguments);
        return matrices.TraceScalingExponent is { } exponent
            ? New($"TraceScaled<{Names.Runtime}{type}>", text, exponent.Text, epsilon)
            : text;
    }

    /// <summary>A solver of eigenbases.</summary>
    public static string Basis(SolverChoice solver)
    {
        const string Eigh = $"{Names.Runtime}EighBasis";
        if (solver.Name == "QR")
            return New("QRBasis", Named("maxIterations", solver.MaxIterations), Named("tolerance", solver.Tolerance));
        return solver.Tolerance is { Value: > 0 } tolerance
            ? $"new {Names.Runtime}AdaptiveBasis<{Eigh}>(new {Eigh}(), {tolerance.Text})"
            : $"new {Eigh}()";
    }

    /// <summary>What becomes of eigenvalues near zero, and before that of the trace.</summary>
    public static string Rule(MatrixPreconditioner matrices, string epsilon)
    {
        // Where there are no eigenvalues, nothing can be added to them.
        if (matrices.HasEigenbases && matrices.Solver.RankDeficiency != RankDeficiency.PerturbBefore) return New("PseudoInverse");
        string rule = Rule(matrices.Solver, epsilon);
        return matrices.TraceScalingExponent is { } exponent
            ? New($"TraceScaledRule<{Names.Runtime}{matrices.Solver.RankDeficiency}>", rule, exponent.Text, epsilon)
            : rule;
    }

    private static string Rule(SolverChoice solver, string epsilon) => solver.RankDeficiency == RankDeficiency.PseudoInverse
        ? New("PseudoInverse", solver.RankTolerance?.Text ?? "null", Named("absoluteTolerance", solver.AbsoluteRankTolerance))
        : New(solver.RankDeficiency.ToString(), epsilon);

    public static string Orthogonal(SpectralDescent descent) => descent.Solver == "SVD"
        ? New("Svd", descent.ScaleByNuclearNorm ? "scaleByNuclearNorm: true" : null)
        : New("NewtonSchulz", descent.Iterations.ToString(CultureInfo.InvariantCulture));

    private static string New(string type, params string?[] arguments) =>
        $"new {Names.Runtime}{type}({string.Join(", ", arguments.Where(static a => a is not null))})";

    private static string? Named(string name, Number? number) => number is null ? null : $"{name}: {number.Text}";

    private static string? Named(string name, int? number) => number is null ? null : $"{name}: {number.Value.ToString(CultureInfo.InvariantCulture)}";
}
