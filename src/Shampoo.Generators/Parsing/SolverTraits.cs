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
/// What a solver computes, whether this version has it, and whether it diverges in the arithmetic of TF32 (10 bits of significand):
/// every coupled iteration does, because its errors do not correct themselves.
/// </summary>
internal sealed record SolverTraits(string Name, MatrixFunctions Computes, bool IsAvailable = false, bool DivergesInTF32 = false)
{
    public static IReadOnlyList<SolverTraits> All { get; } =
    [
        new("Eigh", MatrixFunctions.InverseRoots | MatrixFunctions.Eigenbases, IsAvailable: true),
        new("CoupledNewton", MatrixFunctions.InverseRoots, IsAvailable: true, DivergesInTF32: true),
        new("CoupledHigherOrder", MatrixFunctions.InverseRoots, IsAvailable: true, DivergesInTF32: true),
        new("NewtonSchulz", MatrixFunctions.InverseRoots | MatrixFunctions.OrthogonalFactors, IsAvailable: true),
        new("MinimaxNewton", MatrixFunctions.InverseRoots, IsAvailable: true, DivergesInTF32: true),
        new("QR", MatrixFunctions.Eigenbases, IsAvailable: true),
        new("SVD", MatrixFunctions.OrthogonalFactors, IsAvailable: true),
    ];
}
