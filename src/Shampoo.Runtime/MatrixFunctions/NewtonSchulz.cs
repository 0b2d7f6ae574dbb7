namespace Shampoo.Runtime;

/// <summary>
/// Orthogonal factors by a quintic Newton–Schulz iteration (Jordan et al. 2024, "Muon"): X = G/max(‖G‖_F, 1e-8), transposed if wide, repeat
/// B = XᵀX, X ← aX + X(bB + cB²) with (a, b, c) = (3.4445, −4.7750, 2.0315).
/// </summary>
/// <remarks>
/// The coefficients make small singular values grow quickly and leave them between about 0.7 and 1.2 instead of at 1: the result is close
/// to UVᵀ and never more than that. Matrix products only; nothing is read back to the host.
/// </remarks>
/// <param name="iterations">≥ 1.</param>
public readonly struct NewtonSchulz(int iterations) : IOrthogonalFactorSolver
{
    private const double A = 3.4445, B = -4.7750, C = 2.0315, SmallestNorm = 1e-8;

    /// <summary>Five iterations.</summary>
    public NewtonSchulz() : this(5)
    {
    }

    /// <inheritdoc/>
    public Tensor OrthogonalFactor(Tensor matrices)
    {
        using var precision = FullPrecision.For(matrices);
        using var scope = torch.NewDisposeScope();
        using Scalar smallest = SmallestNorm;

        var x = matrices.div(matrices.FrobeniusNorm().clamp_min_(smallest));
        var isWide = matrices.shape[^2] < matrices.shape[^1];
        if (isWide)
            x = x.transpose(-2, -1);
        for (var iteration = 0; iteration < iterations; iteration++)
            SquareMatrices.Replace(ref x, Iterate(x));
        return (isWide ? x.transpose(-2, -1) : x).MoveToOuterDisposeScope();
    }

    // aX + X(bB + cB²) = X(aI + B(bI + cB))
    private static Tensor Iterate(Tensor x)
    {
        using Scalar constant = A, linear = B, quadratic = C;
        using var transposed = x.transpose(-2, -1);
        using var square = transposed.bmm(x);
        using var factor = square.mul(quadratic).AddToDiagonal(linear);
        using var polynomial = square.bmm(factor).AddToDiagonal(constant);
        return x.bmm(polynomial);
    }
}
