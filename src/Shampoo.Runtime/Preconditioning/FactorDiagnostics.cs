namespace Shampoo.Runtime;

/// <summary>What the last refresh of a block was told.</summary>
/// <param name="Exact">Regularises as it did.</param>
/// <param name="BiasCorrection">1 − β₂ᵗ</param>
internal sealed record LastRefresh(IInverseRootSolver Exact, double BiasCorrection);

/// <summary>Compares what the blocks of a bucket store with what it was computed from, one matrix at a time, in float64.</summary>
/// <param name="factors">Of all blocks.</param>
/// <param name="eigenvectors">Null if there are none.</param>
/// <param name="roots">Null if there are none.</param>
internal sealed class FactorDiagnostics(Factors factors, Eigenvectors? eigenvectors, InverseRoots? roots)
{
    /// <summary>Of every dimension of a block that has a matrix.</summary>
    /// <param name="parameter">The name of its parameter.</param>
    /// <param name="block">Which of the parameter's blocks it is.</param>
    /// <param name="position">Its place in the bucket.</param>
    /// <param name="last">Its last refresh.</param>
    public IEnumerable<RootResidual> Of(string parameter, int block, int position, LastRefresh last)
    {
        for (var k = 0; k < factors.Matrices.Length; k++)
        {
            if (factors.Matrices[k] is { } factor && !factor.AreDiagonals())
                yield return Of(parameter, block, position, k, last);
        }
    }

    private RootResidual Of(string parameter, int block, int position, int k, LastRefresh last)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var matrix = FactorRefresh.Unbiased(factors.Matrices[k]!.narrow(0, position, 1), last.BiasCorrection);
        last.Exact.Regularize(matrix);
        var spectrum = Spectrum.Of(matrix, last.Exact);
        var (residual, error) = roots is null ? default : Compare(spectrum, Stored(roots.Matrices[k]!, position), roots.Exponent(k));
        double? offDiagonality = eigenvectors is null ? null : OffDiagonality(spectrum.Regularized, Stored(eigenvectors.Matrices[k]!, position));
        return new(parameter, block, k, matrix.shape[^1], spectrum.ConditionNumber(), residual, error, offDiagonality);
    }

    private static Tensor Stored(Tensor stack, int position) => stack.narrow(0, position, 1).Whole().to_type(ScalarType.Float64);

    private static (double? Residual, double? RelativeError) Compare(Spectrum spectrum, Tensor root, double exponent)
    {
        using Scalar power = exponent;
        var exact = Compose(spectrum.Inverse.pow(power), spectrum.Vectors);
        var residual = spectrum.Regularized.bmm(Power(root, 1 / exponent)).sub(spectrum.Projection);
        return (Norm(residual) / Math.Sqrt(Math.Max(spectrum.Rank(), 1)), Norm(root.sub(exact)) / Norm(exact));
    }

    private static double OffDiagonality(Tensor matrix, Tensor basis)
    {
        var rotated = Eigenbases.Rotate(matrix, basis);
        return rotated.OffDiagonalNorm().ToHost()[0] / Norm(matrix);
    }

    // Of a symmetric matrix; the sign of what rounding has made negative is kept.
    private static Tensor Power(Tensor matrix, double exponent)
    {
        using Scalar power = exponent;
        var (values, vectors) = torch.linalg.eigh(matrix);
        return Compose(values.abs().pow(power).mul(values.sign()), vectors);
    }

    // Q diag(λ) Qᵀ
    private static Tensor Compose(Tensor values, Tensor vectors) => vectors.mul(values.unsqueeze(-2)).bmm(vectors.transpose(-2, -1));

    private static double Norm(Tensor matrix) => matrix.FrobeniusNorm().ToHost()[0];

    /// <summary>The eigendecomposition of A': 1/λ, 0 for eigenvalues that do not count, and Q.</summary>
    private sealed record Spectrum(Tensor Inverse, Tensor Vectors)
    {
        public static Spectrum Of(Tensor matrix, IInverseRootSolver exact)
        {
            var (values, vectors) = torch.linalg.eigh(matrix.to_type(ScalarType.Float64));
            // In the type in which the solver has them: what it cuts off may depend on it.
            return new(exact.InverseEigenvalues(values.to_type(matrix.dtype)).to_type(ScalarType.Float64), vectors);
        }

        /// <summary>A', without what does not count.</summary>
        public Tensor Regularized
        {
            get
            {
                using Scalar zero = 0.0;
                return Compose(Inverse.reciprocal().masked_fill_(Inverse.eq(zero), zero), Vectors);
            }
        }

        /// <summary>I on the space that counts.</summary>
        public Tensor Projection
        {
            get
            {
                using Scalar zero = 0.0;
                return Compose(Inverse.ne(zero).to_type(ScalarType.Float64), Vectors);
            }
        }

        public int Rank() => Counting().Length;

        public double ConditionNumber() => Counting() is { Length: > 0 } inverse ? inverse.Max() / inverse.Min() : double.NaN;

        private double[] Counting() => [.. Inverse.ToHost().Where(static value => value != 0)];
    }
}
