namespace Shampoo.Runtime.Tests;

public sealed class FactorMatricesTests
{
    [Fact]
    public void Gives_the_polar_factor_of_a_single_gradient()
    {
        // L^(−1/4) G R^(−1/4) = (GGᵀ)^(−1/2) G when only G was accumulated.
        double[] g = [1, 2, -1, .5, -.25, 3];
        using var bucket = BucketOf([2, 3], 1);
        using var gradient = Data.Tensor(g, [1, 2, 3]);
        var matrices = Matrices(bucket);
        matrices.Accumulate(gradient);

        // The 3×3 factor is singular: a pseudo-inverse is what the identity asks for, so a root of its range only.
        matrices.Refresh(new Eigh(1e-14));
        using var direction = matrices.Precondition(gradient);

        Data.AssertClose([.478911864, .856123957, -.194152508, .255558395, .075620342, .963831661], Data.Values(direction), 1e-3);
    }

    public static TheoryData<long[]> Shapes => [[5], [3, 4], [2, 4, 3], [3, 2, 2, 4], [2, 3, 1, 2, 2]];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Accumulates_and_multiplies_along_every_dimension(long[] shape)
    {
        const int blocks = 3;
        var n = Data.Elements(shape);
        var (first, second) = (Data.Normal(1, blocks * n), Data.Normal(2, blocks * n));
        using var bucket = BucketOf(shape, blocks);
        var matrices = Matrices(bucket);
        using (Scalar decay = 0.9, weight = 0.1)
        using (Tensor a = Data.Tensor(first, [blocks, .. shape]), b = Data.Tensor(second, [blocks, .. shape]))
        {
            matrices.Accumulate(a, decay, weight);
            matrices.Accumulate(b, decay, weight);
        }
        matrices.Refresh(new Eigh(1e-3), 0.19);
        using var filtered = Data.Tensor(first, [blocks, .. shape]);
        using var direction = matrices.Precondition(filtered);
        var directions = Data.Values(direction);
        Assert.True(direction.is_contiguous());
        Assert.Equal([blocks, .. shape], direction.shape);

        for (var block = 0; block < blocks; block++)
        {
            var range = (block * n)..(block * n + n);
            var expected = first[range];
            for (var k = 0; k < shape.Length; k++)
            {
                var (one, two) = (Outer(first[range], shape, k), Outer(second[range], shape, k));
                var factor = Combine(one, two, 0.09, 0.1);
                AssertMatrix(factor, matrices.Factor(k), block, 1e-12);
                var root = Oracle.Root(factor, 0.19, 1e-3, 1.0 / (2 * shape.Length));
                AssertMatrix(root, matrices.InverseRoot(k), block, 1e-9);
                expected = Multiply(expected, shape, k, root);
            }
            Data.AssertClose(expected, directions[range], 1e-9, 1e-12);
        }
    }

    [Fact]
    public void Starts_with_the_identity()
    {
        using var bucket = BucketOf([2, 3], 2);
        var matrices = Matrices(bucket);
        using var filtered = Data.Tensor(Data.Normal(1, 12), [2, 2, 3]);
        using var direction = matrices.Precondition(filtered);

        Assert.Equal(Data.Values(filtered), Data.Values(direction));
    }

    [Theory]
    [InlineData(Precision.Float64, Precision.Float64, 1e-5)]
    [InlineData(Precision.Float64, Precision.Float32, 1e-5)]
    [InlineData(Precision.BFloat16, Precision.SameAsParameter, 3e-2)]
    [InlineData(Precision.SameAsParameter, Precision.BFloat16, 3e-2)]
    public void Stores_matrices_in_other_precisions(Precision factors, Precision roots, double tolerance)
    {
        var g = Data.Normal(4, 12);
        using var bucket = BucketOf([3, 4], 1, factors, roots, ScalarType.Float32);
        var matrices = Matrices(bucket);
        using var gradient = Data.Tensor(g, [1, 3, 4], ScalarType.Float32);
        matrices.Accumulate(gradient);
        matrices.Refresh(new Eigh(0.1));
        using var direction = matrices.Precondition(gradient);

        Assert.Equal(ScalarType.Float32, direction.dtype);
        var expected = Multiply(g, [3, 4], 0, Oracle.Root(Outer(g, [3, 4], 0), 1, 0.1, 0.25));
        expected = Multiply(expected, [3, 4], 1, Oracle.Root(Outer(g, [3, 4], 1), 1, 0.1, 0.25));
        Data.AssertClose(expected, Data.Values(direction), tolerance, tolerance);
    }

    [Fact]
    public void Refuses_precisions_that_it_has_not() =>
        Assert.Throws<NotSupportedException>(() => BucketOf([2], 1, Precision.FourBit));

    [Fact]
    public void Solves_one_by_one_and_then_in_double_what_fails_together()
    {
        var script = new FailingSolver.Script();
        using var bucket = BucketOf([2], 3, type: ScalarType.Float32);
        var matrices = Filled(bucket, ScalarType.Float32);

        // Block 1 is only solved in double.
        script.Fails = stack => stack.dtype == ScalarType.Float32 && (stack.shape[0] > 1 || Corner(stack) == Corner(matrices.Factor(0), 1));
        matrices.Refresh(new FailingSolver(script));

        Assert.Equal([(3, ScalarType.Float32), (1, ScalarType.Float32), (1, ScalarType.Float32), (1, ScalarType.Float64), (1, ScalarType.Float32)], script.Calls);
        AssertRoots(matrices, 1e-4);
        Assert.Equal([0, 0, 0], bucket.Counters[0].Values);
    }

    [Fact]
    public void Keeps_the_root_of_a_matrix_that_fails_and_counts()
    {
        var script = new FailingSolver.Script();
        using var bucket = BucketOf([2], 3);
        var matrices = Filled(bucket, ScalarType.Float64);
        script.Fails = stack => stack.shape[0] > 1 || Corner(stack) == Corner(matrices.Factor(0), 1);

        for (var refresh = 1; refresh <= 3; refresh++)
        {
            matrices.Refresh(new FailingSolver(script));
            Assert.Equal([0, refresh, 0], bucket.Counters[0].Values);
        }
        AssertMatrix(new double[,] { { 1, 0 }, { 0, 1 } }, matrices.InverseRoot(0), 1, 0);

        var error = Assert.Throws<InvalidOperationException>(() => matrices.Refresh(new FailingSolver(script)));
        Assert.Contains("block 1 [2..4] of 'weight'", error.Message);
        Assert.Contains("4 refreshes", error.Message);
        Assert.IsType<System.Runtime.InteropServices.ExternalException>(error.InnerException);

        script.Fails = _ => false;
        matrices.Refresh(new FailingSolver(script));
        Assert.Equal([0, 0, 0], bucket.Counters[0].Values);
        AssertRoots(matrices, 1e-9);
    }

    public static TheoryData<string> Iterations => ["CoupledNewton", "CoupledHigherOrder", "NewtonSchulzRoot", "MinimaxNewton"];

    // Of a matrix with a negative eigenvalue there is no root: eigh lifts the eigenvalues, iterations diverge.
    [Theory]
    [MemberData(nameof(Iterations))]
    public void Keeps_the_root_of_a_matrix_for_which_an_iteration_diverges(string name)
    {
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            using var bucket = BucketOf([2], 3, type: type);
            var matrices = Filled(bucket, type);
            using (var bad = matrices.Factor(0).select(0, 1))
            using (var indefinite = Data.Tensor([1, 5, 5, 1], [2, 2], type))
                bad.copy_(indefinite);

            for (var refresh = 1; refresh <= 3; refresh++)
            {
                Refresh(matrices, name);
                Assert.Equal([0, refresh, 0], bucket.Counters[0].Values);
            }
            AssertMatrix(new double[,] { { 1, 0 }, { 0, 1 } }, matrices.InverseRoot(0), 1, 0);
            foreach (var block in (int[])[0, 2])
                AssertMatrix(Oracle.Root(MatrixOf(matrices.Factor(0), block), 1, 0, 0.5), matrices.InverseRoot(0), block, type == ScalarType.Float64 ? 1e-5 : 1e-3);

            var error = Assert.Throws<InvalidOperationException>(() => Refresh(matrices, name));
            Assert.Contains("block 1 [2..4] of 'weight'", error.Message);
            Assert.Contains("iteration", Assert.IsType<System.Runtime.InteropServices.ExternalException>(error.InnerException).Message);
        }
    }

    private static void Refresh(FactorMatrices matrices, string solver)
    {
        switch (solver)
        {
            case "CoupledNewton": matrices.Refresh(new CoupledNewton(1e-12)); break;
            case "CoupledHigherOrder": matrices.Refresh(new CoupledHigherOrder(1e-12)); break;
            case "NewtonSchulzRoot": matrices.Refresh(new NewtonSchulzRoot(1e-12)); break;
            default: matrices.Refresh(new TraceScaled<MinimaxNewton>(new(1e-12), 1e-12, 1)); break; // not at all, but through it
        }
    }

    // Pascal's matrix of order 9, of condition 3e8 and determinant 1: exact in float32, but out of the reach of its iterations.
    [Fact]
    public void Takes_the_root_that_an_iteration_fails_on_in_double()
    {
        const int n = 9;
        var pascal = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                pascal[i, j] = i == 0 || j == 0 ? 1 : pascal[i - 1, j] + pascal[i, j - 1];
        }
        using var bucket = BucketOf([n], 2, type: ScalarType.Float32);
        var matrices = Matrices(bucket);
        using (var stack = Data.Tensor([.. pascal.Cast<double>(), .. Enumerable.Range(0, n * n).Select(static i => i % (n + 1) == 0 ? 4.0 : 0)], [2, n, n], ScalarType.Float32))
        {
            matrices.Factor(0).copy_(stack);
            using var root = new CoupledHigherOrder(0).InverseRoot(stack, 0.5);
            Assert.All(Data.Values(root)[..(n * n)], static value => Assert.True(double.IsNaN(value)));
        }

        matrices.Refresh(new CoupledHigherOrder(0));

        Assert.Equal([0, 0], bucket.Counters[0].Values);
        AssertMatrix(Oracle.Root(pascal, 1, 0, 0.5), matrices.InverseRoot(0), 0, 1e-4);
        Assert.Equal(0.5, MatrixOf(matrices.InverseRoot(0), 1)[3, 3], 1e-6);
    }

    [Fact]
    public void Allocates_no_more_for_more_blocks()
    {
        Assert.Equal(RefreshAllocation(blocks: 2), RefreshAllocation(blocks: 200));
    }

    private static long RefreshAllocation(int blocks)
    {
        using var bucket = BucketOf([2], blocks);
        using var gradient = Data.Tensor(Data.Normal(1, 2 * blocks), [blocks, 2]);
        var (matrices, least) = (Matrices(bucket), long.MaxValue);
        matrices.Accumulate(gradient);
        for (var refresh = 0; refresh < 40; refresh++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            matrices.Refresh(new Eigh(1e-6));
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }

    [Fact]
    public void Counts_the_failures_of_a_block_in_a_later_slice()
    {
        // Three blocks, each a slice of its own. The second one is solved by calls 2 and 3: together, and alone.
        var script = new FailingSolver.Script();
        script.Fails = _ => script.Calls.Count is 2 or 3;
        var parameter = Data.Parameter(1, 6);
        using var optimizer = new HandWrittenShampoo([parameter], new Settings(MaxDimension: 2, Start: 1, Frequency: 1), new(WorkspaceElements: 2)) { Solver = new(script) };
        Data.SetGradient(parameter, Data.Normal(2, 6));

        optimizer.step();

        Assert.Equal(4, script.Calls.Count);
        Assert.Equal([0, 1, 0], optimizer.Buckets.Single().Counters[0].Values);
    }

    [Fact]
    public void Names_the_block_whose_factor_is_not_finite()
    {
        using var bucket = BucketOf([2], 3);
        var matrices = Filled(bucket, ScalarType.Float64);
        using (var block = matrices.Factor(0).select(0, 2))
        using (Scalar infinity = double.PositiveInfinity)
            block.fill_(infinity);

        var error = Assert.Throws<NotFiniteNumberException>(() => matrices.Refresh(new Eigh(1e-6)));

        Assert.Contains("factor matrix of dimension 0 of block 2 [4..6] of 'weight'", error.Message);
        AssertMatrix(new double[,] { { 1, 0 }, { 0, 1 } }, matrices.InverseRoot(0), 0, 0);
    }

    [Fact]
    public void Keeps_all_roots_where_a_factor_is_not_finite()
    {
        const int n = 256;
        using var bucket = BucketOf([n], 5);
        var matrices = Matrices(bucket);
        using (var block = matrices.Factor(0).select(0, 4))
        using (Scalar infinity = double.PositiveInfinity)
            block.fill_(infinity);

        Assert.Throws<NotFiniteNumberException>(() => matrices.Refresh(new Eigh(1e-6)));

        using var before = torch.eye(n).expand(5, n, n);
        Assert.Equal(Data.Values(before), Data.Values(matrices.InverseRoot(0)));
    }

    [Fact]
    public void Names_the_block_whose_root_is_not_finite()
    {
        using var bucket = BucketOf([2], 2);
        var matrices = Matrices(bucket);
        using var gradient = Data.Tensor([1, 2, 0, 0], [2, 2]);
        matrices.Accumulate(gradient);

        // Nothing was accumulated for the second block, and ε = 0 leaves 0^(−1/2).
        var error = Assert.Throws<NotFiniteNumberException>(() => matrices.Refresh(new Eigh(0)));

        Assert.Contains("inverse root of dimension 0", error.Message);
    }

    private static void AssertRoots(FactorMatrices matrices, double tolerance)
    {
        for (var block = 0; block < 3; block++)
            AssertMatrix(Oracle.Root(MatrixOf(matrices.Factor(0), block), 1, 1e-6, 0.5), matrices.InverseRoot(0), block, tolerance);
    }

    private static FactorMatrices Filled(Bucket bucket, ScalarType type)
    {
        var matrices = Matrices(bucket);
        for (var i = 0; i < 3; i++)
        {
            using var gradient = Data.Tensor(Data.Normal(i + 1, 6), [3, 2], type);
            matrices.Accumulate(gradient);
        }
        return matrices;
    }

    private static double Corner(Tensor stack, int block = 0) => MatrixOf(stack, block)[0, 0];

    private static double[,] MatrixOf(Tensor stack, int block)
    {
        using var matrix = stack.select(0, block);
        var (n, values) = ((int)matrix.shape[0], Data.Values(matrix));
        var result = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                result[i, j] = values[i * n + j];
        }
        return result;
    }

    private static void AssertMatrix(double[,] expected, Tensor stack, int block, double tolerance) =>
        Data.AssertClose([.. expected.Cast<double>()], [.. MatrixOf(stack, block).Cast<double>()], tolerance, tolerance);

    private static double[,] Outer(double[] g, long[] shape, int k)
    {
        var indices = BlockingRulesTests.Indices(shape).ToArray();
        var outer = new double[shape[k], shape[k]];
        for (var a = 0; a < g.Length; a++)
        {
            for (var b = 0; b < g.Length; b++)
            {
                if (Agree(indices[a], indices[b], k))
                    outer[indices[a][k], indices[b][k]] += g[a] * g[b];
            }
        }
        return outer;
    }

    private static double[] Multiply(double[] x, long[] shape, int k, double[,] matrix)
    {
        var indices = BlockingRulesTests.Indices(shape).ToArray();
        var product = new double[x.Length];
        for (var a = 0; a < x.Length; a++)
        {
            for (var b = 0; b < x.Length; b++)
            {
                if (Agree(indices[a], indices[b], k))
                    product[a] += matrix[indices[a][k], indices[b][k]] * x[b];
            }
        }
        return product;
    }

    private static bool Agree(long[] a, long[] b, int k) => Enumerable.Range(0, a.Length).All(d => d == k || a[d] == b[d]);

    private static double[,] Combine(double[,] a, double[,] b, double weightA, double weightB)
    {
        var sum = new double[a.GetLength(0), a.GetLength(1)];
        for (var i = 0; i < sum.GetLength(0); i++)
        {
            for (var j = 0; j < sum.GetLength(1); j++)
                sum[i, j] = weightA * a[i, j] + weightB * b[i, j];
        }
        return sum;
    }

    private static FactorMatrices Matrices(Bucket bucket) => ((MatricesOnly)bucket.State).Matrices;

    // One parameter that is cut into `blocks` blocks of the shape, along its first dimension.
    private static Bucket BucketOf(
        long[] shape, int blocks, Precision factors = Precision.SameAsParameter, Precision roots = Precision.SameAsParameter, ScalarType type = ScalarType.Float64)
    {
        long[] whole = [shape[0] * blocks, .. shape[1..]];
        using var values = torch.zeros(whole, dtype: type);
        var parameter = new Parameter(values.clone());
        var regions = Enumerable.Range(0, blocks)
            .Select(b => new BlockRegion([b * shape[0], .. new long[shape.Length - 1]], shape)).ToArray();
        var members = Enumerable.Range(0, blocks).Select(b => new BlockReference(0, b)).ToList();
        var plan = new BucketPlan(shape, BlockedParameter.KindOf(parameter), members);
        var places = Enumerable.Range(0, blocks).Select(b => (0, b)).ToArray();
        BlockedParameter[] parameters = [new MemoryParameter(parameter, "weight", new ParameterPlan(whole, regions, places))];
        return new Bucket(plan, parameters, source => new MatricesOnly(source, factors, roots), new WorkspacePool(), 1 << 20);
    }

    private sealed class MatricesOnly(StateSource source, Precision factors, Precision roots) : BlockState(source)
    {
        public FactorMatrices Matrices { get; } = source.FactorMatrices(factors, roots);
    }
}
