namespace Shampoo.Generators.Parsing;

/// <summary>What a preconditioner needs of a solver.</summary>
[Flags]
internal enum MatrixFunctions
{
    InverseRoots = 1,
    Eigenbases = 2,
    OrthogonalFactors = 4,
}

/// <summary>
/// What a solver computes, and whether this version has it. <paramref name="Exponents"/> are those of the inverse roots that it computes;
/// null for all.
/// </summary>
internal sealed record SolverTraits(
    string Name, MatrixFunctions Computes, bool IsAvailable = false, SolverExponents? Exponents = null)
{
    public static IReadOnlyList<SolverTraits> All { get; } =
    [
        new("Eigh", MatrixFunctions.InverseRoots | MatrixFunctions.Eigenbases, IsAvailable: true),
        new("CoupledNewton", MatrixFunctions.InverseRoots, IsAvailable: true, SolverExponents.Roots),
        new("CoupledHigherOrder", MatrixFunctions.InverseRoots, IsAvailable: true, SolverExponents.Fractions),
        new("NewtonSchulz", MatrixFunctions.InverseRoots | MatrixFunctions.OrthogonalFactors, IsAvailable: true, Exponents: SolverExponents.RootsOfPowersOfTwo),
        new("MinimaxNewton", MatrixFunctions.InverseRoots, IsAvailable: true, SolverExponents.Fractions),
        new("QR", MatrixFunctions.Eigenbases, IsAvailable: true),
        new("SVD", MatrixFunctions.OrthogonalFactors, IsAvailable: true),
    ];
}
