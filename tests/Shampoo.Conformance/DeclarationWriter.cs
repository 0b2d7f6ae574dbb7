using System.Globalization;
using System.Text.Json;

namespace Shampoo.Conformance;

/// <summary>Turns a configuration of the reference into an annotated class: the declaration that a user would write.</summary>
internal sealed class DeclarationWriter(JsonElement configuration)
{
    private readonly List<string> _attributes = [];

    /// <summary>The attributes, one a line, in C#.</summary>
    public static string Write(ReferenceTrajectory reference)
    {
        var writer = new DeclarationWriter(reference.Configuration);
        if (reference.IsNewest) writer.Newest();
        else writer.Legacy();
        return string.Join("\n", writer._attributes);
    }

    private bool Unconditioned => Text("start_preconditioning_step") == "inf";

    // ---- the reference of today

    private void Newest()
    {
        Grafting(Object("grafting"));
        if (!Unconditioned) Preconditioner(configuration.Required("preconditioner"));
        Blocking(Text("target_parameter_dimensionality"));
        FirstMoment(Number("beta1"), configuration.TryGetProperty("beta3", out _) ? Number("beta3") : -1, Flag("use_bias_correction", true));
        Averaging(Object("iterate_averaging"));
        Decay(Text("weight_decay_type") ?? "decoupled");
    }

    private void Grafting(JsonElement? grafting)
    {
        if (grafting is not { } g) return;
        string method = g.Required("type").GetString() switch
        {
            "sgd" => "SGD",
            "adagrad" => "Adagrad",
            "rmsprop" => "RMSProp",
            "adam" => "Adam",
            var other => throw Unknown("grafting", other),
        };
        Add("Grafting", $"GraftingMethod.{method}",
            method is "RMSProp" or "Adam" && g.TryGetProperty("beta2", out JsonElement beta2) ? $"Beta2 = {Literal(beta2)}" : null,
            g.TryGetProperty("epsilon", out JsonElement epsilon) ? $"Epsilon = {Literal(epsilon)}" : null);
    }

    private void Preconditioner(JsonElement preconditioner)
    {
        string type = preconditioner.Required("type").GetString()!;
        JsonElement solver = preconditioner.TryGetProperty("solver", out JsonElement s) ? s : default;
        bool kl = type.EndsWith("_kl", StringComparison.Ordinal);
        string? statistics = kl ? "Statistics = FactorStatistics.KullbackLeibler" : null;
        string beta2 = $"Beta2 = {Literal("beta2")}";
        string? uncorrected = Flag("use_bias_correction", true) || Number("beta2") == 1 ? null : "BiasCorrection = false";
        string? epsilon = Number("epsilon") == 0 ? null : $"Epsilon = {Literal("epsilon")}";
        switch (kl ? type[..^"_kl".Length] : type)
        {
            case "root_inverse":
                Add("RootInverse", RootSolver(solver), beta2, epsilon, uncorrected, statistics, RankDeficiency(solver),
                    RankTolerance(solver, "rank_rtol", "RankTolerance"), RankTolerance(solver, "rank_atol", "AbsoluteRankTolerance"),
                    Option(solver, "tolerance", "Tolerance"), Option(solver, "max_iterations", "MaxIterations"), TraceScaling(preconditioner));
                break;
            case "eigendecomposed":
                Add("Eigendecomposed", BasisSolver(solver), beta2, epsilon, uncorrected, statistics, RankDeficiency(solver),
                    RankTolerance(solver, "rank_rtol", "RankTolerance"), RankTolerance(solver, "rank_atol", "AbsoluteRankTolerance"),
                    Option(solver, "tolerance", "Tolerance"), Option(solver, "max_iterations", "MaxIterations"), TraceScaling(preconditioner));
                break;
            case "eigenvalue_corrected":
                Add("EigenvalueCorrected", BasisSolver(solver), beta2, epsilon, uncorrected, Option(solver, "tolerance", "Tolerance"), Option(solver, "max_iterations", "MaxIterations"));
                break;
            case "spectral_descent":
                Add("SpectralDescent", solver.Required("type").GetString() == "svd" ? "Solver.SVD" : "Solver.NewtonSchulz");
                break;
            case "sign_descent":
                Add("SignDescent");
                break;
            default:
                throw Unknown("preconditioner", type);
        }
        if (preconditioner.TryGetProperty("inverse_exponent_override", out JsonElement exponents)) Exponents(exponents);
        if (preconditioner.TryGetProperty("ignored_basis_change_dims", out JsonElement ignored))
            foreach (JsonProperty order in ignored.EnumerateObject())
                Add("IgnoredDimensions", [order.Name, .. order.Value.EnumerateArray().Select(static d => d.GetRawText())]);
    }

    private static string RootSolver(JsonElement solver) => solver.Required("type").GetString() switch
    {
        "eigen" or "eigh" => "Solver.Eigh",
        "coupled_newton" => "Solver.CoupledNewton",
        "coupled_higher_order" => "Solver.CoupledHigherOrder",
        "newton_schulz" => "Solver.NewtonSchulz",
        var other => throw Unknown("solver", other),
    };

    private static string BasisSolver(JsonElement solver) => solver.Required("type").GetString() switch
    {
        "eigh" or "eigen" => "Solver.Eigh",
        "qr" => "Solver.QR",
        var other => throw Unknown("solver", other),
    };

    private static string? RankDeficiency(JsonElement solver) => !solver.TryGetProperty("rank_deficient", out JsonElement how) ? null : how.GetString() switch
    {
        "perturb_before" => null,
        "perturb_after" => "RankDeficiency = RankDeficiency.PerturbAfter",
        "pseudo_inverse" => "RankDeficiency = RankDeficiency.PseudoInverse",
        var other => throw Unknown("rank_deficient", other),
    };

    // A relative one of null is the numerical rank, as without.
    private static string? RankTolerance(JsonElement solver, string name, string option) =>
        solver.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? Option(solver, name, option) : null;

    private static string? TraceScaling(JsonElement preconditioner) =>
        Flag(preconditioner, "use_trace_scaling") ? $"TraceScalingExponent = {Literal(preconditioner.Required("trace_scaling_exponent"))}" : null;

    private void Exponents(JsonElement exponents)
    {
        foreach (JsonProperty order in exponents.EnumerateObject())
        {
            if (order.Value.ValueKind == JsonValueKind.Number)
                Add("InverseExponent", order.Name, Literal(order.Value));
            else
                foreach (JsonProperty dimension in order.Value.EnumerateObject())
                    Add("InverseExponent", order.Name, Literal(dimension.Value), $"Dimension = {dimension.Name}");
        }
    }

    private void Averaging(JsonElement? averaging)
    {
        if (averaging is not { } a) return;
        switch (a.Required("type").GetString())
        {
            case "classic_momentum":
                Momentum(a.Required("momentum").GetDouble(), a.Required("dampening").GetDouble(), Flag(a, "use_nesterov"));
                break;
            case "generalized_primal_averaging":
                Add("IterateAveraging", "AveragingMethod.PrimalAveraging", Option(a, "train_interp_coeff", "TrainInterpolation"), Option(a, "eval_interp_coeff", "EvaluationInterpolation"));
                break;
            case "schedule_free":
                Add("IterateAveraging", "AveragingMethod.ScheduleFree", Option(a, "train_interp_coeff", "TrainInterpolation"), Option(a, "eval_coeff_lr_power", "LearningRatePower"));
                break;
            case var other:
                throw Unknown("iterate_averaging", other);
        }
    }

    // ---- the reference of 2022–2024

    private void Legacy()
    {
        string method = Text("grafting_type") ?? "none";
        if (method != "none") LegacyGrafting(method);
        double beta1 = configuration.Required("betas")[0].GetDouble();
        JsonElement beta2 = configuration.Required("betas")[1];
        bool corrected = Flag("use_bias_correction", true);
        if (!Unconditioned)
            Add("RootInverse", "Solver.Eigh", $"Beta2 = {Literal(beta2)}", $"Epsilon = {Literal("epsilon")}",
                corrected || beta2.GetDouble() == 1 ? null : "BiasCorrection = false", Option(configuration, "exponent_multiplier", "ExponentMultiplier"));
        if (configuration.TryGetProperty("exponent_override", out JsonElement root) && root.ValueKind == JsonValueKind.Number && root.GetInt32() != 0)
            foreach (int order in new[] { 1, 2, 3, 4 })
                Add("InverseExponent", order.ToString(CultureInfo.InvariantCulture), $"1d / {root.GetRawText()}");
        Blocking(Flag("use_merge_dims", true) ? "1" : "inf");
        FirstMoment(beta1, -1, corrected);
        if (configuration.TryGetProperty("momentum", out JsonElement momentum) && momentum.GetDouble() != 0)
            Momentum(momentum.GetDouble(), 0, Flag("use_nesterov", false));
        if (configuration.TryGetProperty("weight_decay", out _)) Decay(Flag("use_decoupled_weight_decay", true) ? "decoupled" : "l2");
        if (configuration.TryGetProperty("max_grad_norm", out JsonElement norm)) Add("Clipping", $"MaxGradientNorm = {Literal(norm)}");
    }

    private void LegacyGrafting(string type)
    {
        string method = type switch
        {
            "sgd" => "SGD",
            "adagrad" => "Adagrad",
            "rmsprop" => "RMSProp",
            "adam" => "Adam",
            "adagrad_normalized" => "NormalizedAdagrad",
            "rmsprop_normalized" => "NormalizedRMSProp",
            "adam_normalized" => "NormalizedAdam",
            "lars" => "LARS",
            "lamb" => "LAMB",
            _ => throw Unknown("grafting_type", type),
        };
        bool decays = method.EndsWith("RMSProp", StringComparison.Ordinal) || method.EndsWith("Adam", StringComparison.Ordinal) || method == "LAMB";
        Add("Grafting", $"GraftingMethod.{method}", decays ? $"Beta2 = {Literal("grafting_beta2")}" : null,
            method is "SGD" or "LARS" ? null : $"Epsilon = {Literal("grafting_epsilon")}");
    }

    // ---- both

    private void Blocking(string? target)
    {
        if (Unconditioned) return;
        string maximum = Text("max_preconditioner_dim") ?? "1024";
        Add("Preconditioning",
            $"MaxDimension = {Limit(maximum)}",
            target is null or "1" ? null : $"TargetDimensionality = {Limit(target)}",
            $"Frequency = {Text("precondition_frequency") ?? "1"}",
            Text("start_preconditioning_step") is { } start ? $"Start = {start}" : null,
            Text("large_dim_method") switch
            {
                null or "blocking" => null,
                "diagonal" => "LargeDimensions = LargeDimensions.DiagonalFactor",
                "adagrad" => "LargeDimensions = LargeDimensions.Elementwise",
                var other => throw Unknown("large_dim_method", other),
            });
    }

    private void FirstMoment(double beta1, double beta3, bool corrected)
    {
        if (beta1 != 0)
            Add("FirstMoment", $"Beta1 = {Literal(beta1)}", beta3 == -1 || beta3 == beta1 ? null : $"Beta3 = {Literal(beta3)}", corrected ? null : "BiasCorrection = false");
    }

    private void Momentum(double momentum, double dampening, bool nesterov)
    {
        if (momentum == 0 && dampening == 0) return;
        Add("Momentum", Literal(momentum), dampening == 0 ? null : $"Dampening = {Literal(dampening)}", nesterov ? "Nesterov = true" : null);
    }

    private void Decay(string type)
    {
        if (Number("weight_decay") == 0) return;
        string kind = type switch
        {
            "l2" => "L2",
            "decoupled" => "Decoupled",
            "corrected" => "Corrected",
            "independent" => "Independent",
            _ => throw Unknown("weight_decay_type", type),
        };
        Add("WeightDecay", $"WeightDecayKind.{kind}", $"WeightDecay = {Literal("weight_decay")}");
    }

    private void Add(string attribute, params IEnumerable<string?> arguments) =>
        _attributes.Add($"[{attribute}({string.Join(", ", arguments.Where(static a => a is not null))})]");

    private JsonElement? Object(string name) =>
        configuration.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private string? Text(string name) => !configuration.TryGetProperty(name, out JsonElement value) ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Null => null,
        _ => value.GetRawText(),
    };

    private double Number(string name) => configuration.TryGetProperty(name, out JsonElement value) ? value.GetDouble() : 0;

    private bool Flag(string name, bool missing) => configuration.TryGetProperty(name, out JsonElement value) ? value.GetBoolean() : missing;

    private static bool Flag(JsonElement parent, string name) => parent.TryGetProperty(name, out JsonElement value) && value.GetBoolean();

    private static string? Option(JsonElement parent, string name, string property) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            ? $"{property} = {Literal(value)}" : null;

    private static string Limit(string value) => value == "inf" ? "PreconditioningAttribute.Unlimited" : value;

    private string Literal(string name) => Literal(configuration.Required(name));

    private static string Literal(JsonElement number) => number.GetRawText();

    private static string Literal(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static NotSupportedException Unknown(string option, string? value) => new($"The reference's option {option} = '{value}' is not known to this runner.");
}
