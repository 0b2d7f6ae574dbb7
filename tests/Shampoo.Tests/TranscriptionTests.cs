using TorchSharp;
using static Shampoo.Tests.TranscribedNumbers;
using static TorchSharp.torch;

namespace Shampoo.Tests;

/// <summary>Every declaration of <c>Optimizers.cs</c> against a transcription of the algorithm in plain C#.</summary>
public sealed class TranscriptionTests
{
    private const int StepCount = 12;

    /// <summary>Orders 0 to 5.</summary>
    private static readonly long[][] Shapes = [[], [7], [6, 5], [1, 4, 1], [2, 3, 4], [5, 2, 2], [2, 2, 5, 1], [2, 3, 2, 5], [2, 1, 2, 2, 3], [0, 3], [6, 5]];

    /// <summary>What becomes of them, by hand, where everything is merged, where up to 4 is, and where nothing is.</summary>
    private static readonly int[][]
        Whole = [[1], [7], [30], [4], [24], [20], [20], [60], [24], [0], [30]],
        UpToFour = [[1], [7], [6, 5], [4], [2, 3, 4], [5, 4], [4, 5], [2, 3, 2, 5], [2, 4, 3], [0], [6, 5]],
        Unmerged = [[1], [7], [6, 5], [1, 4, 1], [2, 3, 4], [5, 2, 2], [2, 2, 5, 1], [2, 3, 2, 5], [2, 1, 2, 2, 3], [0], [6, 5]];

    private static readonly Dictionary<string, (Rules Rules, int[][] Merged)> Declared = new()
    {
        [nameof(Ungrafted)] = (new() { Roots = true, MaxDimension = 4 }, UpToFour),
        [nameof(Summing)] = (new() { Roots = true, Sums = true, Grafting = GraftingMethod.Adagrad, MaxDimension = 4, Start = 3, Frequency = 3 }, UpToFour),
        [nameof(Uncorrected)] = (new() { Roots = true, CorrectsRoots = false, Grafting = GraftingMethod.SGD, FirstMoment = true, CorrectsFirstMoment = false, Start = 4, Frequency = 2, Decay = WeightDecayKind.L2 }, Whole),
        [nameof(Tests.Unmerged)] = (new() { Roots = true, Grafting = GraftingMethod.RMSProp, Momentum = true, Dampening = true, Nesterov = true, MaxDimension = 3 }, Unmerged),
        [nameof(Everything)] = (new() { Roots = true, Grafting = GraftingMethod.Adam, FirstMoment = true, Decay = WeightDecayKind.Decoupled, MaxDimension = 4, Start = 2, Frequency = 2, Momentum = true }, UpToFour),
        [nameof(PackedEverything)] = (new() { Roots = true, Grafting = GraftingMethod.Adam, FirstMoment = true, Decay = WeightDecayKind.Decoupled, MaxDimension = 4, Start = 2, Frequency = 2, Momentum = true }, UpToFour),
        [nameof(Mixed)] = (new() { Roots = true, SingleRoots = true, Grafting = GraftingMethod.Adam }, Whole),
        [nameof(Unchecked)] = (new() { Grafting = GraftingMethod.Adam, FirstMoment = true }, Whole),
        [nameof(PlainAdamW)] = (new() { Grafting = GraftingMethod.Adam, FirstMoment = true, Decay = WeightDecayKind.Decoupled }, Whole),
        [nameof(PlainAdam)] = (new() { Grafting = GraftingMethod.Adam, FirstMoment = true, Decay = WeightDecayKind.L2 }, Whole),
        [nameof(PlainAdagrad)] = (new() { Grafting = GraftingMethod.Adagrad }, Whole),
        [nameof(PlainRMSProp)] = (new() { Grafting = GraftingMethod.RMSProp, Decay = WeightDecayKind.L2 }, Whole),
        [nameof(PlainSGD)] = (new() { Momentum = true, Dampening = true, Decay = WeightDecayKind.L2 }, Whole),
        [nameof(Bare)] = (new(), Whole),
        [nameof(OneSided)] = (new() { Roots = true, Exponent = static (d, k) => (d, k) switch { (2, 1) => 0, (3, _) => 0.25, _ => 1.0 / (2 * d) }, Grafting = GraftingMethod.NormalizedAdam, FirstMoment = true, Beta3 = true, Decay = WeightDecayKind.Corrected, MaxDimension = 4 }, UpToFour),
        [nameof(Multiplied)] = (new() { Roots = true, Exponent = static (d, k) => 1.5 * ((d, k) == (2, 0) ? 0.2 : 1.0 / (2 * d)), TraceScaling = 0.5, Grafting = GraftingMethod.NormalizedAdagrad, FirstMoment = true, Beta3 = true, CorrectsFirstMoment = false, Decay = WeightDecayKind.Independent, MaxDimension = 4, Start = 3, Frequency = 2 }, UpToFour),
        [nameof(Divergent)] = (new() { Roots = true, KullbackLeibler = true, Grafting = GraftingMethod.NormalizedRMSProp, MaxDimension = 4, Start = 2, Frequency = 2, Momentum = true, Nesterov = true }, UpToFour),
        [nameof(Decomposed)] = (new() { Roots = true, KullbackLeibler = true, Sums = true, FirstMoment = true, Decay = WeightDecayKind.L2, MaxDimension = 4 }, UpToFour),
        [nameof(Rotated)] = (new() { Corrected = true, Exponent = static (d, k) => (d, k) == (2, 0) ? 0 : 1, FirstMoment = true, Decay = WeightDecayKind.Decoupled, MaxDimension = 4 }, UpToFour),
        [nameof(RotatedLater)] = (new() { Corrected = true, Sums = true, CorrectionExponent = static _ => 0.25, Grafting = GraftingMethod.Adam, Exponent = static (_, _) => 1, Decay = WeightDecayKind.Corrected, MaxDimension = 4, Start = 3, Momentum = true }, UpToFour),
        [nameof(OverlappedRoots)] = (new() { Roots = true, Grafting = GraftingMethod.Adam, FirstMoment = true, MaxDimension = 4, Start = 7, Frequency = 4, Staleness = 1 }, UpToFour),
        [nameof(OverlappedDivergence)] = (new() { Roots = true, KullbackLeibler = true, Decay = WeightDecayKind.L2, MaxDimension = 4, Start = 4, Frequency = 2, Staleness = 1 }, UpToFour),
        [nameof(OverlappedSometimes)] = (new() { Roots = true, Grafting = GraftingMethod.Adam, MaxDimension = 4, Start = 7, Frequency = 4, Staleness = 1, StatisticsInterval = 3 }, UpToFour),
        [nameof(DecomposedScaled)] = (new() { Roots = true, TraceScaling = 0.5, Exponent = static (d, k) => (d, k) == (2, 0) ? 0.2 : 1.0 / (2 * d), Grafting = GraftingMethod.NormalizedAdagrad, FirstMoment = true, MaxDimension = 4, Start = 3, Frequency = 2 }, UpToFour),
        [nameof(RelativelyPerturbed)] = (new() { Roots = true, RelativeEpsilon = 0.05, Exponent = static (d, _) => d == 3 ? 0.25 : 1.0 / (2 * d), FirstMoment = true, MaxDimension = 4, Frequency = 2, Start = 2 }, UpToFour),
        [nameof(RotatedByOrder)] = (new() { Corrected = true, CorrectionExponent = static d => d switch { 1 => 0.25, 2 => 0.4, 4 => 0.125, _ => 0.3 }, Exponent = static (_, _) => 1, FirstMoment = true, Decay = WeightDecayKind.Decoupled, MaxDimension = 4 }, UpToFour),
        [nameof(OverlappedBases)] = (new() { Corrected = true, Exponent = static (_, _) => 1, FirstMoment = true, MaxDimension = 4, Start = 6, Frequency = 3, Staleness = 2 }, UpToFour),
        [nameof(Diagonal)] = (new() { Roots = true, Grafting = GraftingMethod.Adam, FirstMoment = true, MaxDimension = 4, LargeDimensions = LargeDimensions.DiagonalFactor, Start = 3, Frequency = 2 }, UpToFour),
        [nameof(DiagonalDivergent)] = (new() { Roots = true, KullbackLeibler = true, Exponent = static (d, _) => 1.5 / (2 * d), Momentum = true, MaxDimension = 4, LargeDimensions = LargeDimensions.DiagonalFactor, Start = 2, Frequency = 2 }, UpToFour),
        [nameof(ElementwiseLarge)] = (new() { Roots = true, Grafting = GraftingMethod.RMSProp, FirstMoment = true, Momentum = true, Decay = WeightDecayKind.Decoupled, MaxDimension = 4, LargeDimensions = LargeDimensions.Elementwise, Start = 3, Frequency = 2 }, UpToFour),
        [nameof(ElementwiseSumming)] = (new() { Roots = true, Sums = true, Decay = WeightDecayKind.L2, MaxDimension = 4, LargeDimensions = LargeDimensions.Elementwise }, UpToFour),
        [nameof(PlainNormalizedAdam)] = (new() { Grafting = GraftingMethod.NormalizedAdam, FirstMoment = true, Beta3 = true }, Whole),
        [nameof(Signs)] = (new() { Signs = true, FirstMoment = true, CorrectsFirstMoment = false, Decay = WeightDecayKind.Independent }, Whole),
        [nameof(SignsGrafted)] = (new() { Signs = true, Grafting = GraftingMethod.NormalizedAdam, MaxDimension = 4, Start = 3, Frequency = 3 }, UpToFour),
        [nameof(Sometimes)] = (new() { Roots = true, Grafting = GraftingMethod.Adam, FirstMoment = true, MaxDimension = 4, Start = 4, Frequency = 4, StatisticsInterval = 2 }, UpToFour),
        [nameof(SometimesDivergent)] = (new() { Roots = true, KullbackLeibler = true, MaxDimension = 4, Start = 5, Frequency = 3, StatisticsInterval = 2 }, UpToFour),
        [nameof(RotatedSometimes)] = (new() { Corrected = true, Exponent = static (_, _) => 1, FirstMoment = true, MaxDimension = 4, Start = 10, Frequency = 10, StatisticsInterval = 2, Skips = static shape => shape.Any(static n => n > 5) }, UpToFour),
        [nameof(Skipping)] = (new() { Roots = true, Grafting = GraftingMethod.RMSProp, MaxDimension = 4, Start = 3, Frequency = 2, Skips = static shape => IsSmall(shape, 2) || shape.Any(static n => n > 5), Decay = WeightDecayKind.Decoupled, Cautious = true, Momentum = true }, UpToFour),
        [nameof(SkippingUngrafted)] = (new() { Roots = true, MaxDimension = 4, Skips = static shape => IsSmall(shape, 3), Bounds = true, Decay = WeightDecayKind.Corrected, Cautious = true }, UpToFour),
        [nameof(Bounded)] = (new() { Roots = true, Grafting = GraftingMethod.Adam, FirstMoment = true, MaxDimension = 4, Start = 2, Frequency = 2, Bounds = true, Decay = WeightDecayKind.Decoupled }, UpToFour),
        [nameof(RotatedBounded)] = (new() { Corrected = true, Exponent = static (_, _) => 1, Grafting = GraftingMethod.SGD, MaxDimension = 4, Bounds = true }, UpToFour),
        [nameof(PlainBounded)] = (new() { Grafting = GraftingMethod.RMSProp, FirstMoment = true, Bounds = true, Decay = WeightDecayKind.Independent, Cautious = true }, Whole),
        [nameof(MeanSigns)] = (new() { Signs = true, SignScaling = SignScaling.MeanMagnitude, FirstMoment = true, MaxDimension = 4, Bounds = true }, UpToFour),
        [nameof(SummedSigns)] = (new() { Signs = true, SignScaling = SignScaling.L1Norm, MaxDimension = 4, Skips = static shape => IsSmall(shape, 2), Decay = WeightDecayKind.Independent, Cautious = true }, UpToFour),
    };

    private static bool IsSmall(long[] shape, int rank) => shape.Count(static n => n != 1) < rank;

    public static TheoryData<string, ScalarType> All => Declarations.Transcribed;

    [Theory, MemberData(nameof(All))]
    public void NumbersAreThoseOfTheTranscription(string name, ScalarType dtype)
    {
        (Rules rules, int[][] merged) = Declared[name];
        double epsilon = Rounding.Epsilon(dtype) * 10;
        using var model = new Model(Shapes, dtype);
        Transcription[] expected = [.. merged.Select((shape, p) => new Transcription(rules, shape, model.Values(p), epsilon, rules.Skips(Shapes[p])))];
        using var optimizer = Declarations.Create(name, model.Parameters, Lr, Numbers(name, epsilon));
        for (int step = 1; step <= StepCount; step++)
        {
            model.NewGradients([.. Enumerable.Range(0, Shapes.Length).Where(p => IsMissing(step, p))]);
            for (int p = 0; p < Shapes.Length; p++)
                expected[p].Step(IsMissing(step, p) ? null : Gradient(model, p));
            optimizer.step();
            for (int p = 0; p < Shapes.Length; p++)
                Rounding.AssertClose(expected[p].Values, model.Values(p), Tolerance(rules, dtype, epsilon));
        }
    }

    public static TheoryData<string, ScalarType> Halves
    {
        get
        {
            var data = new TheoryData<string, ScalarType>();
            foreach ((int i, string name) in Declared.Keys.Index())
                data.Add(name, i % 2 == 0 ? ScalarType.BFloat16 : ScalarType.Float16);
            return data;
        }
    }

    /// <summary>
    /// The transcription rounds the parameter after each step, and nothing else. Where its number and ours lie on both sides of a middle,
    /// they become neighbours: a few at most, and none goes further away.
    /// </summary>
    [Theory, MemberData(nameof(Halves))]
    public void ParametersOfSixteenBitsAreRoundedAfterEachStep(string name, ScalarType dtype)
    {
        (Rules rules, int[][] merged) = Declared[name];
        double epsilon = Rounding.Epsilon(ScalarType.Float32) * 10, tolerance = Tolerance(rules, ScalarType.Float32, epsilon);
        using var model = new Model(Shapes, dtype);
        Transcription[] expected = [.. merged.Select((shape, p) => new Transcription(rules, shape, model.Values(p), epsilon, rules.Skips(Shapes[p])))];
        using var optimizer = Declarations.Create(name, model.Parameters, Lr, Numbers(name, epsilon));
        int differing = 0;
        for (int step = 1; step <= 20; step++)
        {
            model.NewGradients([.. Enumerable.Range(0, Shapes.Length).Where(p => IsMissing(step, p))]);
            for (int p = 0; p < Shapes.Length; p++)
            {
                expected[p].Step(IsMissing(step, p) ? null : Gradient(model, p));
                Rounding.Round(expected[p].Values, dtype).CopyTo(expected[p].Values, 0);
            }
            optimizer.step();
            double[] exact = [.. expected.SelectMany(static e => e.Values)];
            Rounding.AssertClose(exact, model.Values(), 2 * Rounding.Unit(dtype) + tolerance);
            differing = exact.Zip(model.Values()).Count(pair => Math.Abs(pair.First - pair.Second) > tolerance);
        }
        Assert.InRange(differing, 0, 4);
    }

    /// <summary>The first step, the middle of buckets, steps that refresh; everything in step 8.</summary>
    private static bool IsMissing(int step, int parameter) => step == 8 || (step * 7 + parameter * 3) % 5 == 1;

    /// <summary>
    /// Of float64 1e-9. Roots that are kept in float32 may be rounded to the neighbouring number, which weighs √(trace/ε) in the
    /// direction: the root of the largest eigenvalue is as much smaller than that of the smallest.
    /// </summary>
    private static double Tolerance(Rules rules, ScalarType dtype, double epsilon) => dtype == ScalarType.Float32
        ? Rounding.Tolerance(dtype, StepCount, Lr, epsilon)
        : rules.SingleRoots ? StepCount * Lr * Rounding.Unit(ScalarType.Float32) * Math.Sqrt(Rounding.Trace / epsilon) : 1e-9;

    private static double[] Gradient(Model model, int parameter)
    {
        using Tensor? gradient = model[parameter].grad;
        return Model.Values(gradient!);
    }

    /// <summary>The arguments, by the names that the declaration has for them.</summary>
    internal static Dictionary<string, double> Numbers(string name, double epsilon)
    {
        bool roots = Declarations.IsPreconditioned(name);
        return Declarations.Numbers(name).ToDictionary(static n => n, n => n switch
        {
            "lr" => Lr,
            "beta1" => Beta1,
            "beta2" => roots ? Beta2 : GraftingBeta2,
            "epsilon" => roots ? epsilon : GraftingEpsilon,
            "grafting_beta2" => GraftingBeta2,
            "grafting_epsilon" => GraftingEpsilon,
            "weight_decay" => WeightDecay,
            "momentum" => Momentum,
            "dampening" => Dampening,
            "beta3" => Beta3,
            "peak_lr" => PeakLr,
            "scale" => Scale,
            "max_direction_rms" => MaxDirectionRms,
            _ => throw new NotSupportedException($"Give the number {n} a value here."),
        });
    }
}
