namespace Shampoo.Runtime.Tests;

/// <summary>Statistics by a library that plays cuBLAS on the host's memory, against products by the definition.</summary>
public sealed class CudaBlasTests
{
    private const string Double = "cublasDgemmStridedBatched", Single = "cublasSgemmStridedBatched";

    public static TheoryData<long[], ScalarType, int> Shapes
    {
        get
        {
            var data = new TheoryData<long[], ScalarType, int>();
            foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
            {
                data.Add([7], type, 1);
                data.Add([5, 4], type, 2);
                data.Add([1, 6], type, 2);
                data.Add([4, 3, 2], type, 2);       // the unfolding of the one in the middle is in parts
                data.Add([3, 2, 2, 5], type, 2);
            }
            return data;
        }
    }

    [CudaTheory]
    [MemberData(nameof(Shapes))]
    public void Adds_up_the_products_of_all_blocks_in_place(long[] shape, ScalarType type, int calls)
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseBlas();
        using var test = new Statistics(shape, type);
        var before = Calls();
        test.RequireAccumulates();
        Assert.Equal(before + 2 * calls, Calls());
        Assert.Empty(fakes.Warnings);
    }

    [CudaFact]
    public void Leaves_matrices_that_are_stored_in_another_way_to_torch()
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseBlas();
        Require(new Statistics([5, 4], ScalarType.Float64, isPacked: true), 0);
        Require(new Statistics([5, 4], ScalarType.Float64, maxDimension: 4), 1);
        Require(new Statistics([5, 4], ScalarType.Float32, factors: Precision.Float64), 0);

        static void Require(Statistics test, int calls)
        {
            using (test)
            {
                var before = Calls();
                test.RequireAccumulates();
                Assert.Equal(before + 2 * calls, Calls());
            }
        }
    }

    [CudaFact]
    public void Rounds_to_TF32_where_torch_does()
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseBlas();
        using var test = new Statistics([5, 4], ScalarType.Float32);
        test.RequireAccumulates();
        Assert.Equal(0, CudaFakes.Math);
        torch.backends.cuda.matmul.allow_tf32 = true;
        try
        {
            test.Accumulate(1, 1);
        }
        finally
        {
            torch.backends.cuda.matmul.allow_tf32 = false;
        }
        Assert.Equal(3, CudaFakes.Math);
    }

    [CudaTheory]
    [InlineData(Double)]
    [InlineData("cublasSetMathMode")]
    public void Leaves_a_product_that_is_refused_to_torch(string call)
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseBlas();
        using var test = new Statistics([5, 4], ScalarType.Float64);
        using (CudaFakes.Fail(call, 13))
            test.RequireAccumulates();
        Assert.Equal($"no products of Float64 by cuBLAS on cpu, torch's are used instead: {call} failed with code 13 (a cublasStatus_t).", Assert.Single(fakes.Warnings));
    }

    [CudaTheory]
    [InlineData(Double, -1, "a product that was tried out is wrong")]
    [InlineData(Double, 15, "cublasDgemmStridedBatched failed with code 15 (a cublasStatus_t).")]
    [InlineData("cublasCreate", 1, "cublasCreate failed with code 1 (a cublasStatus_t).")]
    public void Does_not_trust_a_library_that_fails_when_it_is_tried_out(string call, int code, string why)
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseBlas();
        using (CudaFakes.Fail(call, code))
        {
            using var first = new Statistics([5, 4], ScalarType.Float64);
            first.RequireAccumulates();
        }
        using var second = new Statistics([5, 4], ScalarType.Float64);
        var before = Calls();
        second.RequireAccumulates();
        Assert.Equal(before, Calls());
        Assert.Equal("no products of Float64 by cuBLAS on cpu, torch's are used instead: " + why, Assert.Single(fakes.Warnings));
    }

    [CudaFact]
    public void Does_without_a_library_that_is_missing_and_is_silent_where_it_is_switched_off()
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseBlas("/nowhere/libcublas.so");
        using (new SwitchedOff(CudaBlas.Switch))
        {
            using var test = new Statistics([5, 4], ScalarType.Float64);
            test.RequireAccumulates();
        }
        Assert.Empty(fakes.Warnings);

        for (var i = 0; i < 2; i++)
        {
            using var test = new Statistics([5, 4], ScalarType.Float64);
            test.RequireAccumulates();
        }
        Assert.EndsWith("cuBLAS (libcublas.so) was not found", Assert.Single(fakes.Warnings));
    }

    private static int Calls() => CudaFakes.Count(Single) + CudaFakes.Count(Double);

    /// <summary>L_k of blocks that operators work on, as on a GPU.</summary>
    private sealed class Statistics(
        long[] shape, ScalarType type, Precision factors = Precision.SameAsParameter, int maxDimension = int.MaxValue, bool isPacked = false)
        : BlocksCase(shape, type, source => new MatricesOnly(source, factors, maxDimension, isPacked), elementwise: ElementwiseDialect.Torch)
    {
        private readonly double _tolerance = type == ScalarType.Float32 ? 2e-6 : 1e-14;

        public void Accumulate(double decay, double weight) => ((MatricesOnly)Slice.State).Matrices.Accumulate(Slice.Gradient, decay, weight);

        /// <summary>L_k = GGᵀ, and 0.9·L_k + 0.3·GGᵀ then.</summary>
        public void RequireAccumulates()
        {
            Accumulate(0, 1);
            Require(1);
            Accumulate(0.9, 0.3);
            Require(1.2);
        }

        private void Require(double factor)
        {
            for (var k = 0; k < Shape.Length; k++)
            {
                for (var block = 0; block < Blocks; block++)
                {
                    var n = (int)Shape[k];
                    double[] expected = [.. OuterProduct(Gradient(block), k).Select(x => factor * x)];
                    if (n > maxDimension)
                        expected = [.. Enumerable.Range(0, n).Select(i => expected[i * (n + 1)])];
                    Data.AssertClose(expected, Matrix(((MatricesOnly)Slice.State).Matrices.Factor(k), block), 0, _tolerance * expected.Max(Math.Abs));
                }
            }
        }
    }

    private sealed class MatricesOnly(StateSource source, Precision factors, int maxDimension, bool isPacked) : BlockState(source)
    {
        public FactorMatrices Matrices { get; } = source.FactorMatrices(factors, maxDimension: maxDimension, packed: isPacked);
    }
}
