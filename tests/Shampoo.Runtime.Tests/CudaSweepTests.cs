using System.Numerics;

namespace Shampoo.Runtime.Tests;

/// <summary>
/// Two sweeps, m ← ½m + G and W ← W − c·‖m‖·m, as kernels and as vector code. The numbers are such that sums of squares are exact in double, so
/// that both have to come to the same bits whatever the order of the sums is.
/// </summary>
public sealed class CudaSweepTests
{
    private const string Text = """
        extern "C" __global__ void collect(const Arguments a)
        {
            const Gradient gradient_ = gradient_of(a);
            real* m_ = (real*)a.arrays[0];
            real* copy_ = (real*)a.arrays[1];
            double squares = 0;
            for (long long i = first(a); i < last(a); i += stride())
            {
                real m = (real)a.numbers[0] * m_[i] + gradient_[i];
                m_[i] = m;
                copy_[i] = m;
                squares += square(m);
            }
            add_squares(a, 0, squares);
        }

        extern "C" __global__ void move(const Arguments a)
        {
            const real scale = (real)(a.numbers[0] * norm(a, 0));
            const real* copy_ = (const real*)a.arrays[0];
            const Parameters parameters_ = parameters_of(a);
            for (long long i = first(a); i < last(a); i += stride())
                parameters_[i] = parameters_[i] + scale * copy_[i];
        }
        """;

    private const double C = -1.0 / 3;

    public static TheoryData<ScalarType> Types => [ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16];

    // Around the threads of a CUDA block, around a chunk, around two; and blocks that are parts of matrices.
    private static readonly (long[] Shape, int Max)[] s_shapes =
    [
        ([1], int.MaxValue), ([255], int.MaxValue), ([257], int.MaxValue), ([16383], int.MaxValue), ([16384], int.MaxValue),
        ([16385], int.MaxValue), ([32769], int.MaxValue), ([50, 70], 32), ([260, 130], 130), ([4, 3, 5, 6], 3),
    ];

    [CudaTheory]
    [MemberData(nameof(Types))]
    public void Comes_to_the_numbers_of_vector_code(ScalarType type)
    {
        using var fakes = new CudaFakes();
        foreach (var (shape, max) in s_shapes)
        {
            var (momentum, parameters) = Run(type, shape, max, Text);
            var (expectedMomentum, expectedParameters) = Run(type, shape, max, null);

            Assert.Equal(expectedMomentum, momentum);
            Assert.Equal(expectedParameters, parameters);
        }
    }

    [CudaTheory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.Float64, 1e-14)]
    public void Comes_to_the_numbers_of_plain_code(ScalarType type, double tolerance)
    {
        using var fakes = new CudaFakes();
        foreach (var n in (int[])[1, 257, 16385])
        {
            var (m, w) = (new double[n], Gradient(n, 99));
            for (var step = 0; step < 3; step++)
            {
                var g = Gradient(n, step);
                for (var i = 0; i < n; i++)
                    m[i] = 0.5 * m[i] + g[i];
                var norm = Math.Sqrt(m.Sum(value => value * value));
                for (var i = 0; i < n; i++)
                    w[i] += C * norm * m[i];
            }

            var (momentum, parameters) = Run(type, [n], int.MaxValue, Text);

            Assert.Equal(m, momentum);
            Data.AssertClose(w, parameters, tolerance, absolute: tolerance * w.Max(Math.Abs));
        }
    }

    [CudaFact]
    public void Allocates_nothing()
    {
        using var fakes = new CudaFakes();
        using var model = new Model(ScalarType.Float32, [40], int.MaxValue, Text);
        for (var step = 0; step < 3; step++)
            model.Step(step);

        Assert.Equal(0, model.Allocation);
    }

    [CudaFact]
    public void Takes_no_more_than_its_arguments_hold()
    {
        using var fakes = new CudaFakes();
        using var model = new Model(ScalarType.Float32, [40], int.MaxValue, Text);
        var slice = model.Slice();
        var sweep = new CudaSweep(slice, "move", [], []);

        Assert.Contains("48 numbers at most, not 49", Assert.Throws<ArgumentException>(() => sweep.Run(new double[49])).Message);
        Assert.Contains("8 norms at most, not 9", Assert.Throws<ArgumentException>(() => new CudaSweep(slice, "move", [], new BlockNorms[9])).Message);
        var arrays = Enumerable.Repeat(slice.Workspace("copy").Read(), 17).ToArray();
        Assert.Contains("16 arrays at most, not 17", Assert.Throws<ArgumentException>(() => new CudaSweep(slice, "move", arrays, [])).Message);
        _ = new CudaSweep(slice, "move", [.. arrays[..16], slice.Gradient.Read(), slice.Parameters.Read()], []);
    }

    [CudaFact]
    public void Needs_a_slice_of_its_dialect()
    {
        using var model = new Model(ScalarType.Float32, [40], int.MaxValue, null);

        Assert.Contains("Float32", Assert.Throws<InvalidOperationException>(() => new CudaSweep(model.Slice(), "move", [], [])).Message);
    }

    // Numbers with few digits.
    private static double[] Gradient(int n, int seed) => [.. Enumerable.Range(0, n).Select(i => (double)((i * 7 + seed * 5) % 11 - 5))];

    private static (double[] Momentum, double[] Parameters) Run(ScalarType type, long[] shape, int max, string? kernels)
    {
        using var model = new Model(type, shape, max, kernels);
        for (var step = 0; step < 3; step++)
            model.Step(step);
        return (model.Momentum, model.Parameters);
    }

    /// <summary>One parameter and the sweeps over all of its blocks.</summary>
    private sealed class Model : IDisposable
    {
        private readonly Parameter _parameter;
        private readonly MemoryParameter _member;
        private readonly Bucket[] _buckets;
        private readonly WorkspacePool _workspaces = new();
        private readonly int _elements;

        public Model(ScalarType type, long[] shape, int max, string? kernels)
        {
            _elements = Data.Elements(shape);
            _parameter = Data.Parameter(CudaSweepTests.Gradient(_elements, 99), shape, type);
            var plan = BlockPlan.Create(new BlockingRules(max), [(shape, BlockedParameter.KindOf(_parameter))]);
            _member = new MemoryParameter(_parameter, "weight", plan.Parameters[0]);
            _buckets = [.. plan.Buckets.Select(bucket => new Bucket(bucket, [_member], source => new State(source), _workspaces, null, Sweeps, kernels))];
            Assert.All(_buckets, bucket => Assert.Equal(kernels is not null, bucket.Dialect == Dialect.Cuda));
        }

        /// <summary>The managed bytes of the last step's sweeps.</summary>
        public long Allocation { get; private set; }

        public double[] Parameters => Data.Values(_parameter);

        public double[] Momentum => [.. _buckets.SelectMany(bucket => Data.Values(((State)bucket.State).Momentum.Stack()))];

        public BlockSlice Slice() => _buckets[0].Slice(0, _buckets[0].Count, out _);

        public void Step(int seed)
        {
            using var noGrad = torch.no_grad();
            Data.SetGradient(_parameter, CudaSweepTests.Gradient(_elements, seed));
            _member.BeginStep(searchNonFinite: false);
            foreach (var slice in new BlockSlices(_buckets, new IterateAverage(), new GroupNorms([], _buckets)))
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                ((TwoSweeps)slice.Sweeps).Run();
                Allocation = GC.GetAllocatedBytesForCurrentThread() - before;
            }
            _member.EndStep();
        }

        public void Dispose()
        {
            foreach (var bucket in _buckets)
                bucket.Dispose();
            _member.Dispose();
            _workspaces.Dispose();
            _parameter.Dispose();
        }

        private static TwoSweeps Sweeps(BlockSlice slice) => slice.Dialect switch
        {
            Dialect.Cuda => new CudaSweeps(slice),
            Dialect.Float64 => new VectorSweeps<double>(slice),
            _ => new VectorSweeps<float>(slice),
        };
    }

    private sealed class State(StateSource source) : BlockState(source)
    {
        public BlockArray Momentum { get; } = source.Array("momentum");
    }

    private abstract class TwoSweeps(BlockSlice slice) : BlockSweeps(slice)
    {
        protected ArrayAccess[] OfCollect { get; } = [slice.Gradient.Read(), ((State)slice.State).Momentum.ReadWrite(), slice.Workspace("copy").Write()];

        protected ArrayAccess[] OfMove { get; } = [slice.Workspace("copy").Read(), slice.Parameters.ReadWrite()];

        protected BlockNorms[] Norms { get; } = [slice.Norms("norm")];

        public abstract void Run();
    }

    private sealed class CudaSweeps : TwoSweeps
    {
        private readonly CudaSweep _collect, _move;

        public CudaSweeps(BlockSlice slice) : base(slice)
        {
            _collect = new(slice, "collect", OfCollect, Norms);
            _move = new(slice, "move", OfMove, Norms);
        }

        public override void Run()
        {
            _collect.Run([0.5]);
            _move.Run([C]);
        }
    }

    private sealed class VectorSweeps<T> : TwoSweeps where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly VectorSweep<T, Collect> _collect;
        private readonly VectorSweep<T, Move> _move;

        public VectorSweeps(BlockSlice slice) : base(slice)
        {
            _collect = new(slice, OfCollect, Norms);
            _move = new(slice, OfMove, Norms);
        }

        public override void Run()
        {
            _collect.Run(new Collect());
            _move.Run(new Move());
        }

        private readonly struct Collect : ISweep<T>
        {
            public void Run<V>(in Piece<T> piece) where V : struct, ILanes<V, T>
            {
                var half = V.Of(0.5);
                var squares = new SumOfSquares();
                for (var i = piece.Start; i < piece.End; i += V.Count)
                {
                    var m = half * V.Load(piece[1], i) + V.Load(piece[0], i);
                    V.Store(piece[1], i, m);
                    V.Store(piece[2], i, m);
                    V.AddSquares(ref squares, m);
                }
                piece.AddSquares(0, squares);
            }
        }

        private readonly struct Move : ISweep<T>
        {
            public void Run<V>(in Piece<T> piece) where V : struct, ILanes<V, T>
            {
                var scale = V.Of(C * piece.Norm(0));
                for (var i = piece.Start; i < piece.End; i += V.Count)
                    V.Store(piece[1], i, V.Load(piece[1], i) + scale * V.Load(piece[0], i));
            }
        }
    }
}
