using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// Inverse roots by square roots: A' = A + max(ε, rel·‖A‖_F)I; with s = ‖A'‖_F, Y = A'/s and Z = I, ten times
/// W = ZY, T = aI + bW + cW², Y ← YT, Z ← TZ; then √s·Y = A'^(1/2) and Z/√s = A'^(−1/2). The coupled form is Higham's ("Functions of
/// matrices", 2008, eq. 6.35), the coefficients are those of Polar Express (Amsel et al. 2025, arXiv 2505.16932) for singular values from
/// 1e-3 on, which are the square roots of the eigenvalues of Y.
/// </summary>
/// <remarks>
/// Exponents 1/p, p a power of two: for p = 2ᵏ the square root is taken k times, for p = 1 it is squared. Matrix products only; nothing is
/// read back to the host. Where A' has a negative eigenvalue the iteration may diverge, which is a failure: the root is NaN or infinite. The
/// relative ridge regularises a matrix of lower rank more than eigendecompositions do.
/// </remarks>
/// <param name="epsilon">ε, ≥ 0.</param>
/// <param name="relativeEpsilon">rel, ≥ 0; what is below 1e-6 is not resolved.</param>
public readonly struct NewtonSchulzRoot(double epsilon, double relativeEpsilon = 1e-6) : IInverseRootSolver
{
    private static readonly (double A, double B, double C)[] Coefficients =
    [
        (8.28721201814563, -23.595886519098837, 17.300387312530933),
        (4.107059111542203, -2.9478499167379106, 0.5448431082926601),
        (3.9486908534822946, -2.908902115962949, 0.5518191394370137),
        (3.3184196573706015, -2.488488024314874, 0.51004894012372),
        (2.300652019954817, -1.6689039845747493, 0.4188073119525673),
        (1.891301407787398, -1.2679958271945868, 0.37680408948524835),
        (1.8750014808534479, -1.2500016453999487, 0.3750001645474248),
        (1.875, -1.25, 0.375),
        (1.875, -1.25, 0.375),
        (1.875, -1.25, 0.375),
    ];

    /// <inheritdoc/>
    public static bool MarksFailures => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The exponent is no 1/p with p one of 1, 2, 4, 8, 16, 32, 64.</exception>
    public Tensor InverseRoot(Tensor matrices, double exponent)
    {
        var p = RootFraction.RootOf(exponent);
        if (!BitOperations.IsPow2(p))
            throw new ArgumentOutOfRangeException(nameof(exponent), exponent, "This solver takes exponents 1/p with p a power of two.");
        using var precision = FullPrecision.For(matrices);
        using var scope = torch.NewDisposeScope();

        Regularize(matrices);
        var (root, inverse) = SquareRoots(matrices);
        for (var remaining = p; remaining > 2; remaining /= 2)
            (root, inverse) = Replace(SquareRoots(root), root, inverse);
        return (p == 1 ? inverse.bmm(inverse) : inverse).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Regularize(Tensor matrices)
    {
        using var ridge = Ridge(matrices);
        matrices.AddToDiagonal(ridge);
    }

    private static (Tensor, Tensor) Replace((Tensor, Tensor) values, Tensor root, Tensor inverse)
    {
        root.Dispose();
        inverse.Dispose();
        return values;
    }

    private Tensor Ridge(Tensor matrices)
    {
        using Scalar relative = relativeEpsilon, absolute = epsilon;
        return matrices.FrobeniusNorm().mul_(relative).clamp_min_(absolute);
    }

    // A^(1/2), A^(−1/2)
    private static (Tensor Root, Tensor Inverse) SquareRoots(Tensor matrices)
    {
        using var scale = matrices.FrobeniusNorm();
        var y = matrices.div(scale);
        using var identity = torch.ones_like(scale);
        var z = SquareMatrices.MultipleOfIdentity(identity, matrices.shape[^1]);
        foreach (var (a, b, c) in Coefficients)
        {
            using var product = z.bmm(y);
            using var step = Polynomial(product, a, b, c);
            SquareMatrices.Replace(ref y, y.bmm(step));
            SquareMatrices.Replace(ref z, step.bmm(z));
        }
        using var root = scale.sqrt();
        return (y.mul_(root), z.div_(root));
    }

    // aI + bW + cW² = aI + W(bI + cW)
    private static Tensor Polynomial(Tensor w, double a, double b, double c)
    {
        using Scalar constant = a, linear = b, quadratic = c;
        using var factor = w.mul(quadratic).AddToDiagonal(linear);
        return w.bmm(factor).AddToDiagonal(constant);
    }
}
