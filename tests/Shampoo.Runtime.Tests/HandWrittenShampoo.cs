using static TorchSharp.torch.optim;

namespace Shampoo.Runtime.Tests;

/// <summary>
/// An optimizer as the generator would write it: [Grafting(Adam)] [RootInverse(Eigh)] [Preconditioning(MaxDimension = …)] [FirstMoment]
/// [WeightDecay(Decoupled)]; the structure comes from <see cref="Settings"/> here.
/// </summary>
public sealed class HandWrittenShampoo : BlockedOptimizer<HandWrittenShampoo.Options>, IBetas
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
    public sealed record Hooks(long WorkspaceElements = 1L << 24, bool UsesMemory = true, bool SearchNonFinite = true);

    internal override long WorkspaceElements => _hooks.WorkspaceElements;

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

    protected override void StepGroup(BlockSlices slices, Options options, long t)
    {
        SliceSizes.Clear();
        using var n = new Numbers(options, t);
        foreach (var blocks in slices)
        {
            SliceSizes.Add(blocks.Count);
            StepBlocks(blocks, (State)blocks.State, n, t);
        }
    }

    private void StepBlocks(BlockSlice blocks, State state, Numbers n, long t)
    {
        var gradient = blocks.GatherGradients();
        var parameters = blocks.GatherParameters();

        state.grafting_second_moment.mul_(n.grafting_beta2).addcmul_(gradient, gradient, n.one_minus_grafting_beta2);
        state.factor_matrices.Accumulate(gradient, n.beta2, n.one_minus_beta2);
        if (t == _settings.Start || (t > _settings.Start && t % _settings.Frequency == 0))
            Refresh(state, n);
        using var filtered_gradient = FilterGradient(state, gradient, n);
        using var direction = t < _settings.Start
            ? GraftingDirection(state, filtered_gradient, n)
            : PreconditionedDirection(blocks, state, filtered_gradient, n);
        direction.add_(parameters, n.weight_decay);
        blocks.UpdateParameters(direction, n.minus_lr);
    }

    private void Refresh(State state, Numbers n)
    {
        if (Solver is { } failing)
            state.factor_matrices.Refresh(failing, n.bias_correction2_value);
        else
            state.factor_matrices.Refresh(new Eigh(n.epsilon_value), n.bias_correction2_value);
    }

    private static Tensor FilterGradient(State state, Tensor gradient, Numbers n)
    {
        state.first_moment.mul_(n.beta1).add_(gradient, n.one_minus_beta1);
        return state.first_moment.div(n.bias_correction1);
    }

    private static Tensor GraftingDirection(State state, Tensor filtered_gradient, Numbers n)
    {
        using var denominator = state.grafting_second_moment.div(n.grafting_bias_correction).sqrt_().add_(n.grafting_epsilon);
        return filtered_gradient.div(denominator);
    }

    private static Tensor PreconditionedDirection(BlockSlice blocks, State state, Tensor filtered_gradient, Numbers n)
    {
        var direction = state.factor_matrices.Precondition(filtered_gradient);
        using var grafting_direction = GraftingDirection(state, filtered_gradient, n);
        using var numerator = blocks.Norm(grafting_direction);
        using var denominator = blocks.Norm(direction);
        direction.mul_(numerator.div_(denominator.add_(n.norm_guard)));
        return direction;
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
        public readonly Tensor first_moment;
        public readonly Tensor grafting_second_moment;
        public readonly FactorMatrices factor_matrices;

        public State(StateSource source) : base(source)
        {
            first_moment = source.Array("first_moment");
            grafting_second_moment = source.Array("grafting_second_moment");
            factor_matrices = source.FactorMatrices(toleratedFailures: 3);
        }
    }

    private sealed class Numbers : IDisposable
    {
        public readonly Scalar beta1, one_minus_beta1, beta2, one_minus_beta2, grafting_beta2, one_minus_grafting_beta2, grafting_epsilon;
        public readonly Scalar bias_correction1, grafting_bias_correction, norm_guard, weight_decay, minus_lr;
        public readonly double epsilon_value, bias_correction2_value;

        public Numbers(Options options, long t)
        {
            var (b1, b2, g2) = (options.beta1!.Value, options.beta2!.Value, options.grafting_beta2!.Value);
            beta1 = b1;
            one_minus_beta1 = 1 - b1;
            beta2 = b2;
            one_minus_beta2 = 1 - b2;
            grafting_beta2 = g2;
            one_minus_grafting_beta2 = 1 - g2;
            grafting_epsilon = options.grafting_epsilon!.Value;
            bias_correction1 = 1 - Math.Pow(b1, t);
            grafting_bias_correction = 1 - Math.Pow(g2, t);
            norm_guard = 1e-16;
            weight_decay = options.weight_decay!.Value;
            minus_lr = -options.LearningRate!.Value;
            epsilon_value = options.epsilon!.Value;
            bias_correction2_value = 1 - Math.Pow(b2, t);
        }

        public void Dispose()
        {
            beta1.Dispose();
            one_minus_beta1.Dispose();
            beta2.Dispose();
            one_minus_beta2.Dispose();
            grafting_beta2.Dispose();
            one_minus_grafting_beta2.Dispose();
            grafting_epsilon.Dispose();
            bias_correction1.Dispose();
            grafting_bias_correction.Dispose();
            norm_guard.Dispose();
            weight_decay.Dispose();
            minus_lr.Dispose();
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
