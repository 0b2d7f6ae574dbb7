using Shampoo.Generators.Model;

namespace Shampoo.Generators.Graph;

/// <summary>The scalars that stages may use. Only those that a stage does use are emitted.</summary>
internal sealed class Numbers(Declaration declaration)
{
    /// <summary>Keeps the quotient of two norms finite.</summary>
    public static readonly Scalar NormGuard = new("norm_guard", "1e-16");

    /// <summary>Keeps the quotient by a norm finite where that is zero.</summary>
    public static readonly Scalar NormFloor = new("norm_floor", "1e-38");

    public static readonly Scalar MinusLearningRate = new("minus_lr", $"-{Value("LearningRate")}", "−lr");

    private static readonly Scalar Half = new("half", "0.5", "½");

    private static readonly Scalar MinusOne = new("minus_one", "-1");

    private readonly string _graftingBeta2 = Arguments.GraftingBeta2Name(declaration);

    public Scalar WeightDecay { get; } = Option("weight_decay", "λ");

    public Scalar Beta1 { get; } = Option("beta1", "β₁");

    public Scalar OneMinusBeta1 { get; } = OneMinus("beta1", "1 − β₁");

    public Scalar Beta3 { get; } = Option("beta3", "β₃");

    public Scalar OneMinusBeta3 { get; } = OneMinus("beta3", "1 − β₃");

    public Scalar BiasCorrection3 { get; } = new("beta3_bias_correction",
        $"1 - {Value("beta3")} * global::System.Math.Pow({Value("beta1")}, t - 1)", "1 − β₃β₁ᵗ⁻¹");

    /// <summary>λ · lr / peak_lr</summary>
    public Scalar CorrectedDecay { get; } = new("corrected_decay", $"{Value("weight_decay")} * {Value("LearningRate")} / {Value("peak_lr")}", "λ · lr / peak_lr");

    /// <summary>λ / peak_lr</summary>
    public Scalar IndependentDecay { get; } = new("independent_decay", $"{Value("weight_decay")} / {Value("peak_lr")}", "λ / peak_lr");

    public Scalar GradientScale => new("gradient_scale", $"1 / global::System.Math.Max(1, gradient_norm / {Value("max_gradient_norm")})", "1 / max(1, ‖all G‖ / c)");

    public Scalar MaxDirectionRms { get; } = Option("max_direction_rms", "c");

    /// <summary>1 where the signs of two values are not opposite, −1 where they are.</summary>
    public static Expression Agreement(Array one, Array other) => Expression.Sign(Expression.Sign(one) * Expression.Sign(other) + Half).As("agreement");

    /// <summary>−1 where the signs of two values are the same, 1 where they are not.</summary>
    public static Expression Opposition(Array one, Array other) => Expression.Sign(MinusOne * (Expression.Sign(one) * Expression.Sign(other)) + Half).As("opposition");

    /// <summary>Half of a number.</summary>
    public static Scalar HalfOf(Scalar number) => new($"half_{number.Name}", $"0.5 * {number.Definition}", $"½ · {number.Remark}");

    /// <summary>−½lr·α</summary>
    public Scalar MinusHalfDecay => new("minus_half_decay", $"-0.5 * {Value("LearningRate")} * {Decay}", "−½lr·α");

    /// <summary>1 − lr·α, by which the iterate decays.</summary>
    public Scalar Retained => new("retained", $"1 - {Value("LearningRate")} * {Decay}", "1 − lr·α");

    // The weights of averaging are numbers of float32, as in the reference, so that trajectories agree to the last digits of float64.

    /// <summary>1 − μ_x: the weight of the new iterate in the average.</summary>
    public Scalar AverageWeight => new("average_weight", $"1f - {EvaluationInterpolation}", "1 − μ_x");

    public Scalar MinusAverageWeight => new("minus_average_weight", $"{EvaluationInterpolation} - 1f", "−(1 − μ_x)");

    /// <summary>1 − μ_xμ_y</summary>
    public Scalar IterateWeight => new("iterate_weight", $"1f - {EvaluationInterpolation} * (float){Value("train_interpolation")}", "1 − μ_xμ_y");

    private string EvaluationInterpolation => declaration.Averaging?.Power is null ? $"(float){Value("evaluation_interpolation")}" : "evaluation_interpolation";

    /// <summary>α, for the kinds of decay that are not part of the gradient.</summary>
    private string Decay => declaration.WeightDecay!.Kind switch
    {
        WeightDecayKind.Corrected => CorrectedDecay.Definition,
        WeightDecayKind.Independent => IndependentDecay.Definition,
        _ => WeightDecay.Definition,
    };

    public Scalar BiasCorrection1 { get; } = BiasCorrection("beta1", "1 − β₁ᵗ");

    public Scalar Beta2 { get; } = Option("beta2", "β₂");

    public Scalar OneMinusBeta2 { get; } = OneMinus("beta2", "1 − β₂");

    public Scalar BiasCorrection2 { get; } = BiasCorrection("beta2", "1 − β₂ᵗ");

    public Scalar ShampooBeta { get; } = Option("shampoo_beta", "β_s");

    public Scalar OneMinusShampooBeta { get; } = OneMinus("shampoo_beta", "1 − β_s");

    /// <summary>√(1 − β₂ᵗ) / (1 − β₁ᵗ)</summary>
    public Scalar MomentsBiasCorrection { get; } = new("moments_bias_correction",
        $"global::System.Math.Sqrt(1 - global::System.Math.Pow({Value("beta2")}, t)) / (1 - global::System.Math.Pow({Value("beta1")}, t))", "√(1 − β₂ᵗ) / (1 − β₁ᵗ)");

    /// <summary>Of the corrected eigenvalues, where it depends on the order of the blocks.</summary>
    public Scalar CorrectionExponent { get; } = new("exponent", "correction_exponent", "e_d");

    public Scalar Epsilon { get; } = Option("epsilon", "ε");

    public Scalar Scale { get; } = Option("scale", "s");

    public Scalar Momentum { get; } = Option("momentum", "μ");

    public Scalar OneMinusDampening { get; } = OneMinus("dampening", "1 − d");

    public Scalar GraftingBeta2 => Option(_graftingBeta2, "β₂");

    public Scalar OneMinusGraftingBeta2 => OneMinus(_graftingBeta2, "1 − β₂");

    public Scalar GraftingBiasCorrection => BiasCorrection(_graftingBeta2, "1 − β₂ᵗ");

    public Scalar GraftingEpsilon => Option(Arguments.GraftingEpsilonName(declaration), "ε");

    /// <summary>The C# expression for a group's number: every option is set once the group has been added.</summary>
    public static string Value(string option) => $"options.{option}!.Value";

    private static Scalar Option(string name, string remark) => new(name, Value(name), remark);

    private static Scalar OneMinus(string name, string remark) => new($"one_minus_{name}", $"1 - {Value(name)}", remark);

    private static Scalar BiasCorrection(string name, string remark) =>
        new($"{name}_bias_correction", $"1 - global::System.Math.Pow({Value(name)}, t)", remark);
}
