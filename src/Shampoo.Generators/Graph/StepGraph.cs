using Shampoo.Generators.Model;

namespace Shampoo.Generators.Graph;

/// <summary>
/// The elementwise stages of a declared step, over named arrays and scalars. Adding an option means adding nodes here. What is
/// null does not exist in this declaration.
/// </summary>
internal sealed class StepGraph
{
    // The arrays of a step, as the generated code calls them.
    public static readonly Array Gradient = new("gradient");
    public static readonly Array Parameters = new("parameters");
    public static readonly Array Direction = new("direction");
    public static readonly Array FilteredGradient = new("filtered_gradient");
    public static readonly Array FirstMoment = new("state.first_moment");
    public static readonly Array SecondMoment = new("state.grafting_second_moment");
    public static readonly Array Momentum = new("state.momentum");

    private readonly Declaration _declaration;
    private readonly Numbers _numbers;

    public StepGraph(Declaration declaration)
    {
        _declaration = declaration;
        _numbers = new Numbers(declaration);
        AddWeightDecayToGradient = BuildL2();
        UpdateGraftingStatistic = BuildGraftingStatistic();
        FilterGradient = BuildFilter();
        GraftingDirection = BuildGraftingDirection();
        Graft = BuildGraft();
        AddWeightDecay = BuildDecoupled();
        ApplyMomentum = BuildMomentum();
    }

    public Stage? AddWeightDecayToGradient { get; }

    public Stage? UpdateGraftingStatistic { get; }

    public Stage? FilterGradient { get; }

    public Stage? GraftingDirection { get; }

    /// <summary>Rescales the preconditioned direction, in place.</summary>
    public Stage? Graft { get; }

    public Stage? AddWeightDecay { get; }

    public Stage? ApplyMomentum { get; }

    /// <summary>Ĝ: what is preconditioned. An array of its own only where the filter makes one.</summary>
    public Array Filtered => FilterGradient switch
    {
        null => Gradient,
        { Result: null } => FirstMoment,
        _ => FilteredGradient,
    };

    /// <summary>β₂ and 1 − β₂ of the factor matrices, which no elementwise stage uses; none where they are plain sums.</summary>
    public IEnumerable<Scalar> FactorScalars => _declaration.RootInverse?.Beta2 is null ? [] : [_numbers.Beta2, _numbers.OneMinusBeta2];

    public IEnumerable<Stage> Stages => new[]
    {
        AddWeightDecayToGradient, UpdateGraftingStatistic, FilterGradient, GraftingDirection, Graft, AddWeightDecay, ApplyMomentum,
    }.Where(static stage => stage is not null)!;

    /// <summary>Whether the step needs the parameters gathered beside the gradients.</summary>
    public bool ReadsParameters => Stages.Any(static stage => stage.Nodes.Contains(Parameters));

    private Stage? BuildL2() => _declaration.WeightDecay is not { Kind: WeightDecayKind.L2 } ? null : new Stage(
        "AddWeightDecayToGradient", "G ← G + λW", "WeightDecay(L2)",
        [new(Gradient, Gradient + _numbers.WeightDecay * Parameters)]);

    private Stage? BuildGraftingStatistic()
    {
        if (_declaration.Grafting is not { HasSecondMoment: true } grafting) return null;
        Expression square = Gradient * Gradient;
        string attribute = $"Grafting({grafting.Method})";
        return grafting.Beta2 is null
            ? new Stage("UpdateGraftingStatistic", "V ← V + G²", attribute, [new(SecondMoment, SecondMoment + Numbers.One * square)])
            : new Stage("UpdateGraftingStatistic", "V ← β₂V + (1 − β₂)G²", attribute,
                [new(SecondMoment, _numbers.GraftingBeta2 * SecondMoment + _numbers.OneMinusGraftingBeta2 * square)]);
    }

    private Stage? BuildFilter()
    {
        if (_declaration.FirstMoment is not { } moment) return null;
        var update = new Assignment(FirstMoment, _numbers.Beta1 * FirstMoment + _numbers.OneMinusBeta1 * Gradient);
        return moment.BiasCorrection
            ? new Stage("FilterGradient", "m ← β₁m + (1 − β₁)G,  Ĝ = m / (1 − β₁ᵗ)", "FirstMoment", [update], FirstMoment / _numbers.BiasCorrection1)
            : new Stage("FilterGradient", "m ← β₁m + (1 − β₁)G,  Ĝ = m", "FirstMoment(BiasCorrection = false)", [update]);
    }

    private Stage? BuildGraftingDirection()
    {
        if (_declaration.Grafting is not { HasSecondMoment: true } grafting) return null;
        bool corrected = grafting.Method == GraftingMethod.Adam;
        Expression moment = corrected ? SecondMoment / _numbers.GraftingBiasCorrection : SecondMoment;
        Expression denominator = Expression.Sqrt(moment) + _numbers.GraftingEpsilon;
        return new Stage("GraftingDirection", corrected ? "P_g = Ĝ / (√(V / (1 − β₂ᵗ)) + ε)" : "P_g = Ĝ / (√V + ε)",
            $"Grafting({grafting.Method})", [], Filtered / denominator.As("denominator"));
    }

    private Stage? BuildGraft()
    {
        if (_declaration is not { Grafting: { } grafting, RootInverse: not null }) return null;
        Expression grafted = GraftingDirection is null ? Filtered : new ResultOf(GraftingDirection).As("grafting_direction");
        Expression scale = Expression.Norm(grafted) / (Expression.Norm(Direction) + Numbers.NormGuard).As("norm");
        return new Stage("Graft", "P ← P · ‖P_g‖ / (‖P‖ + 1e-16), per block", $"Grafting({grafting.Method})", [new(Direction, Direction * scale.As("scale"))]);
    }

    private Stage? BuildDecoupled() => _declaration.WeightDecay is not { Kind: WeightDecayKind.Decoupled } ? null : new Stage(
        "AddWeightDecay", "P ← P + λW", "WeightDecay(Decoupled)",
        [new(Direction, Direction + _numbers.WeightDecay * Parameters)]);

    private Stage? BuildMomentum()
    {
        if (_declaration.Momentum is not { } momentum) return null;
        Expression fresh = momentum.Dampening is null ? Direction : _numbers.OneMinusDampening * Direction;
        string weight = momentum.Dampening is null ? "P" : "(1 − d)P";
        var accumulate = new Assignment(Momentum, _numbers.Momentum * Momentum + fresh);
        return momentum.Nesterov
            ? new Stage("ApplyMomentum", $"M ← μM + {weight},  P ← {weight} + μM", "Momentum(Nesterov = true)",
                [accumulate, new(Direction, fresh + _numbers.Momentum * Momentum)])
            : new Stage("ApplyMomentum", $"M ← μM + {weight},  P ← M", "Momentum", [accumulate, new(Direction, Momentum)]);
    }
}
