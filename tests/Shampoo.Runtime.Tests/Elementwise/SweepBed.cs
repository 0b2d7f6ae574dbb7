using System.Numerics;

namespace Shampoo.Runtime.Tests.Elementwise;

/// <summary>Parameters in one bucket, with an array of state and workspaces, for sweeps that belong to no optimizer.</summary>
internal sealed class SweepBed : IDisposable
{
    private readonly WorkspacePool _workspaces = new();
    private readonly BlockedParameter[] _parameters;

    /// <param name="parameters">Of one kind; their blocks are of one shape.</param>
    /// <param name="max">The largest dimension of a block.</param>
    /// <param name="precision">How the array of state is stored.</param>
    /// <param name="sliceElements">The length of a slice; all blocks if null.</param>
    public SweepBed(Parameter[] parameters, int max = int.MaxValue, Precision precision = Precision.SameAsParameter, long? sliceElements = null)
    {
        var plan = BlockPlan.Create(new BlockingRules(max), parameters.Select(parameter => (parameter.shape, BlockedParameter.KindOf(parameter))));
        _parameters = [.. parameters.Select((parameter, p) => new MemoryParameter(parameter, $"parameter {p}", plan.Parameters[p]))];
        Bucket = new Bucket(Assert.Single(plan.Buckets), _parameters, source => new State(source, precision), _workspaces, sliceElements ?? long.MaxValue);
        foreach (var parameter in _parameters)
            parameter.BeginStep(searchNonFinite: false);
        Slice = Bucket.Slice(0, Bucket.NextRun(0).Count, out _);
        Slice.Begin();
    }

    public Bucket Bucket { get; }

    /// <summary>All blocks, in their turn.</summary>
    public BlockSlice Slice { get; }

    public BlockArray Moment => ((State)Slice.State).Moment;

    public void Dispose()
    {
        Slice.End();
        Bucket.Dispose();
        _workspaces.Dispose();
        foreach (var parameter in _parameters)
            parameter.Dispose();
    }

    private sealed class State(StateSource source, Precision precision) : BlockState(source)
    {
        public BlockArray Moment { get; } = source.Array("moment", precision);
    }
}

/// <summary>v ← 0.75·v + 0.25·g², w ← w − 0.125·(g / (√v + 0.001)); the squares of the quotient.</summary>
internal readonly struct DescentSweep<T> : ISweep<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public void Run<V>(in Piece<T> piece) where V : struct, ILanes<V, T>
    {
        V decay = V.Of(0.75), weight = V.Of(0.25), lr = V.Of(0.125), epsilon = V.Of(0.001);
        Elements<T> gradient_ = piece[0], moment_ = piece[1], parameters_ = piece[2];
        var squares = new SumOfSquares();
        for (var i = piece.Start; i < piece.End; i += V.Count)
        {
            V gradient = V.Load(gradient_, i), moment = V.Load(moment_, i), parameters = V.Load(parameters_, i);
            moment = decay * moment + weight * (gradient * gradient);
            V.Store(moment_, i, moment);
            var direction = gradient / (V.Sqrt(moment) + epsilon);
            V.Store(parameters_, i, parameters - lr * direction);
            V.AddSquares(ref squares, direction);
        }
        piece.AddSquares(0, squares);
    }

    /// <summary>The same for one element.</summary>
    public static (T Parameter, T Moment, T Direction) Once(T gradient, T moment, T parameter)
    {
        moment = T.CreateTruncating(0.75) * moment + T.CreateTruncating(0.25) * (gradient * gradient);
        var direction = gradient / (T.Sqrt(moment) + T.CreateTruncating(0.001));
        return (parameter - T.CreateTruncating(0.125) * direction, moment, direction);
    }

    public static VectorSweep<T, DescentSweep<T>> Over(SweepBed bed, BlockNorms norm) =>
        new(bed.Slice, [bed.Slice.Gradient.Read(), bed.Moment.ReadWrite(), bed.Slice.Parameters.ReadWrite()], [norm]);
}

/// <summary>The norm of a block, in every element of an array.</summary>
internal readonly struct NormSweep<T> : ISweep<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public void Run<V>(in Piece<T> piece) where V : struct, ILanes<V, T>
    {
        var norm = V.Of(piece.Norm(0));
        for (var i = piece.Start; i < piece.End; i += V.Count)
            V.Store(piece[0], i, norm);
    }
}
