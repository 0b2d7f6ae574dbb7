using Shampoo.Generators.Model;
using static Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Graph;

/// <summary>
/// What a declared step does: its operations in the order of the algorithm, over named arrays and scalars. Adding an option means
/// adding nodes here. What is not declared does not exist.
/// </summary>
internal sealed class StepGraph
{
    private readonly Declaration _declaration;
    private readonly Numbers _numbers;

    public StepGraph(Declaration declaration)
    {
        _declaration = declaration;
        _numbers = new Numbers(declaration);
        Stage? decay = DecayGradient(), statistic = UpdateGraftingStatistic(), filter = Filter();
        Product? accumulate = Accumulate(), refresh = Refresh();
        IReadOnlyList<Operation?> alone = [GraftingDirection(Direction), .. Update(HasGraftingDirection ? Direction : Filtered)];

        FromStart = new Schedule(Operations([decay, accumulate, statistic, refresh, filter, .. declaration.RootInverse is null ? alone : Precondition()]));
        if (declaration.RootInverse is not null && declaration.Preconditioning.Start > 1)
            BeforeStart = new Schedule(Operations([decay, accumulate, statistic, filter, .. alone]), "Early");
    }

    /// <summary>The step from step Start on.</summary>
    public Schedule FromStart { get; }

    /// <summary>The step before step Start, which preconditions nothing; null if there is none.</summary>
    public Schedule? BeforeStart { get; }

    /// <summary>The sweeps of the step.</summary>
    public IReadOnlyList<Sweep> Sweeps => (BeforeStart?.Sweeps ?? []).Concat(FromStart.Sweeps).ToList();

    /// <summary>The scalars of the sweeps and of the factor matrices, in the order in which they are first used.</summary>
    public IReadOnlyList<Scalar> Scalars => FactorScalars.Concat(Sweeps.SelectMany(static s => s.Scalars)).Distinct().ToList();

    /// <summary>β₂ and 1 − β₂ of the factor matrices; none where they are plain sums.</summary>
    private IEnumerable<Scalar> FactorScalars => _declaration.RootInverse?.Beta2 is null ? [] : [_numbers.Beta2, _numbers.OneMinusBeta2];

    private static List<Operation> Operations(IEnumerable<Operation?> operations) =>
        operations.Where(static o => o is not null).Select(static o => o!).ToList();

    /// <summary>G, after L2 decay.</summary>
    private Array Gradient => _declaration.WeightDecay is { Kind: WeightDecayKind.L2 } ? DecayedGradient : Array.Gradient;

    /// <summary>Ĝ: what is preconditioned. An array of its own only where the filter makes one.</summary>
    private Array Filtered => _declaration.FirstMoment switch
    {
        null => Gradient,
        { BiasCorrection: false } => Array.FirstMoment,
        _ => FilteredGradient,
    };

    private Stage? DecayGradient() => Gradient == Array.Gradient ? null : new Stage(
        "G ← G + λW", "WeightDecay(L2)",
        new Assignment(DecayedGradient, Array.Gradient + _numbers.WeightDecay * Parameters));

    private GraftingRule? Grafting => _declaration.Grafting is { } grafting ? GraftingRule.Of(grafting.Method) : null;

    private Stage? UpdateGraftingStatistic()
    {
        if (Grafting is not { Accumulated: { } accumulated } rule) return null;
        Expression value = accumulated.Of(Gradient);
        return _declaration.Grafting!.Beta2 is null
            ? new Stage($"V ← V + {accumulated.Text}", $"Grafting({rule.Name})", new Assignment(SecondMoment, SecondMoment + value))
            : new Stage($"V ← β₂V + (1 − β₂){accumulated.Text}", $"Grafting({rule.Name})",
                new Assignment(SecondMoment, _numbers.GraftingBeta2 * SecondMoment + _numbers.OneMinusGraftingBeta2 * value));
    }

    private Stage? Filter()
    {
        if (_declaration.FirstMoment is not { } moment) return null;
        var update = new Assignment(Array.FirstMoment, _numbers.Beta1 * Array.FirstMoment + _numbers.OneMinusBeta1 * Gradient);
        return moment.BiasCorrection
            ? new Stage("m ← β₁m + (1 − β₁)G,  Ĝ = m / (1 − β₁ᵗ)", "FirstMoment", update, new Assignment(FilteredGradient, Array.FirstMoment / _numbers.BiasCorrection1))
            : new Stage("m ← β₁m + (1 − β₁)G", "FirstMoment(BiasCorrection = false)", update);
    }

    private Product? Accumulate()
    {
        if (_declaration.RootInverse is not { } rootInverse) return null;
        return rootInverse.Beta2 is null
            ? Of("L_k ← L_k + G₍ₖ₎G₍ₖ₎ᵀ for every dimension k", "RootInverse(Eigh, Beta2 = 1)")
            : Of("L_k ← β₂L_k + (1 − β₂)G₍ₖ₎G₍ₖ₎ᵀ for every dimension k", "RootInverse(Eigh)");

        Product Of(string summary, string attribute) => new(ProductKind.Accumulate, summary, attribute, [Gradient, FactorMatrices], [FactorMatrices]);
    }

    private Product? Refresh() => _declaration.RootInverse is not { } rootInverse ? null : new Product(ProductKind.Refresh,
        $"X_k ← ({(rootInverse.Debiases ? "L_k / (1 − β₂ᵗ)" : "L_k")} + εI)^(−1/2d), d the order of the blocks", "RootInverse(Eigh)",
        [FactorMatrices], [InverseRoots]);

    /// <summary>From Ĝ to the parameters, through the inverse roots.</summary>
    private IEnumerable<Operation?> Precondition()
    {
        yield return new Product(ProductKind.Precondition, $"P = {Filtered.Symbol} ×₁ X₁ … ×_d X_d", "RootInverse(Eigh)", [Filtered, InverseRoots], [Direction]);
        if (Grafting is { } rule)
        {
            Array grafted = HasGraftingDirection ? Array.GraftingDirection : Filtered;
            Expression scale = Expression.Norm(grafted) / (Expression.Norm(Direction) + Numbers.NormGuard).As("guarded_norm");
            yield return GraftingDirection(grafted);
            yield return new Stage($"P ← P · ‖{grafted.Symbol}‖ / (‖P‖ + 1e-16), per block", $"Grafting({rule.Name})", new Assignment(Direction, Direction * scale.As("scale")));
        }
        foreach (Operation? operation in Update(Direction))
            yield return operation;
    }

    /// <summary>Whether P_g is not what is preconditioned itself, as it is for SGD and where nothing is grafted.</summary>
    private bool HasGraftingDirection => Grafting is { HasSecondMoment: true };

    /// <summary>P_g as the value of <paramref name="target"/>.</summary>
    private Stage? GraftingDirection(Array target)
    {
        if (Grafting is not { HasSecondMoment: true } rule) return null;
        (string moment, Expression value) = rule.Corrects ? ("(V / (1 − β₂ᵗ))", SecondMoment / _numbers.GraftingBiasCorrection) : ("V", (Expression)SecondMoment);
        return new Stage($"{target.Symbol} = {rule.Direction.Text.Replace("Ĝ", Filtered.Symbol).Replace("{V}", moment)}", $"Grafting({rule.Name})",
            new Assignment(target, rule.Direction.Of(Filtered, value, _numbers)));
    }

    /// <summary>From a direction, which is P or stands for it, to the parameters. Arrays that do not change are not copied.</summary>
    private IEnumerable<Operation?> Update(Array direction)
    {
        if (_declaration.WeightDecay is { Kind: WeightDecayKind.Decoupled })
        {
            yield return new Stage(Change(direction, $"{direction.Symbol} + λW"), "WeightDecay(Decoupled)",
                new Assignment(Direction, direction + _numbers.WeightDecay * Parameters));
            direction = Direction;
        }
        if (_declaration.Momentum is { } momentum)
        {
            yield return ApplyMomentum(momentum, direction);
            direction = momentum.Nesterov ? Direction : MomentumBuffer;
        }
        yield return new Stage($"W ← W − lr·{direction.Symbol}", "", new Assignment(Parameters, Parameters + Numbers.MinusLearningRate * direction));
    }

    private Stage ApplyMomentum(Momentum momentum, Array direction)
    {
        Expression fresh = momentum.Dampening is null ? direction : _numbers.OneMinusDampening * direction;
        string weight = momentum.Dampening is null ? direction.Symbol : $"(1 − d){direction.Symbol}";
        var accumulate = new Assignment(MomentumBuffer, _numbers.Momentum * MomentumBuffer + fresh);
        return momentum.Nesterov
            ? new Stage($"M ← μM + {weight},  {Change(direction, $"{weight} + μM")}", "Momentum(Nesterov = true)",
                accumulate, new Assignment(Direction, fresh + _numbers.Momentum * MomentumBuffer))
            : new Stage($"M ← μM + {weight}", "Momentum", accumulate);
    }

    /// <summary>P becomes a value computed from <paramref name="direction"/>: changed if that is P itself.</summary>
    private static string Change(Array direction, string value) => $"P {(direction == Direction ? "←" : "=")} {value}";
}
