namespace Shampoo.Runtime.Tests;

/// <summary>The factor matrices of such blocks.</summary>
internal sealed class FactorMatricesCase(
    long[] shape, ScalarType type, bool isTransposed = false, InverseExponents? exponents = null, int maxDimension = int.MaxValue, bool isPacked = false)
    : BlocksCase(shape, type, source => new MatricesOnly(source, exponents, maxDimension, isPacked), isTransposed)
{
    public FactorMatrices Matrices => ((MatricesOnly)Slice.State).Matrices;

    /// <summary>Whether a dimension has matrices.</summary>
    public bool IsPreconditioned(int k) => exponents is null || exponents.Of(Shape.Length, k) > 0;

    /// <summary>Gives every block its own symmetric matrices in the place of inverse roots.</summary>
    /// <returns>Those of a block, by dimension; empty where there is none.</returns>
    public double[][] SetRoots(int block)
    {
        var roots = new double[Shape.Length][];
        for (var k = 0; k < Shape.Length; k++)
        {
            roots[k] = [];
            if (!IsPreconditioned(k))
                continue;
            var n = (int)Shape[k];
            var values = Data.Normal(10 * block + k, n * n, 1 / Math.Sqrt(n));
            roots[k] = [.. values.Select((_, i) => (double)(float)values[Math.Max(i, i % n * n + i / n)])];
            if (IsDiagonal(k))
                roots[k] = [.. roots[k].Select((x, i) => i % (n + 1) == 0 ? x : 0)];
            SetMatrix(Matrices.InverseRoot(k), block, IsDiagonal(k) ? Diagonal(roots[k], n) : roots[k]);
        }
        return roots;
    }

    /// <summary>Whether only the diagonals of a dimension's matrices are there.</summary>
    public bool IsDiagonal(int k) => Shape[k] > maxDimension;

    public static double[] Diagonal(double[] matrix, int n) => [.. Enumerable.Range(0, n).Select(i => matrix[i * n + i])];

    /// <summary>What is there of G₍ₖ₎G₍ₖ₎ᵀ.</summary>
    public double[] ExpectedFactor(double[] g, int k) =>
        IsDiagonal(k) ? Diagonal(OuterProduct(g, k), (int)Shape[k]) : OuterProduct(g, k);

    public double[] Factor(int k, int block) => Matrix(Matrices.Factor(k), block);

    private sealed class MatricesOnly(StateSource source, InverseExponents? exponents, int maxDimension, bool isPacked) : BlockState(source)
    {
        public FactorMatrices Matrices { get; } = source.FactorMatrices(exponents: exponents, maxDimension: maxDimension, packed: isPacked);
    }
}
