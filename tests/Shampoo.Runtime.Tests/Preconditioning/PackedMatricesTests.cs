using System.Runtime.InteropServices;

namespace Shampoo.Runtime.Tests;

/// <summary>Factor matrices that share their memory with their roots, beside such that do not.</summary>
public sealed class PackedMatricesTests
{
    private const string Factors = "factor_matrices.", Roots = "inverse_roots.";

    public static TheoryData<long[], ScalarType> Cases => FactorMatricesBlasTests.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Give_the_same_by_BLAS(long[] shape, ScalarType type) => AssertSame(shape, type);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Give_the_same_by_operators(long[] shape, ScalarType type) => Without(available: false, syrk: true, () => AssertSame(shape, type));

    [Fact]
    public void Are_left_to_operators_where_a_function_would_write_into_both() => Without(available: true, syrk: false, () =>
    {
        using var test = new FactorMatricesCase([33, 70], ScalarType.Float64, isPacked: true);
        var roots = test.SetRoots(1);
        test.Matrices.Accumulate(test.Slice.Gradient);
        Data.AssertClose(test.ExpectedFactor(test.Gradient(1), 0), test.Factor(0, 1), 1e-13);
        Assert.Equal(roots[0], BlocksCase.Matrix(test.Matrices.InverseRoot(0), 1));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public void Take_n_plus_1_columns_for_two(long n)
    {
        using var test = new FactorMatricesCase([n, n], ScalarType.Float32, isPacked: true);
        for (var k = 0; k < 2; k++)
        {
            var (factors, roots) = (Array(test, Factors, k), Array(test, Roots, k));
            Assert.Equal(test.Blocks * n * (n + 1) * sizeof(float), factors.Bytes + roots.Bytes);
            // L of a block ends where X of the next one begins.
            Assert.Equal(NativeTensor.Data(roots.Tensor.Handle) + (nint)(n * sizeof(float)), NativeTensor.Data(factors.Tensor.Handle));
            Assert.Equal(n * (n + 1), factors.Tensor.stride(0));
        }
    }

    [Fact]
    public void Keep_diagonals_apart()
    {
        using FactorMatricesCase packed = new([5, 300], ScalarType.Float32, maxDimension: 8, isPacked: true), whole = new([5, 300], ScalarType.Float32, maxDimension: 8);
        Assert.Equal(Array(whole, Factors, 1).Bytes, Array(packed, Factors, 1).Bytes);
        Assert.Equal(Names(whole), Names(packed));
        foreach (var test in (FactorMatricesCase[])[packed, whole])
        {
            test.Matrices.Accumulate(test.Slice.Gradient);
            test.Matrices.RefreshDiagonals(1e-3);
            test.Matrices.Precondition(test.Slice.Gradient, test.Destination);
        }
        Assert.Equal(Values(whole), Values(packed));
    }

    [Fact]
    public void Begin_as_zero_and_the_identity()
    {
        using var test = new FactorMatricesCase([3, 2], ScalarType.Float64, isPacked: true);
        Assert.Equal(new double[9], test.Factor(0, 3));
        Assert.Equal([1, 0, 0, 0, 1, 0, 0, 0, 1], BlocksCase.Matrix(test.Matrices.InverseRoot(0), 3));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Have_the_roots_of_whole_ones(ScalarType type)
    {
        using FactorMatricesCase packed = new([7, 64], type, isPacked: true), whole = new([7, 64], type);
        foreach (var test in (FactorMatricesCase[])[packed, whole])
        {
            test.Matrices.Accumulate(test.Slice.Gradient);
            test.Matrices.Refresh(new Eigh(1e-2), biasCorrection: 0.5);
        }
        for (var block = 0; block < packed.Blocks; block++)
        {
            for (var k = 0; k < 2; k++)
            {
                Assert.Equal(whole.Factor(k, block), packed.Factor(k, block));
                var (root, n) = (BlocksCase.Matrix(whole.Matrices.InverseRoot(k), block), (int)whole.Shape[k]);
                var lower = root.Select((_, i) => root[Math.Max(i / n, i % n) * n + Math.Min(i / n, i % n)]);
                Assert.Equal(lower, BlocksCase.Matrix(packed.Matrices.InverseRoot(k), block));
            }
        }
    }

    [Fact]
    public void Keep_the_root_of_a_matrix_that_fails()
    {
        using var test = new FactorMatricesCase([3, 2], ScalarType.Float32, isPacked: true);
        test.Matrices.Accumulate(test.Slice.Gradient);
        var factors = Enumerable.Range(0, test.Blocks).Select(block => test.Factor(0, block)).ToArray();
        test.Matrices.Refresh(new MarksOne());
        var roots = Enumerable.Range(0, test.Blocks).Select(block => BlocksCase.Matrix(test.Matrices.InverseRoot(0), block)).ToArray();
        Assert.Equal([1, 0, 0, 0, 1, 0, 0, 0, 1], roots[0]);
        Assert.Equal([2, 2, 2, 2, 2, 2, 2, 2, 2], roots[1]);
        Assert.Equal(factors, Enumerable.Range(0, test.Blocks).Select(block => test.Factor(0, block)));
    }

    [Fact]
    public void Are_read_and_replaced_as_whole_matrices()
    {
        using var test = new FactorMatricesCase([3, 2], ScalarType.Float64, isPacked: true);
        double[] l = [1, 2, 3, 2, 4, 5, 3, 5, 6], x = [10, 20, 30, 20, 40, 50, 30, 50, 60];
        foreach (var (name, values) in (ReadOnlySpan<(string, double[])>)[(Factors, l), (Roots, x)])
        {
            Array(test, name, 0).Replace(2, block =>
            {
                using var tensor = Data.Tensor(values, [3, 3]);
                block.copy_(tensor);
            });
        }
        using Tensor factor = Array(test, Factors, 0).Block(2), root = Array(test, Roots, 0).Block(2);
        Assert.Equal(l, Data.Values(factor));
        Assert.Equal(x, Data.Values(root));
        Assert.Equal(new double[9], test.Factor(0, 1));
        Assert.Equal([1, 0, 0, 0, 1, 0, 0, 0, 1], BlocksCase.Matrix(test.Matrices.InverseRoot(0), 3));
    }

    public static TheoryData<int, ScalarType> Views
    {
        get
        {
            var data = new TheoryData<int, ScalarType>();
            foreach (var n in (int[])[1, 2, 7, 8, 9, 70])
            {
                foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16, ScalarType.Float16])
                    data.Add(n, type);
            }
            return data;
        }
    }

    // Where it cannot be known where numbers are, operators do it.
    [Theory]
    [MemberData(nameof(Views))]
    public void Are_made_whole_and_stored_in_memory_as_by_operators(int n, ScalarType type)
    {
        const int Blocks = 3;
        using var scope = torch.NewDisposeScope();
        var (memory, stored) = (Data.Normal(1, Blocks * (n + 1) * n), Data.Normal(2, Blocks * n * n));
        foreach (var isAvailable in (bool[])[true, false])
        {
            var pairs = Data.Tensor(memory, [Blocks, n + 1, n]).to_type(type);
            var before = Data.Values(pairs);
            Tensor factors = PackedMatrices.FactorsOf(pairs), roots = PackedMatrices.RootsOf(pairs), values = Data.Tensor(stored, [Blocks, n, n]).to_type(type);
            double[] wholeFactors, wholeRoots, after;
            NativeTensor.IsAvailable = isAvailable;
            try
            {
                (wholeFactors, wholeRoots) = (Data.Values(factors.Whole()), Data.Values(roots.Whole()));
                factors.narrow(0, 1, 2).Store(values.narrow(0, 1, 2));
                roots.narrow(0, 0, 2).Store(values.narrow(0, 0, 2));
                after = Data.Values(pairs);
            }
            finally
            {
                NativeTensor.IsAvailable = true;
            }
            var rounded = Data.Values(values);
            for (var block = 0; block < Blocks; block++)
            {
                for (var i = 0; i < n; i++)
                {
                    for (var j = 0; j <= i; j++)
                    {
                        int factor = (block * (n + 1) + i + 1) * n + j, root = (block * (n + 1) + j) * n + i;
                        int lower = (block * n + i) * n + j, upper = (block * n + j) * n + i;
                        Assert.Equal([before[factor], before[factor]], [wholeFactors[lower], wholeFactors[upper]]);
                        Assert.Equal([before[root], before[root]], [wholeRoots[lower], wholeRoots[upper]]);
                        Assert.Equal(block >= 1 ? rounded[lower] : before[factor], after[factor]);
                        Assert.Equal(block < 2 ? rounded[lower] : before[root], after[root]);
                    }
                }
            }
        }
    }

    [Fact]
    public void Move_together()
    {
        using var test = new FactorMatricesCase([3, 2], ScalarType.Float64, isPacked: true);
        var before = Data.LiveTensors();
        test.Bucket.Move(torch.META);
        Assert.All(test.Bucket.Arrays, array => Assert.Equal(DeviceType.META, array.Tensor.device_type));
        Assert.All(test.Bucket.Arrays, array => Assert.True(array.Tensor.ArePacked()));
        Assert.True(Data.LiveTensors() <= before);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Allocate_nothing(long[] shape, ScalarType type)
    {
        using var test = new FactorMatricesCase(shape, type, isPacked: true);
        Assert.Equal(0, FactorMatricesBlasTests.LeastAllocation(test));
    }

    // Where a product is one call in both, the bits are the same.
    private static void AssertSame(long[] shape, ScalarType type)
    {
        double[] whole = Results(shape, type, isPacked: false), packed = Results(shape, type, isPacked: true);
        if (shape.Max() <= BlasWork.PanelRows)
            Assert.Equal(MemoryMarshal.AsBytes<double>(whole).ToArray(), MemoryMarshal.AsBytes<double>(packed).ToArray());
        else
            Data.AssertClose(whole, packed, 0, (type == ScalarType.Float32 ? 2e-6 : 2e-15) * whole.Max(Math.Abs));
    }

    private static double[] Results(long[] shape, ScalarType type, bool isPacked)
    {
        using var test = new FactorMatricesCase(shape, type, isPacked: isPacked);
        test.Matrices.Accumulate(test.Slice.Gradient, 0.9, 0.1);
        for (var block = 0; block < test.Blocks; block++)
            test.SetRoots(block);
        test.Matrices.AccumulateKullbackLeibler(test.Slice.Gradient, 0.9, 0.1);
        test.Matrices.Precondition(test.Slice.Gradient, test.Destination);
        return Values(test);
    }

    private static double[] Values(FactorMatricesCase test) =>
    [
        .. Enumerable.Range(0, test.Shape.Length).SelectMany(k => Enumerable.Range(0, test.Blocks).SelectMany(block => test.Factor(k, block))),
        .. Enumerable.Range(0, test.Shape.Length).SelectMany(k => Enumerable.Range(0, test.Blocks).SelectMany(block => BlocksCase.Matrix(test.Matrices.InverseRoot(k), block))),
        .. Data.Values(test.Destination.Stack()),
    ];

    private static StackedArray Array(FactorMatricesCase test, string name, int k) => test.Bucket.Arrays.Single(array => array.Name == $"{name}{k}");

    private static IEnumerable<string> Names(FactorMatricesCase test) => test.Bucket.Arrays.Select(array => array.Name);

    private static void Without(bool available, bool syrk, Action test)
    {
        (Blas.IsAvailable, Blas.HasSyrk) = (available, syrk);
        try
        {
            test();
        }
        finally
        {
            (Blas.IsAvailable, Blas.HasSyrk) = (true, true);
        }
    }

    // Roots of twos, but for the first matrix of every stack.
    private readonly struct MarksOne : IInverseRootSolver
    {
        public static bool MarksFailures => true;

        public Tensor InverseRoot(Tensor matrices, double exponent)
        {
            using Scalar two = 2.0, nan = double.NaN;
            var roots = torch.empty_like(matrices).fill_(two);
            if (matrices.shape[0] > 1)
                roots.select(0, 0).fill_(nan);
            else
                roots.fill_(nan);
            return roots;
        }

        public void Regularize(Tensor matrices)
        {
        }
    }
}
