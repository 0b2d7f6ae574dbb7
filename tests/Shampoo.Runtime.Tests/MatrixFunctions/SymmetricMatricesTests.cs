using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

/// <summary>Eigendecompositions in place, against spectra and bases that are known by construction, and against torch's.</summary>
public sealed class SymmetricMatricesTests
{
    public static TheoryData<int, ScalarType> Sizes
    {
        get
        {
            var data = new TheoryData<int, ScalarType>();
            foreach (var n in (int[])[1, 2, 3, 7, 8, 9, 25, 26, 33, 100])
            {
                data.Add(n, ScalarType.Float32);
                data.Add(n, ScalarType.Float64);
            }
            return data;
        }
    }

    [Fact]
    public void Finds_a_library() => Assert.True(Lapack.IsAvailable);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Decomposes_every_matrix_of_a_stack(int n, ScalarType type)
    {
        double[][] spectra = [[.. Enumerable.Range(1, n).Select(static i => (double)i)], [.. Enumerable.Range(0, n).Select(i => -2.0 * n + 3 * i)], [.. Enumerable.Repeat(4.0, n)]];
        var bases = spectra.Select((_, i) => RandomOrthogonal(n, seed: 10 * n + i)).ToArray();
        double[][] matrices = [.. spectra.Select((spectrum, i) => Compose(bases[i], spectrum))];
        var tolerance = type == ScalarType.Float32 ? 2e-6 : 1e-14;

        foreach (var isAvailable in (bool[])[true, false])
        {
            using var scope = With(isAvailable);
            using var disposing = torch.NewDisposeScope();
            var stack = Data.Tensor([.. matrices.SelectMany(static matrix => matrix)], [matrices.Length, n, n], type);
            var (eigenvalues, eigenvectors) = SymmetricMatrices.Decompose(stack);
            Assert.Equal(isAvailable, NativeTensor.Data(eigenvectors.Handle) == NativeTensor.Data(stack.Handle));

            double[] lambda = Data.Values(eigenvalues), q = Data.Values(eigenvectors);
            for (var i = 0; i < spectra.Length; i++)
            {
                var own = Square(q[(i * n * n)..((i + 1) * n * n)]);
                Data.AssertClose([.. spectra[i].Order()], lambda[(i * n)..((i + 1) * n)], 0, 3 * n * tolerance);
                AssertRelative(matrices[i], Compose(own, lambda[(i * n)..((i + 1) * n)]), 10 * tolerance);
                AssertRelative(Flat(Identity(n)), Multiply(Transpose(own), Flat(own), n), 10 * tolerance);
            }
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32, 2e-6)]
    [InlineData(ScalarType.Float64, 1e-14)]
    public void Composes_what_was_decomposed(ScalarType type, double tolerance)
    {
        const int n = 41;
        double[][] weights = [[.. Enumerable.Range(0, n).Select(static i => 0.1 * i)], Geometric(n, 1e3)];
        var bases = weights.Select(static (_, i) => RandomOrthogonal(n, seed: i)).ToArray();
        foreach (var isAvailable in (bool[])[true, false])
        {
            using var scope = With(isAvailable);
            using var disposing = torch.NewDisposeScope();
            var q = Data.Tensor([.. bases.SelectMany(Flat)], [weights.Length, n, n], type);

            var composed = Data.Values(SymmetricMatrices.Compose(q, Data.Tensor([.. weights.SelectMany(static w => w)], [weights.Length, n], type)));

            for (var i = 0; i < weights.Length; i++)
                AssertRelative(Compose(bases[i], Powers(weights[i], 2)), composed[(i * n * n)..((i + 1) * n * n)], tolerance);
        }
    }

    [Fact]
    public void Reads_the_upper_triangle_only_and_composes_what_is_exactly_symmetric()
    {
        const int n = 30;
        var matrix = Compose(RandomOrthogonal(n, seed: 3), Geometric(n, 100));
        var expected = Compose(RandomOrthogonal(n, seed: 3), Powers(Geometric(n, 100), -0.5));
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
                matrix[i * n + j] = double.NaN;
        }

        var root = Root(new Eigh(1e-16), matrix, n, 0.5, ScalarType.Float64);

        AssertRelative(expected, root, 1e-13);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
                Assert.Equal(root[i * n + j], root[j * n + i]);
        }
    }

    [Fact]
    public void Leaves_stacks_that_are_not_dense_to_torch()
    {
        const int n = 6;
        using var scope = torch.NewDisposeScope();
        double[] one = Compose(RandomOrthogonal(n, seed: 1), Geometric(n, 10)), other = Compose(RandomOrthogonal(n, seed: 2), Geometric(n, 20));
        var apart = Data.Tensor([.. one, .. one, .. other, .. one], [2, 2 * n, n]).narrow(1, 0, n);
        Assert.False(apart.is_contiguous());

        var (eigenvalues, _) = SymmetricMatrices.Decompose(apart);

        Data.AssertClose([.. Geometric(n, 10).Order(), .. Geometric(n, 20).Order()], Data.Values(eigenvalues), 1e-12);
    }

    private static double[] Transpose(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        return [.. Enumerable.Range(0, n * n).Select(i => matrix[i % n, i / n])];
    }

    // LAPACK and BLAS, or neither.
    private static Restoring With(bool isAvailable)
    {
        Lapack.IsAvailable = Blas.IsAvailable = isAvailable;
        return default;
    }

    private readonly struct Restoring : IDisposable
    {
        public void Dispose() => Lapack.IsAvailable = Blas.IsAvailable = true;
    }
}
