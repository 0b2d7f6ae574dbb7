using System.Text.Json;

namespace Shampoo.Conformance;

/// <summary>A configuration of the reference of today.</summary>
internal sealed class NewestDeclaration(Options options, IReadOnlyList<long[]> shapes) : DeclarationWriter(options, shapes)
{
    private static readonly double[] MuonCoefficients = [3.4445, -4.7750, 2.0315];

    // The reference's own defaults, where they are not those of this project.
    private const double HigherOrderTolerance = 1e-20, QRTolerance = 0.01;

    protected override void Write()
    {
        Options preconditioner = Options.Object("preconditioner")!;
        string type = preconditioner.RequiredText("type");
        Options? grafting = Options.Object("grafting");
        if (grafting is not null) Grafting(Method(grafting) ?? throw grafting.Unknown("type"), grafting, "beta2", "epsilon");
        if (Method(preconditioner) is { } method) Elementwise(method, preconditioner, grafting);
        else Preconditioner(type, preconditioner);
        FirstMoment(Options.Number("beta1") ?? 0);
        Averaging(Options.Object("iterate_averaging"));
        Decay(Kind(Options.Text("weight_decay_type") ?? "decoupled"));
        Clipping();
    }

    private static string? Method(Options grafting) => grafting.RequiredText("type") switch
    {
        "sgd" => "SGD",
        "adagrad" => "Adagrad",
        "rmsprop" => "RMSProp",
        "adam" => "Adam",
        _ => null,
    };

    /// <summary>What is a preconditioner of its own for the reference is grafting alone here, whatever the blocks and the schedule are.</summary>
    private void Elementwise(string method, Options preconditioner, Options? grafting)
    {
        if (grafting is not null) throw preconditioner.Unknown("type");
        Grafting(method, preconditioner, "beta2", "epsilon");
        Options.WithoutEffect("beta2", "epsilon", "max_preconditioner_dim", "precondition_frequency", "start_preconditioning_step", "target_parameter_dimensionality");
    }

    private void Preconditioner(string type, Options preconditioner)
    {
        Options? solver = preconditioner.Object("solver");
        switch (type)
        {
            case "root_inverse" or "root_inverse_kl": RootInverse(preconditioner, solver, Statistics(type)); break;
            case "eigendecomposed" or "eigendecomposed_kl": Eigendecomposed(preconditioner, solver, Statistics(type)); break;
            case "eigenvalue_corrected": EigenvalueCorrected(preconditioner, solver); break;
            case "spectral_descent": SpectralDescent(solver); break;
            case "sign_descent": SignDescent(preconditioner); break;
            default: throw preconditioner.Unknown("type");
        }
        Blocking(Options.Number("target_parameter_dimensionality") ?? 1, preconditioner.Number("num_tolerated_failed_amortized_computations"));
        preconditioner.WithoutEffect("use_symmetric_packing");
        solver?.WithoutEffect("retry_double_precision", "eigendecomposition_offload_device", "disable_tf32");
    }

    // ---- with factor matrices

    private void RootInverse(Options preconditioner, Options? solver, string? statistics)
    {
        string name = solver?.RequiredText("type") switch
        {
            null or "eigen" or "eigh" => "Eigh",
            "coupled_newton" => "CoupledNewton",
            "coupled_higher_order" => "CoupledHigherOrder",
            "newton_schulz" => "NewtonSchulz",
            _ => throw solver.Unknown("type"),
        };
        bool iterates = name is "CoupledNewton" or "CoupledHigherOrder", isHigherOrder = name == "CoupledHigherOrder";
        if (name == "Eigh" && solver?.Number("tolerance") is not (null or 0)) throw solver.Unknown("tolerance");
        Add("RootInverse",
        [
            $"Solver.{name}", .. Factors(usesEpsilon: isHigherOrder ? preconditioner.Flag("use_trace_scaling") : !IsPseudoInverse(solver)), statistics, .. Ranks(solver),
            iterates ? Option(solver, "tolerance", "Tolerance", missing: isHigherOrder ? HigherOrderTolerance : null) : null,
            iterates ? Option(solver, "max_iterations", "MaxIterations") : null,
            isHigherOrder ? Option(solver, "order", "Order") : null,
            isHigherOrder ? Option(solver, "rel_epsilon", "RelativeEpsilon", missing: 0) : null,
            isHigherOrder ? Option(solver, "abs_epsilon", "AbsoluteEpsilon") : null,
            TraceScaling(preconditioner),
        ]);
        Exponents(preconditioner.Object("inverse_exponent_override"));
    }

    private void Eigendecomposed(Options preconditioner, Options? solver, string? statistics)
    {
        Add("Eigendecomposed",
            [$"Solver.{Basis(solver)}", .. Factors(usesEpsilon: !IsPseudoInverse(solver)), statistics, .. Ranks(solver), .. Iterations(solver), TraceScaling(preconditioner)]);
        Exponents(preconditioner.Object("inverse_exponent_override"));
    }

    private void EigenvalueCorrected(Options preconditioner, Options? solver)
    {
        if (IsPseudoInverse(solver)) solver!.WithoutEffect("rank_rtol", "rank_atol"); // of eigenvalues, not of their vectors
        Options? exponents = preconditioner.Object("inverse_exponent_override");
        double? common = CommonExponent(exponents);
        string? rank = Rank(solver), scaling = TraceScaling(preconditioner); // a scale matters beside an ε that is added
        Add("EigenvalueCorrected",
            [$"Solver.{Basis(solver)}", .. Factors(usesEpsilon: true), common is { } exponent ? $"Exponent = {Literal(exponent)}" : null, rank, .. Iterations(solver), rank is null ? scaling : null]);
        Exponents(common is null ? exponents : null);
        if (preconditioner.Object("ignored_basis_change_dims") is not { } ignored) return;
        foreach (string order in Orders(ignored))
            Add("IgnoredDimensions", [order, .. ignored.Any(order)!.Value.EnumerateArray().Select(static d => d.GetRawText())]);
    }

    private static string? Statistics(string type) => type.EndsWith("_kl", StringComparison.Ordinal) ? "Statistics = FactorStatistics.KullbackLeibler" : null;

    private static string Basis(Options? solver) => solver?.RequiredText("type") switch
    {
        null or "eigh" or "eigen" => "Eigh",
        "qr" => "QR",
        _ => throw solver.Unknown("type"),
    };

    private static IEnumerable<string?> Iterations(Options? solver) =>
        [Option(solver, "tolerance", "Tolerance", missing: Basis(solver) == "QR" ? QRTolerance : null), Option(solver, "max_iterations", "MaxIterations")];

    /// <param name="usesEpsilon">Whether ε does anything; 0 is an error then.</param>
    private IEnumerable<string?> Factors(bool usesEpsilon)
    {
        double beta2 = Options.RequiredNumber("beta2");
        string? epsilon = Option(Options, "epsilon", "Epsilon");
        return [$"Beta2 = {Literal(beta2)}", usesEpsilon ? epsilon : null, Options.Flag("use_bias_correction", missing: true) || beta2 == 1 ? null : "BiasCorrection = false"];
    }

    private static bool IsPseudoInverse(Options? solver) => solver?.Text("rank_deficient") == "pseudo_inverse";

    private static string? Rank(Options? solver) => solver?.Text("rank_deficient") switch
    {
        null or "perturb_before" => null,
        "perturb_after" => "RankDeficiency = RankDeficiency.PerturbAfter",
        "pseudo_inverse" => "RankDeficiency = RankDeficiency.PseudoInverse",
        _ => throw solver.Unknown("rank_deficient"),
    };

    /// <summary>A relative tolerance of null is the numerical rank, as without.</summary>
    private static IEnumerable<string?> Ranks(Options? solver) => IsPseudoInverse(solver)
        ? [Rank(solver), Option(solver, "rank_rtol", "RankTolerance"), Option(solver, "rank_atol", "AbsoluteRankTolerance")]
        : [Rank(solver)];

    private static string? TraceScaling(Options preconditioner)
    {
        preconditioner.WithoutEffect("trace_scaling_exponent");
        return preconditioner.Flag("use_trace_scaling") ? $"TraceScalingExponent = {Literal(preconditioner.RequiredNumber("trace_scaling_exponent"))}" : null;
    }

    /// <summary>Order → exponent, or order → dimension → exponent.</summary>
    private void Exponents(Options? exponents)
    {
        if (exponents is null) return;
        foreach (string order in Orders(exponents))
        {
            if (exponents.Any(order) is not { ValueKind: JsonValueKind.Object })
            {
                Add("InverseExponent", order, Literal(exponents.RequiredNumber(order)));
                continue;
            }
            Options dimensions = exponents.Object(order)!;
            foreach (string dimension in dimensions.Names)
                Add("InverseExponent", order, Literal(dimensions.RequiredNumber(dimension)), $"Dimension = {dimension}");
        }
    }

    /// <summary>The exponent of the blocks of all orders that there can be, if it is one. The others' are without effect then.</summary>
    private double? CommonExponent(Options? exponents)
    {
        if (exponents is null) return null;
        double?[] all = [.. Enumerable.Range(1, HighestOrder).Select(order => exponents.Number(Literal(order))).Distinct()];
        if (all is not [{ } common]) return null;
        exponents.WithoutEffect([.. exponents.Names]);
        return common;
    }

    /// <summary>
    /// The orders that something is said of. Here every block has a dimension; for the reference a scalar that is not merged has none,
    /// and a merged one has.
    /// </summary>
    private IEnumerable<string> Orders(Options orders)
    {
        if (orders.Has("0") && HasScalars && Options.Number("target_parameter_dimensionality") == double.PositiveInfinity) throw orders.Unknown("0");
        orders.WithoutEffect("0");
        return orders.Names.Where(static order => order != "0");
    }

    // ---- without

    private void SpectralDescent(Options? solver)
    {
        WithoutStatistics();
        string name = solver?.RequiredText("type") switch
        {
            null or "newton_schulz" => "NewtonSchulz",
            "svd" => "SVD",
            _ => throw solver.Unknown("type"),
        };
        if (name == "NewtonSchulz") RequireCoefficients(solver);
        Add("SpectralDescent", $"Solver.{name}",
            name == "NewtonSchulz" ? Option(solver, "num_iterations", "Iterations") : null,
            name == "SVD" && solver!.Flag("scale_by_nuclear_norm") ? "ScaleByNuclearNorm = true" : null,
            solver?.Text("scale_by_dims_fn") switch
            {
                null or "default" or "none" or "unscaled" => null,
                "aspect_ratio" or "original" or "muon" => "Scaling = SpectralScaling.AspectRatio",
                "match_rms_adamw" => "Scaling = SpectralScaling.MatchRmsAdamW",
                "spectral_norm" => "Scaling = SpectralScaling.SpectralNorm",
                _ => throw solver.Unknown("scale_by_dims_fn"),
            });
    }

    private static void RequireCoefficients(Options? solver)
    {
        if (solver?.Any("coefficients") is { } coefficients && !coefficients.EnumerateArray().Select(static c => c.GetDouble()).SequenceEqual(MuonCoefficients))
            throw solver.Unknown("coefficients");
    }

    private void SignDescent(Options preconditioner)
    {
        WithoutStatistics();
        Add("SignDescent", preconditioner.Any("scale_fn") switch
        {
            null => null,
            { ValueKind: JsonValueKind.Number } => Option(preconditioner, "scale_fn", "Scale"),
            _ => preconditioner.Text("scale_fn") switch
            {
                "default" or "none" or "constant" => null,
                "mean_magnitude" or "mean_abs" => "Scaling = SignScaling.MeanMagnitude",
                "l1_norm" or "l_infinity" => "Scaling = SignScaling.L1Norm",
                _ => throw preconditioner.Unknown("scale_fn"),
            },
        });
    }

    private void WithoutStatistics() => Options.WithoutEffect("beta2", "epsilon");

    // ---- the step

    private void Averaging(Options? averaging)
    {
        switch (averaging?.RequiredText("type"))
        {
            case null:
                break;
            case "classic_momentum":
                Momentum(averaging.RequiredNumber("momentum"), averaging.Number("dampening") ?? 0, averaging.Flag("use_nesterov"));
                break;
            case "generalized_primal_averaging":
                Add("IterateAveraging", "AveragingMethod.PrimalAveraging", Option(averaging, "train_interp_coeff", "TrainInterpolation"), Option(averaging, "eval_interp_coeff", "EvaluationInterpolation"));
                break;
            case "schedule_free":
                Add("IterateAveraging", "AveragingMethod.ScheduleFree", Option(averaging, "train_interp_coeff", "TrainInterpolation"), Option(averaging, "eval_coeff_lr_power", "LearningRatePower"));
                break;
            default:
                throw averaging.Unknown("type");
        }
    }

    private string Kind(string type) => type switch
    {
        "l2" => "L2",
        "decoupled" => "Decoupled",
        "corrected" => "Corrected",
        "independent" => "Independent",
        _ => throw Options.Unknown("weight_decay_type"),
    };
}
