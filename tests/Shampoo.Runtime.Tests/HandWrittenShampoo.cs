using System.Numerics;
using static TorchSharp.torch.optim;

namespace Shampoo.Runtime.Tests;

/// <summary>
/// An optimizer as the generator would write it: [Grafting(Adam)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = …)] [FirstMoment]
/// [WeightDecay(Decoupled)]; the structure comes from <see cref="Settings"/> here.
/// </summary>
public sealed partial class HandWrittenShampoo : BlockedOptimizer<HandWrittenShampoo.Options>, IBetas
{
    private readonly Settings _settings;
    private readonly Hooks _hooks;

    public HandWrittenShampoo(IEnumerable<(string name, Parameter parameter)> parameters, Settings? settings = null, Hooks? hooks = null)
        : this([new ParamGroup(parameters)], settings, hooks)
    {
    }

    public HandWrittenShampoo(IEnumerable<Parameter> parameters, Settings? settings = null, Hooks? hooks = null)
        : this([new ParamGroup(parameters)], settings, hooks)
    {
    }

    public HandWrittenShampoo(IEnumerable<ParamGroup> parameters, Settings? settings = null, Hooks? hooks = null)
        : base(new BlockingRules((settings ?? new()).MaxDimension), OptionsOf(settings ?? new()), (hooks ?? new()).SearchNonFinite)
    {
        _settings = settings ?? new Settings();
        _hooks = hooks ?? new Hooks();
        AddParameterGroups(parameters);
    }

    /// <summary>What tests change of the runtime.</summary>
    public sealed record Hooks(long? WorkspaceElements = null, bool UsesMemory = true, bool SearchNonFinite = true, bool SearchesLate = false);

    internal override long? WorkspaceElements => _hooks.WorkspaceElements;

    internal override bool SearchesLate(StorageKind kind) => _hooks.SearchesLate || base.SearchesLate(kind);

    internal override bool UsesMemory => _hooks.UsesMemory && base.UsesMemory;

    public (double, double) Betas
    {
        get => ((IBetas)Groups.First()).Betas;
        set
        {
            foreach (var group in Groups)
                ((IBetas)group).Betas = value;
        }
    }

    /// <summary>The solver of tests of failure; null for Eigh.</summary>
    internal FailingSolver? Solver { get; set; }

    /// <summary>The sizes of the slices of the last step.</summary>
    internal List<int> SliceSizes { get; } = [];

    protected override BlockState CreateState(StateSource source) => new State(source);

    protected override BlockSweeps CreateSweeps(BlockSlice slice) => slice.Dialect switch
    {
        Dialect.Float32 => new VectorBlocks<float>(slice),
        Dialect.Float64 => new VectorBlocks<double>(slice),
        Dialect.Cuda => new CudaBlocks(slice),
        _ => new TorchBlocks(slice),
    };

    protected override string? CudaText => CudaBlocks.Text;

    protected override void StepGroup(BlockSlices slices, Options options, long t)
    {
        SliceSizes.Clear();
        var n = new Numbers(options, t);
        foreach (var slice in slices)
        {
            SliceSizes.Add(slice.Count);
            StepBlocks((Blocks)slice.Sweeps, n, t);
        }
    }

    private void StepBlocks(Blocks blocks, in Numbers n, long t)
    {
        blocks.state.factor_matrices.Accumulate(blocks.gradient, n.beta2, n.one_minus_beta2);
        if (t < _settings.Start)
        {
            blocks.BeforeStart(n);
            return;
        }
        if (t == _settings.Start || t % _settings.Frequency == 0)
            Refresh(blocks.state, n);
        blocks.BeforeProducts(n);
        blocks.state.factor_matrices.Precondition(blocks.filtered_gradient, blocks.direction);
        blocks.DirectionNorm(n);
        blocks.Update(n);
    }

    private void Refresh(State state, in Numbers n)
    {
        if (Solver is { } failing)
            state.factor_matrices.Refresh(failing, n.bias_correction2);
        else
            state.factor_matrices.Refresh(new Eigh(n.epsilon), n.bias_correction2);
    }

    private static Options OptionsOf(Settings settings) => new()
    {
        LearningRate = settings.Lr,
        beta1 = settings.Beta1,
        beta2 = settings.Beta2,
        epsilon = settings.Epsilon,
        grafting_beta2 = settings.GraftingBeta2,
        grafting_epsilon = settings.GraftingEpsilon,
        weight_decay = settings.WeightDecay,
    };

    internal sealed class State : BlockState
    {
        public readonly BlockArray first_moment;
        public readonly BlockArray grafting_second_moment;
        public readonly FactorMatrices factor_matrices;

        public State(StateSource source) : base(source)
        {
            first_moment = source.Array("first_moment");
            grafting_second_moment = source.Array("grafting_second_moment");
            factor_matrices = source.FactorMatrices(toleratedFailures: 3);
        }
    }

    private readonly struct Numbers
    {
        public readonly double beta1, one_minus_beta1, beta2, one_minus_beta2, grafting_beta2, one_minus_grafting_beta2, grafting_epsilon;
        public readonly double bias_correction1, bias_correction2, grafting_bias_correction, norm_guard, weight_decay, minus_lr, epsilon;

        public Numbers(Options options, long t)
        {
            (beta1, beta2, grafting_beta2) = (options.beta1!.Value, options.beta2!.Value, options.grafting_beta2!.Value);
            one_minus_beta1 = 1 - beta1;
            one_minus_beta2 = 1 - beta2;
            one_minus_grafting_beta2 = 1 - grafting_beta2;
            grafting_epsilon = options.grafting_epsilon!.Value;
            bias_correction1 = 1 - Math.Pow(beta1, t);
            bias_correction2 = 1 - Math.Pow(beta2, t);
            grafting_bias_correction = 1 - Math.Pow(grafting_beta2, t);
            norm_guard = 1e-16;
            weight_decay = options.weight_decay!.Value;
            minus_lr = -options.LearningRate!.Value;
            epsilon = options.epsilon!.Value;
        }
    }

    private abstract class Blocks : BlockSweeps
    {
        public readonly State state;
        public readonly BlockArray gradient, parameters;
        public readonly BlockArray filtered_gradient, direction;
        public readonly BlockNorms grafting_direction_norm, direction_norm;

        protected Blocks(BlockSlice slice) : base(slice)
        {
            state = (State)slice.State;
            gradient = slice.Gradient;
            parameters = slice.Parameters;
            filtered_gradient = slice.Workspace("filtered_gradient");
            direction = slice.Workspace("direction");
            grafting_direction_norm = slice.Norms("grafting_direction_norm");
            direction_norm = slice.Norms("direction_norm");
        }

        /// <summary>The whole step, as long as nothing is preconditioned.</summary>
        public abstract void BeforeStart(in Numbers n);

        public abstract void BeforeProducts(in Numbers n);

        public abstract void DirectionNorm(in Numbers n);

        public abstract void Update(in Numbers n);
    }

    private sealed class VectorBlocks<T> : Blocks where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly VectorSweep<T, BeforeStartSweep> before_start;
        private readonly VectorSweep<T, BeforeProductsSweep> before_products;
        private readonly VectorSweep<T, DirectionNormSweep> norm_of_direction;
        private readonly VectorSweep<T, UpdateSweep> update;

        public VectorBlocks(BlockSlice slice) : base(slice)
        {
            before_start = new(
                slice, [gradient.Read(), state.grafting_second_moment.ReadWrite(), state.first_moment.ReadWrite(), parameters.ReadWrite()], []);
            before_products = new(
                slice, [gradient.Read(), state.grafting_second_moment.ReadWrite(), state.first_moment.ReadWrite(), filtered_gradient.Write()],
                [grafting_direction_norm]);
            norm_of_direction = new(slice, [direction.Read()], [direction_norm]);
            update = new(slice, [direction.Read(), parameters.ReadWrite()], [grafting_direction_norm, direction_norm]);
        }

        public override void BeforeStart(in Numbers n) => before_start.Run(new BeforeStartSweep(n));

        public override void BeforeProducts(in Numbers n) => before_products.Run(new BeforeProductsSweep(n));

        public override void DirectionNorm(in Numbers n) => norm_of_direction.Run(new DirectionNormSweep());

        public override void Update(in Numbers n) => update.Run(new UpdateSweep(n));

        private readonly struct BeforeStartSweep(Numbers n) : ISweep<T>
        {
            public void Run<V>(in Piece<T> piece) where V : struct, ILanes<V, T>
            {
                V grafting_beta2 = V.Of(n.grafting_beta2), one_minus_grafting_beta2 = V.Of(n.one_minus_grafting_beta2);
                V beta1 = V.Of(n.beta1), one_minus_beta1 = V.Of(n.one_minus_beta1), bias_correction1 = V.Of(n.bias_correction1);
                V grafting_bias_correction = V.Of(n.grafting_bias_correction), grafting_epsilon = V.Of(n.grafting_epsilon);
                V weight_decay = V.Of(n.weight_decay), minus_lr = V.Of(n.minus_lr);
                Elements<T> gradient_ = piece[0], grafting_second_moment_ = piece[1], first_moment_ = piece[2], parameters_ = piece[3];
                for (var i = piece.Start; i < piece.End; i += V.Count)
                {
                    V gradient = V.Load(gradient_, i), grafting_second_moment = V.Load(grafting_second_moment_, i);
                    V first_moment = V.Load(first_moment_, i), parameters = V.Load(parameters_, i);

                    grafting_second_moment = grafting_beta2 * grafting_second_moment + one_minus_grafting_beta2 * (gradient * gradient);
                    V.Store(grafting_second_moment_, i, grafting_second_moment);

                    first_moment = beta1 * first_moment + one_minus_beta1 * gradient;
                    V.Store(first_moment_, i, first_moment);

                    var direction = first_moment / bias_correction1 / (V.Sqrt(grafting_second_moment / grafting_bias_correction) + grafting_epsilon);
                    direction = direction + weight_decay * parameters;
                    V.Store(parameters_, i, parameters + minus_lr * direction);
                }
            }
        }

        private readonly struct BeforeProductsSweep(Numbers n) : ISweep<T>
        {
            public void Run<V>(in Piece<T> piece) where V : struct, ILanes<V, T>
            {
                V grafting_beta2 = V.Of(n.grafting_beta2), one_minus_grafting_beta2 = V.Of(n.one_minus_grafting_beta2);
                V beta1 = V.Of(n.beta1), one_minus_beta1 = V.Of(n.one_minus_beta1), bias_correction1 = V.Of(n.bias_correction1);
                V grafting_bias_correction = V.Of(n.grafting_bias_correction), grafting_epsilon = V.Of(n.grafting_epsilon);
                Elements<T> gradient_ = piece[0], grafting_second_moment_ = piece[1], first_moment_ = piece[2], filtered_gradient_ = piece[3];
                var grafting_direction_squares = new SumOfSquares();
                for (var i = piece.Start; i < piece.End; i += V.Count)
                {
                    V gradient = V.Load(gradient_, i), grafting_second_moment = V.Load(grafting_second_moment_, i), first_moment = V.Load(first_moment_, i);

                    grafting_second_moment = grafting_beta2 * grafting_second_moment + one_minus_grafting_beta2 * (gradient * gradient);
                    V.Store(grafting_second_moment_, i, grafting_second_moment);

                    first_moment = beta1 * first_moment + one_minus_beta1 * gradient;
                    V.Store(first_moment_, i, first_moment);

                    var filtered_gradient = first_moment / bias_correction1;
                    V.Store(filtered_gradient_, i, filtered_gradient);

                    var grafting_direction = filtered_gradient / (V.Sqrt(grafting_second_moment / grafting_bias_correction) + grafting_epsilon);
                    V.AddSquares(ref grafting_direction_squares, grafting_direction);
                }
                piece.AddSquares(0, grafting_direction_squares);
            }
        }

        private readonly struct DirectionNormSweep : ISweep<T>
        {
            public void Run<V>(in Piece<T> piece) where V : struct, ILanes<V, T>
            {
                var direction_ = piece[0];
                var direction_squares = new SumOfSquares();
                for (var i = piece.Start; i < piece.End; i += V.Count)
                    V.AddSquares(ref direction_squares, V.Load(direction_, i));
                piece.AddSquares(0, direction_squares);
            }
        }

        private readonly struct UpdateSweep(Numbers n) : ISweep<T>
        {
            public void Run<V>(in Piece<T> piece) where V : struct, ILanes<V, T>
            {
                V scale = V.Of(piece.Norm(0) / (piece.Norm(1) + n.norm_guard));
                V weight_decay = V.Of(n.weight_decay), minus_lr = V.Of(n.minus_lr);
                Elements<T> direction_ = piece[0], parameters_ = piece[1];
                for (var i = piece.Start; i < piece.End; i += V.Count)
                {
                    V direction = V.Load(direction_, i), parameters = V.Load(parameters_, i);
                    direction = direction * scale;
                    direction = direction + weight_decay * parameters;
                    V.Store(parameters_, i, parameters + minus_lr * direction);
                }
            }
        }
    }

    private sealed class TorchBlocks(BlockSlice slice) : Blocks(slice)
    {
        public override void BeforeStart(in Numbers n)
        {
            FilterGradient(n);
            Update(GraftingDirection(n), n);
        }

        public override void BeforeProducts(in Numbers n)
        {
            FilterGradient(n);
            using var grafting_direction = GraftingDirection(n);
            grafting_direction_norm.Take(grafting_direction);
        }

        public override void DirectionNorm(in Numbers n) => direction_norm.Take(direction.Stack());

        public override void Update(in Numbers n)
        {
            using Scalar norm_guard = n.norm_guard;
            using var norm = direction_norm.Tensor.add(norm_guard);
            using var scale = grafting_direction_norm.Tensor.div(norm);
            Update(direction.Stack().mul(scale), n);
        }

        private void FilterGradient(in Numbers n)
        {
            using Scalar grafting_beta2 = n.grafting_beta2, one_minus_grafting_beta2 = n.one_minus_grafting_beta2;
            using Scalar beta1 = n.beta1, one_minus_beta1 = n.one_minus_beta1, bias_correction1 = n.bias_correction1;
            Tensor gradient = this.gradient.Stack(), first_moment = state.first_moment.Stack();
            state.grafting_second_moment.Stack().mul_(grafting_beta2).addcmul_(gradient, gradient, one_minus_grafting_beta2);
            first_moment.mul_(beta1).add_(gradient, one_minus_beta1);
            filtered_gradient.Adopt(first_moment.div(bias_correction1));
        }

        private Tensor GraftingDirection(in Numbers n)
        {
            using Scalar grafting_bias_correction = n.grafting_bias_correction, grafting_epsilon = n.grafting_epsilon;
            using var denominator = state.grafting_second_moment.Stack().div(grafting_bias_correction).sqrt_().add_(grafting_epsilon);
            return filtered_gradient.Stack().div(denominator);
        }

        private void Update(Tensor direction, in Numbers n)
        {
            using Scalar weight_decay = n.weight_decay, minus_lr = n.minus_lr;
            direction.add_(parameters.Stack(), weight_decay);
            parameters.Add(direction, minus_lr);
            direction.Dispose();
        }
    }

    public sealed class Options : BlockedOptions
    {
        public double? beta1;
        public double? beta2;
        public double? epsilon;
        public double? grafting_beta2;
        public double? grafting_epsilon;
        public double? weight_decay;

        [ThreadStatic]
        internal static string? OtherDeclaration;

        public override string Declaration => OtherDeclaration ?? "Grafting(Adam); RootInverse(Eigh); FirstMoment; WeightDecay(Decoupled)";

        protected override void Visit(OptionVisitor visitor)
        {
            visitor.Visit(nameof(beta1), ref beta1, Bounds.FirstMomentDecay);
            visitor.Visit(nameof(beta2), ref beta2, Bounds.AverageDecay);
            visitor.Visit(nameof(epsilon), ref epsilon, Bounds.Positive);
            visitor.Visit(nameof(grafting_beta2), ref grafting_beta2, Bounds.AverageDecay);
            visitor.Visit(nameof(grafting_epsilon), ref grafting_epsilon, Bounds.Positive);
            visitor.Visit(nameof(weight_decay), ref weight_decay, Bounds.NonNegative);
        }
    }

    public sealed class ParamGroup : BlockedParamGroup<Options>, IBetas
    {
        public ParamGroup(IEnumerable<(string name, Parameter parameter)> parameters, Options? options = null) : base(parameters, options)
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, Options? options = null) : base(parameters, options)
        {
        }

        public (double, double) Betas
        {
            get => (Options.beta1!.Value, Options.beta2!.Value);
            set => (Options.beta1, Options.beta2) = value;
        }
    }
}
