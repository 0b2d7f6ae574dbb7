using System.Numerics;

namespace Shampoo.Runtime.Tests.Elementwise;

/// <summary>An optimizer of one sweep and no products.</summary>
public sealed class SweepOnly : BlockedOptimizer<SweepOnly.Options>
{
    private readonly Precision _precision;

    public SweepOnly(IEnumerable<Parameter> parameters, int max, Precision precision = Precision.SameAsParameter) : base(new BlockingRules(max), new Options { LearningRate = 0.125 })
    {
        _precision = precision;
        AddParameterGroups([new ParamGroup(parameters)]);
    }

    protected override BlockState CreateState(StateSource source) => new State(source, _precision);

    protected override BlockSweeps CreateSweeps(BlockSlice slice) => slice.Dialect == Dialect.Float32 ? new Blocks<float>(slice) : new Blocks<double>(slice);

    protected override void StepGroup(BlockSlices slices, Options options, long t)
    {
        foreach (var slice in slices)
            ((Blocks)slice.Sweeps).Run();
    }

    private sealed class State(StateSource source, Precision precision) : BlockState(source)
    {
        public BlockArray Moment { get; } = source.Array("moment", precision);
    }

    private abstract class Blocks(BlockSlice slice) : BlockSweeps(slice)
    {
        public abstract void Run();
    }

    private sealed class Blocks<T>(BlockSlice slice) : Blocks(slice) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly VectorSweep<T, DescentSweep<T>> _sweep = new(
            slice, [slice.Gradient.Read(), ((State)slice.State).Moment.ReadWrite(), slice.Parameters.ReadWrite()], [slice.Norms("norm")]);

        public override void Run() => _sweep.Run(default);
    }

    public sealed class Options : BlockedOptions
    {
        protected override void Visit(OptionVisitor visitor)
        {
        }
    }

    public sealed class ParamGroup(IEnumerable<Parameter> parameters) : BlockedParamGroup<Options>(parameters);
}
