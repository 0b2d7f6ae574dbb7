using System.Runtime.InteropServices;

namespace Shampoo.Runtime.Tests;

/// <summary>Rotation, compared with its definition in double, and refreshes.</summary>
public sealed class FactorEigenbasesTests
{
    // Shapes, and the dimensions that keep their basis.
    public static TheoryData<long[], int[]> Cases => new()
    {
        { [5], [] }, { [5], [0] }, { [600], [] },
        { [3, 4], [] }, { [33, 70], [] }, { [33, 70], [0] }, { [33, 70], [1] }, { [33, 70], [0, 1] }, { [513, 70], [] }, { [1, 7], [0] },
        { [2, 4, 3], [] }, { [2, 4, 3], [1] }, { [2, 4, 3], [0, 2] }, { [2, 520, 3], [] },
        { [3, 2, 2, 4], [] }, { [3, 2, 2, 4], [0, 3] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rotate_into_the_basis_and_back(long[] shape, int[] ignored)
    {
        AssertRotates(shape, ignored, ScalarType.Float32);
        AssertRotates(shape, ignored, ScalarType.Float64);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rotate_by_operators(long[] shape, int[] ignored)
    {
        using var blas = new BlasAvailability(false);
        AssertRotates(shape, ignored, ScalarType.Float32);
        AssertRotates(shape, ignored, ScalarType.Float64);
    }

    // The matrices are no orthogonal ones, so that M and Mᵀ cannot be mistaken for M and its inverse.
    private static void AssertRotates(long[] shape, int[] ignored, ScalarType type)
    {
        using var test = new Case(shape, type, ignored);
        var names = Enumerable.Range(0, shape.Length).Except(ignored).SelectMany(k => (string[])[$"factor_matrices.{k}", $"eigenvectors.{k}"]);
        Assert.Equal(names.Order(), test.Bucket.Arrays.Select(array => array.Name).Order());
        var matrices = Enumerable.Range(0, test.Blocks).Select(test.SetMatrices).ToArray();
        foreach (var isBack in (bool[])[false, true])
        {
            if (isBack)
                test.Bases.RotateBack(test.Slice.Gradient, test.Destination);
            else
                test.Bases.Rotate(test.Slice.Gradient, test.Destination);
            for (var block = 0; block < test.Blocks; block++)
            {
                var expected = test.Gradient(block);
                foreach (var k in Enumerable.Range(0, shape.Length).Except(ignored))
                    expected = test.ModeProduct(expected, k, isBack ? matrices[block][k] : Transposed(matrices[block][k], (int)shape[k]));
                Data.AssertClose(expected, test.Direction(block), 0, (type == ScalarType.Float32 ? 2e-6 : 2e-15) * expected.Max(Math.Abs));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Allocate_nothing(long[] shape, int[] ignored)
    {
        using var test = new Case(shape, ScalarType.Float32, ignored);
        var least = long.MaxValue;
        for (var i = 0; i < 100 && least > 0; i++)
        {
            Thread.Sleep(i / 10);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            test.Bases.Accumulate(test.Slice.Gradient, 0.9, 0.1);
            test.Bases.Rotate(test.Slice.Gradient, test.Destination);
            test.Bases.RotateBack(test.Slice.Gradient, test.Destination);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.Equal(0, least);
    }

    [Fact]
    public void Are_the_original_ones_before_the_first_refresh()
    {
        using var test = new Case([3, 4], ScalarType.Float64, []);
        test.Bases.Accumulate(test.Slice.Gradient);
        test.Bases.Rotate(test.Slice.Gradient, test.Destination);

        Assert.Equal(test.Gradient(2), test.Direction(2));
    }

    [Theory]
    [InlineData(Precision.Float64, Precision.Float64, 1e-6)]
    [InlineData(Precision.Float64, Precision.Float32, 1e-5)]
    [InlineData(Precision.Float32, Precision.BFloat16, 3e-2)]
    [InlineData(Precision.BFloat16, Precision.Float32, 3e-2)]
    public void Diagonalise_factors_in_other_precisions(Precision factors, Precision eigenvectors, double tolerance)
    {
        using var test = new Case([6, 8], ScalarType.Float32, [], factors, eigenvectors);
        test.Bases.Accumulate(test.Slice.Gradient);
        test.Bases.Refresh(new EighBasis());

        for (var block = 0; block < test.Blocks; block++)
        {
            var l = test.OuterProduct(test.Gradient(block), 0);
            var q = BlocksCase.Matrix(test.Bases.EigenvectorsOf(0), block);
            var rotated = Product(Product(Transposed(q, 6), l, 6), q, 6);
            var largest = Enumerable.Range(0, 6).Max(i => rotated[i * 7]);
            Data.AssertClose([.. rotated.Select((x, i) => i % 7 == 0 ? x : 0)], rotated, 0, tolerance * largest);
            Data.AssertClose([.. q.Select((_, i) => i % 7 == 0 ? 1.0 : 0)], Product(Transposed(q, 6), q, 6), 0, tolerance);
        }
    }

    [Theory]
    [InlineData(Precision.Float32, 1e-6)]
    [InlineData(Precision.BFloat16, 1e-2)]
    public void Are_where_the_next_refresh_starts_from_and_orthogonal_then(Precision eigenvectors, double tolerance)
    {
        using var test = new Case([6, 8], ScalarType.Float32, [1], Precision.Float32, eigenvectors);
        test.Bases.Accumulate(test.Slice.Gradient);
        test.Bases.Refresh(new EighBasis());
        var previous = new List<double[]>();
        test.Bases.Refresh(new RecordingBasis(previous));

        var q = Assert.Single(previous)[36..72];
        var stored = BlocksCase.Matrix(test.Bases.EigenvectorsOf(0), 1);
        Data.AssertClose([.. q.Select((_, i) => i % 7 == 0 ? 1.0 : 0)], Product(Transposed(q, 6), q, 6), 0, 1e-6);

        // Up to the signs of columns.
        Data.AssertClose([.. stored.Select(Math.Abs)], [.. q.Select(Math.Abs)], 0, tolerance);
    }

    [Fact]
    public void Stay_and_count_where_the_solver_fails()
    {
        using var test = new Case([3, 4], ScalarType.Float64, [1]);
        test.Bases.Accumulate(test.Slice.Gradient);
        test.Bases.Refresh(new EighBasis(), new PerturbBefore(1e-6));
        var before = BlocksCase.Matrix(test.Bases.EigenvectorsOf(0), 1);
        test.Bases.Accumulate(test.Slice.Gradient, 0.5, 1);

        var bad = BlocksCase.Matrix(test.Bases.Factor(0), 1)[0];
        for (var refresh = 1; refresh <= 3; refresh++)
        {
            test.Bases.Refresh(new FailingBasis(bad));
            Assert.Equal([0, refresh, 0, 0], test.Bucket.Counters[0].Values);
        }
        Assert.Equal(before, BlocksCase.Matrix(test.Bases.EigenvectorsOf(0), 1));
        var error = Assert.Throws<InvalidOperationException>(() => test.Bases.Refresh(new FailingBasis(bad)));
        Assert.Contains("The eigenbases of block 1", error.Message);

        test.Bases.Refresh(new EighBasis());
        Assert.Equal([0, 0, 0, 0], test.Bucket.Counters[0].Values);
    }

    private static double[] Transposed(double[] matrix, int n) => [.. matrix.Select((_, i) => matrix[i % n * n + i / n])];

    private static double[] Product(double[] a, double[] b, int n) =>
        [.. a.Select((_, i) => Enumerable.Range(0, n).Sum(k => a[i / n * n + k] * b[k * n + i % n]))];

    private readonly struct RecordingBasis(List<double[]> previousBases) : IEigenbasisSolver
    {
        public (Tensor Eigenvalues, Tensor Eigenvectors) Basis(Tensor matrices, Tensor previous)
        {
            previousBases.Add(Data.Values(previous));
            return new EighBasis().Basis(matrices, previous);
        }
    }

    /// <summary>Eigh that fails on a stack in which a matrix begins with a number.</summary>
    internal readonly struct FailingBasis(double corner) : IEigenbasisSolver
    {
        public (Tensor Eigenvalues, Tensor Eigenvectors) Basis(Tensor matrices, Tensor previous)
        {
            using var corners = matrices.select(1, 0).select(1, 0);
            if (Data.Values(corners).Contains(corner))
                throw new ExternalException("linalg.eigh: the algorithm failed to converge");
            return new EighBasis().Basis(matrices, previous);
        }
    }

    private sealed class Case(
        long[] shape, ScalarType type, int[] ignored, Precision factors = Precision.SameAsParameter, Precision eigenvectors = Precision.SameAsParameter)
        : BlocksCase(shape, type, source => new State(source, ignored, factors, eigenvectors))
    {
        public FactorEigenbases Bases => ((State)Slice.State).Bases;

        public double[][] SetMatrices(int block) => [.. Enumerable.Range(0, Shape.Length).Select(k => ignored.Contains(k) ? [] : SetMatrix(block, k))];

        private double[] SetMatrix(int block, int k)
        {
            var n = (int)Shape[k];
            double[] values = [.. Data.Normal(10 * block + k, n * n, 1 / Math.Sqrt(n)).Select(x => (double)(float)x)];
            SetMatrix(Bases.EigenvectorsOf(k), block, values);
            return values;
        }
    }

    private sealed class State(StateSource source, int[] ignored, Precision factors, Precision eigenvectors) : BlockState(source)
    {
        public FactorEigenbases Bases { get; } =
            source.FactorEigenbases(factors, eigenvectors, ignored: new IgnoredDimensions().Ignore(source.BlockShape.Count, ignored));
    }
}
