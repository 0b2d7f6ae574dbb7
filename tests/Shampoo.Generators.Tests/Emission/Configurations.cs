using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Emission;

/// <summary>Every combination of what decides the shape of a step, as attributes.</summary>
internal static class Configurations
{
    private static readonly string[] Graftings =
        ["", "[Grafting(SGD)]", "[Grafting(Adagrad)]", "[Grafting(RMSProp)]", "[Grafting(RMSProp, Beta2 = 1)]", "[Grafting(Adam)]"];

    private static readonly string[] Roots =
        ["[RootInverse(Eigh)]", "[RootInverse(Eigh, BiasCorrection = false)]", "[RootInverse(Eigh, Beta2 = 1)]"];

    private static readonly string[] Schedules =
        ["", "[Preconditioning(Start = 5)]", "[Preconditioning(Frequency = 10)]", "[Preconditioning(Frequency = 10, Start = 25)]"];

    private static readonly string[] Moments = ["", "[FirstMoment]", "[FirstMoment(BiasCorrection = false)]"];

    private static readonly string[] Momenta =
        ["", "[Momentum]", "[Momentum(Nesterov = true)]", "[Momentum(Dampening = 0.1)]", "[Momentum(Nesterov = true, Dampening = 0.1)]"];

    private static readonly string[] Decays = ["", "[WeightDecay(L2)]", "[WeightDecay(Decoupled)]"];

    /// <summary>At least one attribute each.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. from root in Roots.SelectMany(static root => Schedules.Select(schedule => root + schedule)).Prepend("")
        from grafting in Graftings
        from moment in Moments
        from momentum in Momenta
        from decay in Decays
        select grafting + root + moment + momentum + decay into attributes
        where attributes != ""
        select attributes,
    ];

    /// <summary>Those of <see cref="All"/> in which every two values meet, whatever the two options: enough for what only the compiler can see.</summary>
    public static IReadOnlyList<string> Pairwise { get; } = Cover();

    /// <summary>Every two values of the options that <see cref="All"/> leaves out, wherever they may stand together.</summary>
    public static IReadOnlyList<string> More { get; } = new CoveringTable(
        [
            [
                "",
                "[RootInverse(CoupledNewton, Tolerance = 1e-5, MaxIterations = 50)] [Precision(Factors = Float64)]",
                "[RootInverse(CoupledHigherOrder, Order = 4, RelativeEpsilon = 1e-9, AbsoluteEpsilon = 1e-12)] [Precision(Factors = Float64)]",
                "[RootInverse(MinimaxNewton, ExponentMultiplier = 2)] [Precision(Factors = Float64, Roots = BFloat16)]",
                "[RootInverse(NewtonSchulz, TraceScalingExponent = 1, RelativeEpsilon = 1e-5)] [InverseExponent(3, 0.125)] [InverseExponent(5, 0.125)]",
                "[RootInverse(Eigh, RankDeficiency = PseudoInverse, RankTolerance = 1e-6)]",
                "[RootInverse(Eigh, RankDeficiency = PerturbAfter, Statistics = KullbackLeibler)] [InverseExponent(2, 0.5, Dimension = 1)]",
                "[RootInverse(Eigh, Beta2 = 1, Statistics = KullbackLeibler)]",
                "[Eigendecomposed(Eigh, TraceScalingExponent = 1, Tolerance = 0.1)] [Precision(Eigenvectors = BFloat16)]",
                "[Eigendecomposed(QR, RankDeficiency = PseudoInverse, Tolerance = 0.05, AbsoluteRankTolerance = 1e-9, MaxIterations = 3, BiasCorrection = false)]",
                "[Eigendecomposed(QR, Statistics = KullbackLeibler, Tolerance = 0.01)] [InverseExponent(1, 0)]",
                "[EigenvalueCorrected(Eigh)] [Precision(Moments = Float16)]",
                "[EigenvalueCorrected(QR, Exponent = 0.25, BiasCorrection = false, RankDeficiency = PseudoInverse)] [IgnoredDimensions(2, 1)]",
                "[EigenvalueCorrected(QR, Beta2 = 1, Exponent = 1, Tolerance = 0.01, TraceScalingExponent = 1)]",
                "[EigenvalueCorrected(Eigh, TransportEigenvalues = true, RankDeficiency = PerturbAfter)] [InverseExponent(2, 1)]",
                "[Soap]",
                "[Soap(ShampooBeta = 0.9, BiasCorrection = false)] [Preconditioning(Frequency = 10, StatisticsInterval = 5)]",
                "[SpectralDescent(NewtonSchulz)] [Preconditioning(TargetDimensionality = 2)]",
                "[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 2, Start = 5)]",
                "[RootInverse(Eigh)] [Preconditioning(Frequency = 10, StatisticsInterval = 5)]",
                "[EigenvalueCorrected(Eigh)] [Preconditioning(Frequency = 10, Start = 25, StatisticsInterval = 4)]",
                "[SpectralDescent(SVD, Scaling = SpectralNorm)] [Preconditioning(TargetDimensionality = 2)]",
                "[SignDescent(Scaling = MeanMagnitude)]",
                "[SignDescent(Scaling = L1Norm)]",
                "[SignDescent]",
                "[SignDescent] [Preconditioning(Start = 5)]",
            ],
            [.. Schedules, "[Preconditioning(Frequency = 10, Start = 25, Refresh = Staggered)]", "[Preconditioning(Frequency = 10, Start = 25, Refresh = Overlapped)]", "[Preconditioning(Frequency = 10, Refresh = Overlapped, Staleness = 9)]"],
            ["", "[Grafting(SGD)]", "[Grafting(Adam)]", "[Grafting(NormalizedAdagrad)]", "[Grafting(NormalizedRMSProp)]", "[Grafting(NormalizedAdam)]"],
            ["", "[FirstMoment]", "[FirstMoment(BiasCorrection = false)]", "[FirstMoment(Beta3 = 0.5)]", "[FirstMoment(Beta3 = 0.5, BiasCorrection = false)]"],
            ["", "[Momentum(Nesterov = true)]", "[Momentum(Dampening = 0.1)]"],
            ["", "[WeightDecay(L2)]", "[WeightDecay(Decoupled)]", "[WeightDecay(Corrected)]", "[WeightDecay(Independent)]", "[WeightDecay(Decoupled, Cautious = true)]"],
            ["", "[Clipping(MaxDirectionRms = 1)]"],
        ],
        // A schedule needs something to refresh, and to be the only one; a start of what needs no statistics, something to do before; a length of its own,
        // no grafting. SOAP has a first moment and a length of its own.
        static (option, value, other, otherValue) => (option, other) switch
        {
            (0, 1) => otherValue == "" || (Has(value, "[RootInverse") || Has(value, "[Eigen")) && !Has(value, "Interval"),
            (0, 2) when Has(value, "[Soap") || Has(value, "Scaling =") => otherValue == "",
            (0, 2) => otherValue != "" || Has(value, "[Eigen") || !Has(value, "Start"),
            (0, 3) when Has(value, "[Soap") => otherValue == "",
            _ => true,
        }).Rows;

    private static bool Has(string attributes, string text) => attributes.Contains(text, StringComparison.Ordinal);

    /// <summary>One project with a class <c>C0</c>, <c>C1</c>, … for each configuration.</summary>
    public static TestProject Project(IReadOnlyList<string> configurations) =>
        TestProject.Of(string.Concat(configurations.Select(static (attributes, i) => $"{attributes} public sealed partial class C{i};\n")));

    /// <summary>Takes, again and again, the configuration that has the most pairs that no other one has had.</summary>
    private static List<string> Cover()
    {
        Dictionary<string, HashSet<(string, string)>> open = All.ToDictionary(static c => c, Pairs);
        var chosen = new List<string>();
        while (open.MaxBy(static c => c.Value.Count) is { Value.Count: > 0 } best)
        {
            chosen.Add(best.Key);
            HashSet<(string, string)> met = [.. best.Value];
            foreach (HashSet<(string, string)> pairs in open.Values) pairs.ExceptWith(met);
        }
        return chosen;
    }

    private static HashSet<(string, string)> Pairs(string configuration)
    {
        string[] values =
        [
            .. new[] { Graftings, Roots, Schedules, Moments, Momenta, Decays }.Select((option, i) =>
                $"{i}{option.Where(value => value != "" && configuration.Contains(value, StringComparison.Ordinal)).FirstOrDefault()}"),
        ];
        return [.. values.SelectMany((one, i) => values[(i + 1)..].Select(other => (one, other)))];
    }
}
