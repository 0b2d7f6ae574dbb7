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
    private readonly SoapStep? _soap;

    public StepGraph(Declaration declaration)
    {
        _declaration = declaration;
        _numbers = new Numbers(declaration);
        _soap = declaration.Matrices is { Moments: not null } matrices ? new SoapStep(matrices, _numbers, Gradient) : null;
        Stage? clip = ClipGradient(), decay = DecayGradient(), statistic = UpdateGraftingStatistic(), filter = Filter();
        var refresh = new RefreshStep(declaration);
        IReadOnlyList<Operation?> statistics = Statistics(), corrected = CorrectEigenvalues();
        IReadOnlyList<Operation?> alone = [GraftingDirection(Direction), .. Bound(HasGraftingDirection ? Direction : Filtered)];
        IReadOnlyList<Operation?> preconditioned = declaration.Preconditioner is null ? alone : [.. Precondition(), .. Graft()];

        FromStart = Of("", [clip, decay, .. statistics, statistic, .. refresh.FromStart, RefreshDiagonals(), .. corrected, filter, .. preconditioned, .. refresh.Following]);
        if (declaration.Preconditioning.Start > 1 && (declaration.Grafting is not null && declaration.Preconditioner is not null || StartsWithIdentity))
            BeforeStart = Of("Early", [clip, decay, .. statistics, statistic, .. refresh.BeforeStart, .. corrected, filter, .. alone]);
        if (declaration.Preconditioning.LargeDimensions == LargeDimensions.Elementwise)
            OfLarge = Of("Large", [clip, decay, .. DivideElementwise(filter), .. Bound(Direction)]);
        if (declaration.Preconditioning.Skips && declaration.Preconditioner is not (null or MatrixPreconditioner { HasEigenbases: true }))
            OfSkipped = Of("Skipped", [clip, decay, statistic, filter, .. alone]);
        if (_soap is not null)
            BeforeStart = new Schedule(Operations([clip, decay, .. statistics, _soap.FirstBasis, SendNothing()]), "First", last: "Prepare");
        if (IsLayerwise)
            AfterScaling = new Schedule(Operations(Update(HeldDirection)));
    }

    /// <summary>The step from step Start on.</summary>
    public Schedule FromStart { get; }

    /// <summary>The step before step Start, which preconditions nothing, or what SOAP does with the first gradient; null if there is none.</summary>
    public Schedule? BeforeStart { get; }

    /// <summary>Whether every parameter counts its own steps, from 0.</summary>
    public bool CountsOwnSteps => _soap is not null;

    /// <summary>The step of blocks with a dimension that is too large for a preconditioner; null if they have none of their own.</summary>
    public Schedule? OfLarge { get; }

    /// <summary>
    /// The step of parameters that are not preconditioned; null if there is none of their own. Preconditioners that divide in eigenbases do
    /// the same to them as to all others, without matrices.
    /// </summary>
    public Schedule? OfSkipped { get; }

    /// <summary>What is left of the step when the directions of whole parameters have been scaled; null if they are not.</summary>
    public Schedule? AfterScaling { get; }

    /// <summary>The sweeps of the step.</summary>
    public IReadOnlyList<Sweep> Sweeps => new[] { OfSkipped, OfLarge, BeforeStart, FromStart, AfterScaling }.SelectMany(static s => s?.Sweeps ?? []).ToList();

    /// <summary>The scalars of the sweeps and of the factor matrices, in the order in which they are first used.</summary>
    public IReadOnlyList<Scalar> Scalars => FactorScalars.Concat(Sweeps.SelectMany(static s => s.Scalars)).Distinct().ToList();

    /// <summary>β₂ and 1 − β₂ of the factor matrices; none where they are plain sums.</summary>
    private IEnumerable<Scalar> FactorScalars => FactorAverage is { } average ? [average.Decay, average.Weight] : [];

    /// <summary>Whether the preconditioner changes nothing before it is first refreshed. Others work from the first step on, unless something is grafted.</summary>
    private bool StartsWithIdentity => Matrices is { HasEigenbases: false };

    private MatrixPreconditioner? Matrices => _declaration.Matrices;

    private string Method => _declaration.Preconditioner!.Attribute;

    private GraftingRule? Grafting => _declaration.Grafting is { } grafting ? GraftingRule.Of(grafting.Method) : null;

    /// <summary>G, after clipping.</summary>
    private Array Clipped => _declaration.MaxGradientNorm is null ? Array.Gradient : ClippedGradient;

    /// <summary>G, after clipping and L2 decay.</summary>
    private Array Gradient => _declaration.WeightDecay is { Kind: WeightDecayKind.L2 } ? DecayedGradient : Clipped;

    /// <summary>Ĝ: what is preconditioned. An array of its own only where the filter makes one, or where m is rounded when it leaves a sweep.</summary>
    private Array Filtered => _declaration.FirstMoment switch
    {
        null => Gradient,
        { BiasCorrection: false, Beta3: null } when !_declaration.Precision.ConvertsMoments => Array.FirstMoment,
        _ => FilteredGradient,
    };

    /// <summary>Whether P gets the length of W in the end, over whole parameters, for which all of their blocks have to be there.</summary>
    private bool IsLayerwise => Grafting is { Layerwise: true };

    private Schedule Of(string prefix, IEnumerable<Operation?> operations) => new(Operations(operations), prefix, last: IsLayerwise ? "Hold" : "Update");

    private static List<Operation> Operations(IEnumerable<Operation?> operations) =>
        operations.Where(static o => o is not null).Select(static o => o!).ToList();

    private Stage? ClipGradient() => Clipped == Array.Gradient ? null : new Stage(
        "G ← G / max(1, ‖all G‖ / c)", "Clipping(MaxGradientNorm)",
        new Assignment(ClippedGradient, _numbers.GradientScale * Array.Gradient));

    private Stage? DecayGradient() => Gradient == Clipped ? null : new Stage(
        "G ← G + λW", "WeightDecay(L2)",
        new Assignment(DecayedGradient, Clipped + _numbers.WeightDecay * Parameters));

    // ---- statistics of the gradient

    private IReadOnlyList<Operation?> Statistics()
    {
        if (Matrices is not { } matrices) return [];
        string product = matrices.KullbackLeibler ? "G̃₍ₖ₎G̃₍ₖ₎ᵀ for every dimension k, G̃ = G multiplied by X_j for all j ≠ k" : "G₍ₖ₎G₍ₖ₎ᵀ for every dimension k";
        string decay = matrices.Moments?.ShampooBeta is null ? "β₂" : "β_s";
        string summary = matrices.Beta2 is null ? $"L_k ← L_k + {product}" : $"L_k ← {decay}L_k + (1 − {decay}){product}";
        string attribute = _declaration.Preconditioning.UpdatesEveryStep ? Method : $"{Method}, Preconditioning(StatisticsInterval)";
        return [new Product(ProductKind.Accumulate, summary, attribute, [Gradient, FactorMatrices, .. matrices.KullbackLeibler ? new[] { InverseRoots } : []], [FactorMatrices])];
    }

    private Stage? UpdateGraftingStatistic()
    {
        if (Grafting is not { Accumulated: { } accumulated } rule) return null;
        return Accumulate(SecondMoment, accumulated.Text, accumulated.Of(Gradient), $"Grafting({rule.Name})",
            _declaration.Grafting!.Beta2 is null ? null : (_numbers.GraftingBeta2, _numbers.OneMinusGraftingBeta2));
    }

    /// <summary>Adds a value to a sum, or to an average with the decay β₂.</summary>
    private static Stage Accumulate(Array target, string text, Expression value, string attribute, (Scalar Decay, Scalar Weight)? average) => average is not { } a
        ? new Stage($"{target.Symbol} ← {target.Symbol} + {text}", attribute, new Assignment(target, target + value))
        : new Stage($"{target.Symbol} ← β₂{target.Symbol} + (1 − β₂){text}", attribute, new Assignment(target, a.Decay * target + a.Weight * value));

    /// <summary>The average of the factor matrices; null where they are plain sums.</summary>
    public (Scalar Decay, Scalar Weight)? FactorAverage =>
        Matrices?.Beta2 is null ? null
        : Matrices.Moments?.ShampooBeta is null ? (_numbers.Beta2, _numbers.OneMinusBeta2)
        : (_numbers.ShampooBeta, _numbers.OneMinusShampooBeta);

    private Product? RefreshDiagonals() => _declaration.Preconditioning.LargeDimensions != LargeDimensions.DiagonalFactor ? null : new Product(
        ProductKind.RefreshDiagonals, $"x_k ← ({Matrices!.Unbiased("l_k", _declaration.Preconditioning)} + ε)^(−{Matrices.ExponentText}) for dimensions whose factor is a diagonal",
        "Preconditioning(LargeDimensions = DiagonalFactor)", [FactorMatrices], [InverseRoots]);

    /// <summary>E, from the unfiltered gradient in the basis of this step.</summary>
    private IReadOnlyList<Operation?> CorrectEigenvalues()
    {
        if (Matrices is not { Method: MatrixMethod.EigenvalueCorrected }) return [];
        return
        [
            new Product(ProductKind.Rotate, "QᵀG = G ×₁ Q₁ᵀ … ×_d Q_dᵀ", Method, [Gradient, Eigenvectors], [RotatedGradient]),
            Accumulate(CorrectedEigenvalues, "(QᵀG)²", RotatedGradient * RotatedGradient, Method, FactorAverage),
        ];
    }

    // ---- the direction

    private Stage? Filter()
    {
        if (_declaration.FirstMoment is not { } moment) return null;
        var update = new Assignment(Array.FirstMoment, _numbers.Beta1 * Array.FirstMoment + _numbers.OneMinusBeta1 * Gradient);
        const string Update = "m ← β₁m + (1 − β₁)G";
        if (moment.Beta3 is not null)
        {
            Expression mixed = _numbers.Beta3 * Array.FirstMoment + _numbers.OneMinusBeta3 * Gradient;
            return moment.BiasCorrection
                ? new Stage($"Ĝ = (β₃m + (1 − β₃)G) / (1 − β₃β₁ᵗ⁻¹),  {Update}", "FirstMoment(Beta3)", new Assignment(FilteredGradient, mixed / _numbers.BiasCorrection3), update)
                : new Stage($"Ĝ = β₃m + (1 − β₃)G,  {Update}", "FirstMoment(Beta3, BiasCorrection = false)", new Assignment(FilteredGradient, mixed), update);
        }
        if (moment.BiasCorrection)
            return new Stage($"{Update},  Ĝ = m / (1 − β₁ᵗ)", "FirstMoment", update, new Assignment(FilteredGradient, Array.FirstMoment / _numbers.BiasCorrection1));
        return Filtered == Array.FirstMoment
            ? new Stage(Update, "FirstMoment(BiasCorrection = false)", update)
            : new Stage($"{Update},  Ĝ = m before it is stored", "FirstMoment(BiasCorrection = false)", update, new Assignment(FilteredGradient, Array.FirstMoment));
    }

    /// <summary>P, as the preconditioner makes it of Ĝ.</summary>
    private IReadOnlyList<Operation?> Precondition()
    {
        string filtered = Filtered.Symbol;
        switch (_declaration.Preconditioner)
        {
            case SignDescent { Scaling: SignScaling.Constant }:
                return [new Stage($"P = s · sign({filtered})", Method, new Assignment(Direction, _numbers.Scale * Expression.Sign(Filtered)))];
            case SignDescent descent:
                return ScaledSigns(descent.Scaling);
            case SpectralDescent descent:
                return [new Product(ProductKind.Orthogonalise, $"P = {Factor(descent.Scaling)}UVᵀ of {filtered} = USVᵀ", Method, [Filtered], [Direction])];
            case MatrixPreconditioner { Method: MatrixMethod.EigenvalueCorrected } matrices:
                return DivideInBasis(matrices);
            case MatrixPreconditioner { Method: MatrixMethod.Soap }:
                return _soap!.Direction;
            default:
                return [new Product(ProductKind.Precondition, $"P = {filtered} ×₁ X₁ … ×_d X_d", Method, [Filtered, InverseRoots], [Direction])];
        }
    }

    /// <summary>A sum of magnitudes is the squared norm of their roots.</summary>
    private IReadOnlyList<Operation?> ScaledSigns(SignScaling scaling)
    {
        bool isMean = scaling == SignScaling.MeanMagnitude;
        Expression root = isMean ? Expression.Rms(RootMagnitude) : Expression.Norm(RootMagnitude);
        return
        [
            new Stage($"r = √|{Filtered.Symbol}|", $"SignDescent(Scaling = {scaling})", new Assignment(RootMagnitude, Expression.Sqrt(Filtered * Expression.Sign(Filtered)))),
            new Stage($"P = s · {(isMean ? "mean" : "sum")} |{Filtered.Symbol}| · sign({Filtered.Symbol})", $"SignDescent(Scaling = {scaling})",
                new Assignment(Direction, Expression.Sign(Filtered) * (_numbers.Scale * (root * root)).As("sign_length"))),
        ];
    }

    /// <summary>What multiplies an orthogonal factor.</summary>
    private static string Factor(SpectralScaling scaling) => scaling switch
    {
        SpectralScaling.AspectRatio => "√max(1, d_out / d_in) · ",
        SpectralScaling.MatchRmsAdamW => "0.2·√max(d_out, d_in) · ",
        SpectralScaling.SpectralNorm => "√(d_out / d_in) · ",
        _ => "",
    };

    private IReadOnlyList<Operation?> DivideInBasis(MatrixPreconditioner matrices)
    {
        bool isFiltered = Filtered != Gradient;
        Array rotated = isFiltered ? RotatedFilteredGradient : RotatedGradient;
        (string text, Expression eigenvalues) = matrices.Debiases ? ("(E / (1 − β₂ᵗ))", CorrectedEigenvalues / _numbers.BiasCorrection2) : ("E", (Expression)CorrectedEigenvalues);
        Expression power = matrices.CorrectsByOrder ? new RaisedTo(eigenvalues, _numbers.CorrectionExponent) : Expression.Power(eigenvalues, matrices.CorrectionExponent!);
        // Where ε may be 0, what has had no gradient yet is 0 / 0, which the pseudo-inverse takes for 0.
        Expression denominator = matrices.AllowsZeroEpsilon ? power + _numbers.Epsilon + Numbers.NormFloor : power + _numbers.Epsilon;
        string root = matrices.CorrectsByOrder ? $"{text}^e_d" : matrices.CorrectionExponent!.Value == 0.5 ? $"√{text}" : $"{text}^{matrices.CorrectionExponent.Text}";
        return
        [
            isFiltered ? new Product(ProductKind.Rotate, $"{rotated.Symbol} = {Filtered.Symbol} ×₁ Q₁ᵀ … ×_d Q_dᵀ", Method, [Filtered, Eigenvectors], [rotated]) : null,
            new Stage($"QᵀP = {rotated.Symbol} / ({root} + ε{(matrices.AllowsZeroEpsilon ? " + 1e-38" : "")})", Method, new Assignment(RotatedDirection, rotated / denominator.As("denominator"))),
            new Product(ProductKind.RotateBack, "P = QᵀP ×₁ Q₁ … ×_d Q_d", Method, [RotatedDirection, Eigenvectors], [Direction]),
        ];
    }

    /// <summary>What blocks with a dimension that is too large get in place of a preconditioner and grafting.</summary>
    private IReadOnlyList<Operation?> DivideElementwise(Stage? filter)
    {
        const string Attribute = "Preconditioning(LargeDimensions = Elementwise)";
        (string text, Expression moment) = Matrices!.Debiases ? ("(U / (1 − β₂ᵗ))", LargeSecondMoment / _numbers.BiasCorrection2) : ("U", (Expression)LargeSecondMoment);
        return
        [
            Accumulate(LargeSecondMoment, "G²", Gradient * Gradient, Attribute, FactorAverage),
            filter,
            Matrices.Epsilon is null
                ? new Stage($"P = {Filtered.Symbol} / √{text}", Attribute, new Assignment(Direction, Filtered / (Expression.Sqrt(moment) + Numbers.NormFloor).As("denominator")))
                : new Stage($"P = {Filtered.Symbol} / (√{text} + ε)", Attribute, new Assignment(Direction, Filtered / (Expression.Sqrt(moment) + _numbers.Epsilon).As("denominator"))),
        ];
    }

    /// <summary>From P to the parameters. Where P gets the length of P_g, it is that which is bounded.</summary>
    private IReadOnlyList<Operation?> Graft()
    {
        if (Grafting is not { } rule) return [.. Bound(Direction)];
        Array grafted = HasGraftingDirection ? Array.GraftingDirection : Filtered;
        bool isBounded = _declaration.MaxDirectionRms is not null;
        string length = $"‖{grafted.Symbol}‖{(isBounded ? $" / max(1, rms({grafted.Symbol}) / c)" : "")}", attribute = $"Grafting({rule.Name}){(isBounded ? $", {BoundAttribute}" : "")}";
        Expression scale = (isBounded ? Expression.Norm(grafted) / Excess(grafted) : Expression.Norm(grafted)) / (Expression.Norm(Direction) + Numbers.NormGuard).As("guarded_norm");
        return
        [
            GraftingDirection(grafted),
            new Stage($"P ← P · {length} / (‖P‖ + 1e-16), per block", attribute, new Assignment(Direction, Direction * scale.As("grafting_scale"))),
            .. Finish(Direction),
        ];
    }

    private const string BoundAttribute = "Clipping(MaxDirectionRms)";

    /// <summary>From a direction to the parameters, with a bound on its root mean square.</summary>
    private IEnumerable<Operation?> Bound(Array direction)
    {
        if (_declaration.MaxDirectionRms is null) return Finish(direction);
        var bound = new Stage(Change(direction, $"{direction.Symbol} / max(1, rms({direction.Symbol}) / c), per block"), BoundAttribute, new Assignment(Direction, direction / Excess(direction)));
        return [bound, .. Finish(Direction)];
    }

    /// <summary>max(1, rms / c)</summary>
    private Expression Excess(Array direction) => Expression.AtLeastOne(Expression.Rms(direction) / _numbers.MaxDirectionRms).As("excess");

    /// <summary>Whether P_g is not what is preconditioned itself, as it is for SGD and where nothing is grafted.</summary>
    private bool HasGraftingDirection => Grafting is { HasSecondMoment: true };

    /// <summary>P_g as the value of <paramref name="target"/>.</summary>
    private Stage? GraftingDirection(Array target)
    {
        if (Grafting is not { HasSecondMoment: true } rule) return null;
        (string moment, Expression value) = rule.Corrects ? ("(V / (1 − β₂ᵗ))", SecondMoment / _numbers.GraftingBiasCorrection) : ("V", (Expression)SecondMoment);
        return new Stage($"{target.Symbol} = {rule.Direction.Text.Replace("{V}", moment).Replace("Ĝ", Filtered.Symbol)}", $"Grafting({rule.Name})",
            new Assignment(target, rule.Direction.Of(Filtered, value, _numbers)));
    }

    // ---- from P to the parameters

    /// <summary>From a direction, which is P or stands for it, to the parameters, or to where it is held.</summary>
    private IEnumerable<Operation?> Finish(Array direction)
    {
        if (_soap is null && AddWeightDecay(direction) is { } decay)
        {
            yield return decay;
            direction = decay.Writes.Contains(Direction) ? Direction : direction;
        }
        if (IsLayerwise)
        {
            yield return new Stage($"P = {direction.Symbol}, held until all blocks have theirs", $"Grafting({Grafting!.Name})", new Assignment(HeldDirection, direction));
            yield break;
        }
        foreach (Operation? operation in Update(direction))
            yield return operation;
    }

    /// <summary>From a direction to the parameters. Arrays that do not change are not copied.</summary>
    private IEnumerable<Operation?> Update(Array direction)
    {
        if (_declaration.Momentum is { } momentum)
        {
            yield return ApplyMomentum(momentum, direction);
            direction = momentum.Nesterov ? Direction : MomentumBuffer;
        }
        if (_declaration.Averaging is not null)
        {
            yield return Average(direction);
            yield return SendsDirections
                ? Send("ΔY", AveragedDirection)
                : new Stage("W ← W + ΔY", "", new Assignment(Parameters, Parameters + AveragedDirection));
            if (_soap is not null) yield return DecayIterate("P and Z have not the same sign", Numbers.Opposition(Direction, WeightBuffer));
            yield break;
        }
        if (_soap is not null && Decay(direction) is { } after)
        {
            yield return after;
            direction = Direction;
        }
        yield return SendsDirections
            ? Send($"−lr·{direction.Symbol}", Numbers.MinusLearningRate * direction)
            : new Stage($"W ← W − lr·{direction.Symbol}", "", new Assignment(Parameters, Parameters + Numbers.MinusLearningRate * direction));
    }

    private bool SendsDirections => _declaration.Distribution is { SendsDirections: true };

    /// <summary>What is added to the parameters on all ranks when the owners of all blocks have sent theirs.</summary>
    private Stage Send(string text, Expression change) => new(
        $"ΔW = {text}, which all ranks of the group get and add to W", $"Distributed({_declaration.Distribution!.Parallelism})", new Assignment(Array.Update, change));

    /// <summary>For a step that changes no parameter: what is sent may be anything from the step before.</summary>
    private Product? SendNothing() => !SendsDirections ? null : new Product(
        ProductKind.SendNothing, "ΔW = 0", $"Distributed({_declaration.Distribution!.Parallelism})", [], [Array.Update]);

    /// <summary>The parameters are Y. Z moves by −lr·P, and takes Y along.</summary>
    private Stage Average(Array direction)
    {
        bool isPrimal = _declaration.Averaging!.Power is null;
        Expression moved = _numbers.IterateWeight * Direction + _numbers.AverageWeight * WeightBuffer + _numbers.MinusAverageWeight * Parameters;
        return new Stage(
            $"{Change(direction, $"−lr·{direction.Symbol}")},  ΔY = (1 − μ_xμ_y)P + (1 − μ_x)(Z − W),  Z ← Z + P{(isPrimal ? "" : ",  1 − μ_x = lrʳ / Σ lrʳ")}",
            $"IterateAveraging({(isPrimal ? "PrimalAveraging" : "ScheduleFree")})",
            new Assignment(Direction, Numbers.MinusLearningRate * direction),
            new Assignment(AveragedDirection, moved),
            new Assignment(WeightBuffer, WeightBuffer + Direction));
    }

    private Stage? AddWeightDecay(Array direction) =>
        _declaration.Averaging is not null ? DecayIterate($"{direction.Symbol} and Z have no opposite signs", Numbers.Agreement(direction, WeightBuffer)) : Decay(direction);

    /// <summary>The decay of Z. ½(Z + agreement·Z) is Z or 0.</summary>
    /// <param name="signs">What the signs are like where it is Z.</param>
    /// <param name="agreement">1 there, −1 elsewhere.</param>
    private Stage? DecayIterate(string signs, Expression agreement) => _declaration.WeightDecay switch
    {
        null or { Kind: WeightDecayKind.L2 } => null,
        { Cautious: true } => new Stage($"Z ← Z − lr·α·Z where {signs}", DecayAttribute,
            new Assignment(WeightBuffer, WeightBuffer + _numbers.MinusHalfDecay * (WeightBuffer + agreement * WeightBuffer))),
        _ => new Stage("Z ← (1 − lr·α)Z", DecayAttribute, new Assignment(WeightBuffer, _numbers.Retained * WeightBuffer)),
    };

    /// <summary>P with the decay of W. Where that comes after the step, W ← (1 − lr·α)(W − lr·P), the decay is of P, too.</summary>
    private Stage? Decay(Array direction)
    {
        return _declaration.WeightDecay?.Kind switch
        {
            WeightDecayKind.Decoupled => Of("λ", _numbers.WeightDecay),
            WeightDecayKind.Corrected => Of("λ(lr / peak_lr)", _numbers.CorrectedDecay),
            WeightDecayKind.Independent => Of("(λ / peak_lr)", _numbers.IndependentDecay),
            _ => null,
        };

        Stage Of(string decay, Scalar factor)
        {
            if (_declaration.WeightDecay!.Cautious) return Cautiously(direction, decay, factor);
            (string text, Expression value) = _soap is null ? (direction.Symbol, (Expression)direction) : ($"(1 − lr·{decay}){direction.Symbol}", _numbers.Retained * direction);
            return new Stage(Change(direction, $"{text} + {decay}W"), DecayAttribute, new Assignment(Direction, value + factor * Parameters));
        }
    }

    /// <summary>½(W + agreement·W) is W or 0. Where the decay comes after the step, it is of W′ = W − lr·P.</summary>
    private Stage Cautiously(Array direction, string decay, Scalar factor)
    {
        Array decayed = _soap is null ? Parameters : SteppedParameters;
        string step = _soap is null ? "" : $"W′ = W − lr·{direction.Symbol},  ";
        var change = new Assignment(Direction, direction + Numbers.HalfOf(factor) * (decayed + Numbers.Agreement(direction, decayed) * decayed));
        return new Stage(
            $"{step}{Change(direction, $"{direction.Symbol} + {decay}{decayed.Symbol} where {direction.Symbol} and {decayed.Symbol} have no opposite signs")}", DecayAttribute,
            _soap is null ? [change] : [new Assignment(SteppedParameters, Parameters + Numbers.MinusLearningRate * direction), change]);
    }

    private string DecayAttribute => $"WeightDecay({_declaration.WeightDecay!.Kind}{(_declaration.WeightDecay.Cautious ? ", Cautious = true" : "")})";

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
