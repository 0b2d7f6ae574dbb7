using Shampoo.Generators.Diagnostics;

namespace Shampoo.Generators.Parsing;

/// <summary>Whether the solver of a preconditioner, its first argument, does what the preconditioner needs.</summary>
internal static class SolverCheck
{
    /// <param name="attribute">The preconditioner.</param>
    /// <param name="needed">What it needs.</param>
    /// <param name="solvers">All solvers that there are.</param>
    public static void Check(AttributeReader attribute, MatrixFunctions needed, IReadOnlyList<SolverTraits> solvers)
    {
        string[] available = [.. solvers.Where(s => s.IsAvailable && s.Computes.HasFlag(needed)).Select(static s => s.Name)];
        SolverTraits? solver = solvers.FirstOrDefault(s => s.Name == attribute.MemberAt(0));
        if (solver is not null && !solver.Computes.HasFlag(needed))
            attribute.ReportAt(0, Descriptors.SolverDoesNotFit, Repair.None.Add(Repair.Instead, available[0]),
                $"Solver.{solver.Name}", attribute.Name, string.Join(", ", available));
        else
            attribute.Enum(0, available);
    }
}
