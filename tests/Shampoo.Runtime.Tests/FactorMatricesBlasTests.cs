namespace Shampoo.Runtime.Tests;

/// <summary>Statistics and products by BLAS, compared with their definitions in double.</summary>
public sealed class FactorMatricesBlasTests
{
    private static readonly long[][] s_shapes =
    [
        [1], [5], [70], [600],
        [1, 1], [1, 7], [7, 1], [3, 4], [33, 70], [70, 33], [64, 64], [5, 600], [600, 5], [513, 70],
        [2, 4, 3], [1, 5, 6], [70, 2, 9], [2, 3, 1], [2, 520, 3],
        [3, 2, 2, 4], [5, 1, 3, 2], [2, 3, 70, 1],
    ];

    public static TheoryData<long[], ScalarType> Cases
    {
        get
        {
            var cases = new TheoryData<long[], ScalarType>();
            foreach (var shape in s_shapes)
            {
                cases.Add(shape, ScalarType.Float32);
                cases.Add(shape, ScalarType.Float64);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Accumulates(long[] shape, ScalarType type)
    {
        using var test = new FactorMatricesCase(shape, type);
        AssertAccumulates(test, type);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Accumulates_by_operators(long[] shape, ScalarType type) => WithoutBlas(() =>
    {
        using var test = new FactorMatricesCase(shape, type);
        AssertAccumulates(test, type);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void Multiplies(long[] shape, ScalarType type)
    {
        using var test = new FactorMatricesCase(shape, type);
        AssertMultiplies(test, type);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Multiplies_by_operators(long[] shape, ScalarType type) => WithoutBlas(() =>
    {
        using var test = new FactorMatricesCase(shape, type);
        AssertMultiplies(test, type);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void Accumulates_preconditioned_gradients(long[] shape, ScalarType type)
    {
        using var test = new FactorMatricesCase(shape, type);
        AssertAccumulatesKullbackLeibler(test, type);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Accumulates_preconditioned_gradients_by_operators(long[] shape, ScalarType type) => WithoutBlas(() =>
    {
        using var test = new FactorMatricesCase(shape, type);
        AssertAccumulatesKullbackLeibler(test, type);
    });

    // Shapes, and the dimensions that have no matrices.
    public static TheoryData<long[], int[]> Ignoring => new()
    {
        { [5], [0] },
        { [33, 70], [0] }, { [33, 70], [1] }, { [33, 70], [0, 1] }, { [1, 7], [1] },
        { [2, 4, 3], [0] }, { [2, 4, 3], [1] }, { [2, 4, 3], [2] }, { [2, 4, 3], [0, 2] }, { [2, 4, 3], [0, 1, 2] },
        { [3, 2, 2, 4], [1] }, { [3, 2, 2, 4], [0, 3] }, { [3, 2, 2, 4], [0, 1, 3] },
    };

    [Theory]
    [MemberData(nameof(Ignoring))]
    public void Leaves_dimensions_of_exponent_0_alone(long[] shape, int[] ignored)
    {
        AssertIgnores(shape, ignored, ScalarType.Float32);
        AssertIgnores(shape, ignored, ScalarType.Float64);
        WithoutBlas(() => AssertIgnores(shape, ignored, ScalarType.Float64));
    }

    private static void AssertIgnores(long[] shape, int[] ignored, ScalarType type)
    {
        var exponents = ignored.Aggregate(new InverseExponents(), (all, k) => all.Override(shape.Length, k, 0));
        using FactorMatricesCase plain = new(shape, type, exponents: exponents), preconditioned = new(shape, type, exponents: exponents);
        var names = Enumerable.Range(0, shape.Length).Except(ignored).SelectMany(k => (string[])[$"factor_matrices.{k}", $"inverse_roots.{k}"]);
        Assert.Equal(names.Order(), plain.Bucket.Arrays.Select(array => array.Name).Order());
        AssertAccumulates(plain, type);
        AssertMultiplies(plain, type);
        AssertAccumulatesKullbackLeibler(preconditioned, type);
    }

    // Shapes, and the largest dimension that has whole matrices.
    public static TheoryData<long[], int> Large => new()
    {
        { [600], 8 }, { [33, 70], 40 }, { [70, 33], 40 }, { [600, 70], 40 }, { [5, 600], 8 }, { [600, 1], 8 }, { [1, 70], 8 },
        { [2, 40, 3], 8 }, { [40, 3, 2], 8 }, { [3, 2, 40], 8 }, { [3, 2, 9, 4], 8 }, { [9, 20, 2, 20], 8 },
    };

    [Theory]
    [MemberData(nameof(Large))]
    public void Keeps_diagonals_of_large_dimensions(long[] shape, int maxDimension)
    {
        AssertKeepsDiagonals(shape, maxDimension, ScalarType.Float32);
        AssertKeepsDiagonals(shape, maxDimension, ScalarType.Float64);
        WithoutBlas(() => AssertKeepsDiagonals(shape, maxDimension, ScalarType.Float32));
        WithoutBlas(() => AssertKeepsDiagonals(shape, maxDimension, ScalarType.Float64));
    }

    private static void AssertKeepsDiagonals(long[] shape, int maxDimension, ScalarType type)
    {
        using FactorMatricesCase plain = new(shape, type, maxDimension: maxDimension), preconditioned = new(shape, type, maxDimension: maxDimension);
        AssertAccumulates(plain, type);
        AssertMultiplies(plain, type);
        AssertAccumulatesKullbackLeibler(preconditioned, type);
        plain.Matrices.RefreshDiagonals(epsilon: 0.01, biasCorrection: 0.5);
        for (var k = 0; k < shape.Length; k++)
        {
            if (!plain.IsDiagonal(k))
                continue;
            var expected = plain.Factor(k, 1).Select(l => Math.Pow(l / 0.5 + 0.01, -0.5 / shape.Length));
            AssertClose([.. expected], BlocksCase.Matrix(plain.Matrices.InverseRoot(k), 1), type);
        }
    }

    [Theory]
    [MemberData(nameof(Large))]
    public void Allocates_nothing_for_diagonals(long[] shape, int maxDimension)
    {
        using var test = new FactorMatricesCase(shape, ScalarType.Float32, maxDimension: maxDimension);
        Assert.Equal(0, LeastAllocation(test));
    }

    [Fact]
    public void Leaves_a_library_its_threads_that_cannot_be_set()
    {
        Blas.Threads.CanBeSet = false;
        try
        {
            using var test = new FactorMatricesCase([600, 70], ScalarType.Float64);
            AssertAccumulates(test, ScalarType.Float64);
            AssertMultiplies(test, ScalarType.Float64);
        }
        finally
        {
            Blas.Threads.CanBeSet = true;
        }
    }

    [Fact]
    public void Accumulates_without_a_function_for_it()
    {
        Blas.HasSyrk = false;
        try
        {
            using var test = new FactorMatricesCase([600, 70], ScalarType.Float64);
            AssertAccumulates(test, ScalarType.Float64);
        }
        finally
        {
            Blas.HasSyrk = true;
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Works_on_gradients_in_place_and_gathers_others(ScalarType type)
    {
        using FactorMatricesCase rows = new([33, 70], type), columns = new([33, 70], type, isTransposed: true);
        Assert.True(rows.Slice.Gradient.TryInPlace(3, out _, out var stride) && stride == 140);
        Assert.False(columns.Slice.Gradient.TryInPlace(3, out _, out _));
        foreach (var test in (FactorMatricesCase[])[rows, columns])
        {
            test.Matrices.Accumulate(test.Slice.Gradient);
            for (var block = 0; block < test.Blocks; block++)
                test.SetRoots(block);
            test.Matrices.Precondition(test.Slice.Gradient, test.Destination);
        }
        Assert.Equal(Results(rows), Results(columns));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Does_not_depend_on_the_number_of_threads(long[] shape, ScalarType type)
    {
        var threads = ShampooThreads.Count;
        var results = new List<double[]>();
        try
        {
            foreach (var count in (int[])[1, 2, 5])
            {
                ShampooThreads.Count = count;
                using var test = new FactorMatricesCase(shape, type);
                test.Matrices.Accumulate(test.Slice.Gradient, 0.9, 0.1);
                for (var block = 0; block < test.Blocks; block++)
                    test.SetRoots(block);
                test.Matrices.AccumulateKullbackLeibler(test.Slice.Gradient, 0.9, 0.1);
                test.Matrices.Precondition(test.Slice.Gradient, test.Destination);
                results.Add(Results(test));
            }
        }
        finally
        {
            ShampooThreads.Count = threads;
        }
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Theory]
    [MemberData(nameof(Ignoring))]
    public void Allocates_nothing_where_dimensions_are_left_alone(long[] shape, int[] ignored)
    {
        var exponents = ignored.Aggregate(new InverseExponents(), (all, k) => all.Override(shape.Length, k, 0));
        using var test = new FactorMatricesCase(shape, ScalarType.Float32, exponents: exponents);
        Assert.Equal(0, LeastAllocation(test));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Allocates_nothing(long[] shape, ScalarType type)
    {
        var threads = ShampooThreads.Count;
        ShampooThreads.Count = 2;
        try
        {
            using var test = new FactorMatricesCase(shape, type);
            Assert.Equal(0, LeastAllocation(test));
        }
        finally
        {
            ShampooThreads.Count = threads;
        }
    }

    // Of all threads, and so of the test runner's too: what is allocated every time is looked for.
    internal static long LeastAllocation(FactorMatricesCase test)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 100 && least > 0; i++)
        {
            Thread.Sleep(i / 10);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            test.Matrices.Accumulate(test.Slice.Gradient, 0.9, 0.1);
            test.Matrices.AccumulateKullbackLeibler(test.Slice.Gradient, 0.9, 0.1);
            test.Matrices.RefreshDiagonals(1e-3, 0.5);
            test.Matrices.Precondition(test.Slice.Gradient, test.Destination);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        return least;
    }

    [Fact]
    public void Leaves_the_number_of_threads_as_it_was()
    {
        var before = Blas.Threads.Process;
        Blas.Threads.Process = 2;
        try
        {
            using var test = new FactorMatricesCase([33, 70], ScalarType.Float32);
            test.Matrices.Accumulate(test.Slice.Gradient);
            test.Matrices.Precondition(test.Slice.Gradient, test.Destination);
            Assert.Equal(2, Blas.Threads.Process);
        }
        finally
        {
            Blas.Threads.Process = before;
        }
    }

    [Fact]
    public void Works_from_several_threads_at_once()
    {
        using FactorMatricesCase one = new([33, 70], ScalarType.Float64), other = new([64, 600], ScalarType.Float64);
        FactorMatricesCase[] tests = [one, other];
        Parallel.ForEach(tests, test => AssertMultiplies(test, ScalarType.Float64));
    }

    private static void AssertAccumulates(FactorMatricesCase test, ScalarType type)
    {
        test.Matrices.Accumulate(test.Slice.Gradient);
        test.Matrices.Accumulate(test.Slice.Gradient, 0.75, 0.5);
        for (var block = 0; block < test.Blocks; block++)
        {
            for (var k = 0; k < test.Shape.Length; k++)
            {
                if (!test.IsPreconditioned(k))
                    continue;
                var factor = test.Factor(k, block);
                if (Blas.IsAvailable && !test.IsDiagonal(k))
                    AssertSymmetric(factor, (int)test.Shape[k]);
                AssertClose([.. test.ExpectedFactor(test.Gradient(block), k).Select(x => 1.25 * x)], factor, type);
            }
        }
    }

    private static void AssertAccumulatesKullbackLeibler(FactorMatricesCase test, ScalarType type)
    {
        var roots = Enumerable.Range(0, test.Blocks).Select(test.SetRoots).ToArray();
        test.Matrices.AccumulateKullbackLeibler(test.Slice.Gradient);
        test.Matrices.AccumulateKullbackLeibler(test.Slice.Gradient, 0.75, 0.5);
        for (var block = 0; block < test.Blocks; block++)
        {
            for (var k = 0; k < test.Shape.Length; k++)
            {
                if (!test.IsPreconditioned(k))
                    continue;
                var preconditioned = Multiply(test, roots[block], block, without: k);
                AssertClose([.. test.ExpectedFactor(preconditioned, k).Select(x => 1.25 * x)], test.Factor(k, block), type);
            }
        }
    }

    private static double[] Multiply(FactorMatricesCase test, double[][] roots, int block, int without = -1)
    {
        var product = test.Gradient(block);
        for (var k = 0; k < test.Shape.Length; k++)
        {
            if (k != without && test.IsPreconditioned(k))
                product = test.ModeProduct(product, k, roots[k]);
        }
        return product;
    }

    private static void AssertMultiplies(FactorMatricesCase test, ScalarType type)
    {
        var roots = Enumerable.Range(0, test.Blocks).Select(test.SetRoots).ToArray();
        test.Matrices.Precondition(test.Slice.Gradient, test.Destination);
        for (var block = 0; block < test.Blocks; block++)
            AssertClose(Multiply(test, roots[block], block), test.Direction(block), type);
    }

    // Sums of products are as exact as their dtype, in relation to the largest of them.
    private static void AssertClose(double[] expected, double[] actual, ScalarType type) =>
        Data.AssertClose(expected, actual, 0, (type == ScalarType.Float32 ? 2e-6 : 2e-15) * expected.Max(Math.Abs));

    private static void AssertSymmetric(double[] matrix, int n)
    {
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
                Assert.Equal(matrix[i * n + j], matrix[j * n + i]);
        }
    }

    private static double[] Results(FactorMatricesCase test) =>
    [
        .. Enumerable.Range(0, test.Shape.Length).SelectMany(k => Data.Values(test.Matrices.Factor(k))),
        .. Data.Values(test.Destination.Stack()),
    ];

    private static void WithoutBlas(Action test)
    {
        using (new BlasAvailability(false))
            test();
    }
}
