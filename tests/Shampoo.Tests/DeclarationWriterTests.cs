using System.Text.Json;
using Shampoo.Conformance;

namespace Shampoo.Tests;

/// <summary>What the conformance program declares for configurations of the reference.</summary>
public sealed class DeclarationWriterTests
{
    private const string Newest = "\"lr\": 0.1, \"beta2\": 0.9, \"epsilon\": 1e-6";

    private const string Legacy = "\"lr\": 0.1, \"betas\": [0, 0.9], \"epsilon\": 1e-6, \"grafting_type\": \"none\"";

    /// <summary>Nothing has more than four dimensions.</summary>
    private static readonly long[][] Shapes = [[3], [2, 3, 2], [2, 2, 2, 2]];

    public static TheoryData<string, string> Newer => new()
    {
        {
            """ "preconditioner": { "type": "root_inverse", "solver": { "type": "coupled_higher_order", "order": 4, "rel_epsilon": 1e-7, "abs_epsilon": 1e-9, "max_iterations": 30.0, "disable_tf32": true } } """,
            "[RootInverse(Solver.CoupledHigherOrder, Beta2 = 0.9, Tolerance = 1E-20, MaxIterations = 30, Order = 4, RelativeEpsilon = 1E-07, AbsoluteEpsilon = 1E-09)]"
        },
        { """ "preconditioner": { "type": "root_inverse", "num_tolerated_failed_amortized_computations": 5 } """, "[RootInverse(Solver.Eigh, Beta2 = 0.9, Epsilon = 1E-06)]\n[Preconditioning(ToleratedFailures = 5)]" },
        {
            """ "preconditioner": { "type": "eigendecomposed", "solver": { "type": "qr", "tolerance": 0.1 }, "use_trace_scaling": true, "trace_scaling_exponent": 0.5 } """,
            "[Eigendecomposed(Solver.QR, Beta2 = 0.9, Epsilon = 1E-06, Tolerance = 0.1, TraceScalingExponent = 0.5)]"
        },
        {
            """ "preconditioner": { "type": "root_inverse", "solver": { "type": "coupled_higher_order", "abs_epsilon": 1e-9, "tolerance": 1e-12 } } """,
            "[RootInverse(Solver.CoupledHigherOrder, Beta2 = 0.9, Tolerance = 1E-12, RelativeEpsilon = 0, AbsoluteEpsilon = 1E-09)]"
        },
        {
            """ "preconditioner": { "type": "root_inverse", "solver": { "type": "coupled_higher_order", "rel_epsilon": 0.1 }, "use_trace_scaling": true, "trace_scaling_exponent": 1 } """,
            "[RootInverse(Solver.CoupledHigherOrder, Beta2 = 0.9, Epsilon = 1E-06, Tolerance = 1E-20, RelativeEpsilon = 0.1, TraceScalingExponent = 1)]"
        },
        { """ "preconditioner": { "type": "eigendecomposed", "solver": { "type": "qr" } } """, "[Eigendecomposed(Solver.QR, Beta2 = 0.9, Epsilon = 1E-06, Tolerance = 0.01)]" },
        {
            """ "preconditioner": { "type": "eigenvalue_corrected", "solver": { "type": "qr", "max_iterations": 2 }, "use_trace_scaling": false } """,
            "[EigenvalueCorrected(Solver.QR, Beta2 = 0.9, Epsilon = 1E-06, Tolerance = 0.01, MaxIterations = 2)]"
        },
        {
            """ "preconditioner": { "type": "eigenvalue_corrected", "solver": { "type": "eigh", "rank_deficient": "perturb_after" }, "use_trace_scaling": true, "trace_scaling_exponent": 0.5 } """,
            "[EigenvalueCorrected(Solver.Eigh, Beta2 = 0.9, Epsilon = 1E-06, RankDeficiency = RankDeficiency.PerturbAfter)]"
        },
        {
            """ "preconditioner": { "type": "eigenvalue_corrected", "solver": { "type": "qr", "rank_deficient": "pseudo_inverse", "rank_rtol": 1e-8 }, "use_trace_scaling": true, "trace_scaling_exponent": 1 } """,
            "[EigenvalueCorrected(Solver.QR, Beta2 = 0.9, Epsilon = 1E-06, RankDeficiency = RankDeficiency.PseudoInverse, Tolerance = 0.01)]"
        },
        { """ "preconditioner": { "type": "root_inverse", "use_trace_scaling": false, "trace_scaling_exponent": 0.5 } """, "[RootInverse(Solver.Eigh, Beta2 = 0.9, Epsilon = 1E-06)]" },
        {
            """ "preconditioner": { "type": "eigenvalue_corrected", "solver": { "type": "eigh" }, "inverse_exponent_override": { "0": 1, "1": 0.25, "2": 0.25, "3": 0.25, "4": 0.25, "5": 0.3 } } """,
            "[EigenvalueCorrected(Solver.Eigh, Beta2 = 0.9, Epsilon = 1E-06, Exponent = 0.25)]"
        },
        {
            """ "preconditioner": { "type": "eigenvalue_corrected", "solver": { "type": "eigh" }, "inverse_exponent_override": { "0": 1, "1": 0.25, "3": 0.25 } } """,
            "[EigenvalueCorrected(Solver.Eigh, Beta2 = 0.9, Epsilon = 1E-06)]\n[InverseExponent(1, 0.25)]\n[InverseExponent(3, 0.25)]"
        },
        {
            """ "preconditioner": { "type": "root_inverse", "inverse_exponent_override": { "1": 0.5, "2": { "1": 0 } } } """,
            "[RootInverse(Solver.Eigh, Beta2 = 0.9, Epsilon = 1E-06)]\n[InverseExponent(1, 0.5)]\n[InverseExponent(2, 0, Dimension = 1)]"
        },
        { """ "preconditioner": { "type": "spectral_descent", "solver": { "type": "newton_schulz", "num_iterations": 7, "scale_by_dims_fn": "aspect_ratio" } } """, "[SpectralDescent(Solver.NewtonSchulz, Iterations = 7, Scaling = SpectralScaling.AspectRatio)]" },
        { """ "preconditioner": { "type": "spectral_descent", "solver": { "type": "svd", "scale_by_nuclear_norm": true } } """, "[SpectralDescent(Solver.SVD, ScaleByNuclearNorm = true)]" },
        { """ "preconditioner": { "type": "sign_descent", "scale_fn": "l1_norm" } """, "[SignDescent(Scaling = SignScaling.L1Norm)]" },
        { """ "preconditioner": { "type": "sign_descent", "scale_fn": 3 } """, "[SignDescent(Scale = 3)]" },
        { """ "preconditioner": { "type": "rmsprop", "beta2": 0.8, "epsilon": 1e-4 }, "max_preconditioner_dim": 8, "start_preconditioning_step": 2, "beta1": 0.5 """, "[Grafting(GraftingMethod.RMSProp, Beta2 = 0.8, Epsilon = 0.0001)]\n[FirstMoment(Beta1 = 0.5)]" },
        {
            """ "preconditioner": { "type": "eigenvalue_corrected" }, "start_preconditioning_step": "inf", "target_parameter_dimensionality": "inf" """,
            "[EigenvalueCorrected(Solver.Eigh, Beta2 = 0.9, Epsilon = 1E-06)]\n[Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited, Start = PreconditioningAttribute.Unlimited)]"
        },
        { """ "preconditioner": { "type": "sign_descent" }, "grafting": { "type": "adam", "beta2": 1, "epsilon": 1e-8 } """, "[Grafting(GraftingMethod.Adagrad, Epsilon = 1E-08)]\n[SignDescent()]" },
    };

    public static TheoryData<string, string> Older => new()
    {
        { "\"exponent_override\": 3", "[InverseExponent(1, 1d / 3)]\n[InverseExponent(2, 1d / 3)]\n[InverseExponent(3, 1d / 3)]\n[InverseExponent(4, 1d / 3)]" },
        { "\"exponent_override\": [3, 0, 5]", "[InverseExponent(1, 1d / 3)]\n[InverseExponent(3, 1d / 5)]" },
        { "\"inv_root_override\": [9, 3, 0, 5]", "[InverseExponent(1, 1d / 3)]\n[InverseExponent(3, 1d / 5)]" },
        { "\"inv_root_override\": 0", "[RootInverse(Solver.Eigh, Beta2 = 0.9, Epsilon = 1E-06)]\n[Preconditioning()]" },
        { "\"momentum\": 0.9, \"dampening\": 0.2, \"use_nesterov\": true", "[Momentum(0.9, Dampening = 0.2, Nesterov = true)]" },
        { "\"momentum\": 0.0, \"dampening\": 0.2", "[Preconditioning()]" },
        { "\"use_merge_dims\": false, \"start_preconditioning_step\": \"inf\"", "[Preconditioning(TargetDimensionality = PreconditioningAttribute.Unlimited, Start = PreconditioningAttribute.Unlimited)]" },
    };

    public static TheoryData<string, string> Unread => new()
    {
        { "\"preconditioner\": { \"type\": \"sign_descent\" }, \"momentum\": 0.9", "'momentum'" },
        { "\"preconditioner\": { \"type\": \"root_inverse\", \"use_trace\": true }", "'preconditioner.use_trace'" },
        { "\"preconditioner\": { \"type\": \"root_inverse\", \"solver\": { \"type\": \"coupled_newton\", \"order\": 3 } }", "'preconditioner.solver.order'" },
        { "\"preconditioner\": { \"type\": \"root_inverse\", \"solver\": { \"type\": \"eigh\", \"tolerance\": 0.5 } }", "'preconditioner.solver.tolerance' = 0.5" },
        { "\"preconditioner\": { \"type\": \"eigenvalue_corrected\", \"solver\": { \"type\": \"qr\" }, \"use_trace_scaling\": true }", "'preconditioner.trace_scaling_exponent' is missing" },
        { "\"preconditioner\": { \"type\": \"eigenvalue_corrected\", \"solver\": { \"type\": \"eigh\", \"tolerance\": 0.1, \"rank_deficient\": \"perturb\" } }", "'preconditioner.solver.rank_deficient'" },
        { "\"preconditioner\": { \"type\": \"eigenvalue_corrected\", \"solver\": { \"type\": \"qr\", \"rank_rtol\": 0.1 } }", "'preconditioner.solver.rank_rtol'" },
        { "\"preconditioner\": { \"type\": \"eigenvalue_corrected_kl\" }", "'preconditioner.type' = \"eigenvalue_corrected_kl\"" },
        { "\"preconditioner\": { \"type\": \"spectral_descent\", \"solver\": { \"type\": \"newton_schulz\", \"coefficients\": [3, -3.2, 1.2] } }", "'preconditioner.solver.coefficients'" },
        { "\"preconditioner\": { \"type\": \"adam\", \"beta2\": 0.9, \"epsilon\": 1 }, \"grafting\": { \"type\": \"sgd\" }", "'preconditioner.type' = \"adam\"" },
        { "\"preconditioner\": { \"type\": \"sign_descent\" }, \"grafting\": { \"type\": \"sgd\", \"decay\": 1 }", "'grafting.decay'" },
        { "\"betas\": [0, 1], \"grafting_type\": \"none\", \"preconditioner_dtype\": \"float32\"", "'preconditioner_dtype'" },
        { "\"betas\": [0, 1]", "'grafting_type' is missing" },
    };

    [Theory, MemberData(nameof(Newer))]
    public void OptionsOfTodayAreDeclared(string options, string lines) => AssertLines(lines, Write($"{{ {Newest}, {options} }}"));

    [Theory, MemberData(nameof(Older))]
    public void OptionsOfFormerYearsAreDeclared(string options, string lines) => AssertLines(lines, Write($"{{ {Legacy}, {options} }}"));

    [Theory]
    [InlineData("adam", "[Grafting(GraftingMethod.Adam, Beta2 = 0.9, Epsilon = 1E-08)]")]
    [InlineData("adam_normalized", "[Grafting(GraftingMethod.NormalizedAdam, Beta2 = 0.9, Epsilon = 1E-08)]")]
    [InlineData("sgd", "[Grafting(GraftingMethod.SGD)]")]
    public void GraftingOf2024IsAnObject(string type, string line)
    {
        string[] lines = Write($$"""{ "betas": [0.9, 0.9], "beta3": 0.5, "grafting_config": { "type": "{{type}}", "beta2": 0.9, "epsilon": 1e-8 } }""");
        Assert.Equal(line, lines[0]);
        Assert.Contains("[FirstMoment(Beta1 = 0.9, Beta3 = 0.5)]", lines);
    }

    /// <summary>The constructor's default, to which its ε belongs.</summary>
    [Fact]
    public void GraftingOf2023IsAdagradUnlessItIsSaid() =>
        Assert.Equal("[Grafting(GraftingMethod.Adagrad, Epsilon = 0.001)]", Write("""{ "betas": [0.9, 1], "grafting_epsilon": 1e-3, "grafting_beta2": 1 }""")[0]);

    [Theory, MemberData(nameof(Unread))]
    public void OptionThatIsNotWrittenIsAnErrorThatNamesIt(string options, string name)
    {
        Exception exception = Assert.ThrowsAny<Exception>(() => Write($"{{ \"lr\": 0.1, {(options.Contains("betas") ? "" : "\"beta2\": 0.9, ")} {options} }}"));
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The reference gives it exponents of its own.</summary>
    [Fact]
    public void ScalarThatIsNotMergedHasNoOrderHere()
    {
        const string Configuration = """{ "beta2": 0.9, "target_parameter_dimensionality": "inf", "preconditioner": { "type": "root_inverse", "inverse_exponent_override": { "0": 1 } } }""";
        Assert.Contains("inverse_exponent_override.0", Assert.Throws<NotSupportedException>(() => Write(Configuration, [[], [2]])).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("InverseExponent", string.Join('\n', Write(Configuration)), StringComparison.Ordinal);
    }

    private static void AssertLines(string expected, string[] actual) => Assert.Contains(expected, string.Join('\n', actual), StringComparison.Ordinal);

    private static string[] Write(string configuration) => Write(configuration, Shapes);

    private static string[] Write(string configuration, long[][] shapes)
    {
        using JsonDocument document = JsonDocument.Parse(configuration);
        var reference = new ReferenceTrajectory("written", document.RootElement, [.. Enumerable.Range(0, shapes.Length)], new Dictionary<int, int[]>(), [], null);
        return DeclarationWriter.Write(reference, new Problem("float64", shapes, [], [])).Split('\n');
    }
}
