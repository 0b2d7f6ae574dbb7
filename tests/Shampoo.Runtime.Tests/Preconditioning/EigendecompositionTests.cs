namespace Shampoo.Runtime.Tests;

public sealed class EigendecompositionTests
{
    [Theory]
    [InlineData(Precision.SameAsParameter, Precision.SameAsParameter, Precision.SameAsParameter, 1e-9)]
    [InlineData(Precision.Float32, Precision.Float32, Precision.Float64, 1e-4)]
    [InlineData(Precision.Float64, Precision.BFloat16, Precision.Float64, 1e-9)]
    [InlineData(Precision.Float64, Precision.Float64, Precision.BFloat16, 1e-2)]
    public void Has_the_roots_that_the_definition_gives(Precision factors, Precision eigenvectors, Precision roots, double tolerance)
    {
        using var test = new Case([4, 5], source => source.Eigendecomposition(
            factors, eigenvectors, roots, exponents: new InverseExponents().Override(2, 0, 0.5)));
        test.Matrices.Accumulate(test.Slice.Gradient, 0.9, 0.1);
        test.Matrices.Refresh(new EighBasis(), new PerturbBefore(0.1), biasCorrection: 0.1);

        for (var block = 0; block < test.Blocks; block++)
        {
            AssertRoot(test, block, 0, 0.5, tolerance);
            AssertRoot(test, block, 1, 0.25, tolerance);
        }
    }

    [Fact]
    public void Starts_from_the_stored_eigenvectors()
    {
        using var test = new Case([4, 5], source => source.Eigendecomposition());
        test.Matrices.Accumulate(test.Slice.Gradient, 0.9, 0.1);
        test.Matrices.Refresh(new EighBasis(), new PerturbBefore(0.1), biasCorrection: 0.1);

        // One iteration from the identity is not enough; one from an eigenbasis leaves it as it is.
        test.Matrices.Refresh(new QRBasis(maxIterations: 1), new PerturbBefore(0.1), biasCorrection: 0.1);

        for (var block = 0; block < test.Blocks; block++)
            AssertRoot(test, block, 0, 0.25, 1e-9);
    }

    [Fact]
    public void Keeps_what_it_has_where_the_solver_fails()
    {
        using var test = new Case([4, 5], source => source.Eigendecomposition(toleratedFailures: 0));
        test.Matrices.Accumulate(test.Slice.Gradient);
        var bad = BlocksCase.Matrix(test.Matrices.Factor(1), 2)[0];

        var error = Assert.Throws<InvalidOperationException>(
            () => test.Matrices.Refresh(new FactorEigenbasesTests.FailingBasis(bad), new PseudoInverse()));

        Assert.Contains("The eigendecompositions of block 2", error.Message);
        double[] identity = [.. Enumerable.Range(0, 25).Select(i => i % 6 == 0 ? 1.0 : 0)];
        Assert.Equal(identity, BlocksCase.Matrix(test.Matrices.InverseRoot(1), 2));
        Assert.Equal(identity, BlocksCase.Matrix(test.Matrices.EigenvectorsOf(1), 2));
        Assert.NotEqual(identity, BlocksCase.Matrix(test.Matrices.InverseRoot(1), 1));
    }

    [Fact]
    public void Multiplies_by_the_roots()
    {
        using var test = new Case([4, 5], source => source.Eigendecomposition());
        test.Matrices.AccumulateKullbackLeibler(test.Slice.Gradient);
        test.Matrices.Refresh(new EighBasis(), new PerturbAfter(0.1));
        test.Matrices.Precondition(test.Slice.Gradient, test.Destination);

        for (var block = 0; block < test.Blocks; block++)
        {
            var expected = test.Gradient(block);
            for (var k = 0; k < 2; k++)
                expected = test.ModeProduct(expected, k, BlocksCase.Matrix(test.Matrices.InverseRoot(k), block));
            Data.AssertClose(expected, test.Direction(block), 1e-12, 1e-13);
        }
    }

    // The gradient's own L_k: the weight and the bias correction cancel out.
    private static void AssertRoot(Case test, int block, int k, double exponent, double tolerance)
    {
        var (n, l) = ((int)test.Shape[k], test.OuterProduct(test.Gradient(block), k));
        var matrix = new double[n, n];
        for (var i = 0; i < n * n; i++)
            matrix[i / n, i % n] = l[i];
        double[] expected = [.. Oracle.Root(matrix, 1, 0.1, exponent).Cast<double>()];
        Data.AssertClose(expected, BlocksCase.Matrix(test.Matrices.InverseRoot(k), block), 0, tolerance * expected.Max(Math.Abs));
    }

    private sealed class Case(long[] shape, Func<StateSource, Eigendecomposition> create)
        : BlocksCase(shape, ScalarType.Float64, source => new State(source, create))
    {
        public Eigendecomposition Matrices => ((State)Slice.State).Matrices;
    }

    private sealed class State(StateSource source, Func<StateSource, Eigendecomposition> create) : BlockState(source)
    {
        public Eigendecomposition Matrices { get; } = create(source);
    }
}
