using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Refreshing;

/// <summary>Every block against a transcription with its own schedule.</summary>
public sealed class StaggeredTests
{
    private const int StepCount = 18;

    /// <summary>Blocks of 4 × 4 cost 2 · 4³ = 128 each, of 3 × 4 91, of 4 64. The dearest come first, each to the offset that has the least to do.</summary>
    private static readonly long[][] Shapes = [[4, 4], [3, 4], [4], [4, 4], [4, 4]];

    // The squares get 0, 1 and 2; then 91 is the least, and so the vector comes to 3, too.
    private static readonly int[] Offsets = [0, 3, 3, 1, 2];

    private static readonly Dictionary<string, Rules> Declared = new()
    {
        [nameof(StaggeredRoots)] = new() { Roots = true, Grafting = GraftingMethod.Adam, FirstMoment = true, MaxDimension = 4, Start = 6, Frequency = 4 },
        [nameof(StaggeredDivergence)] = new() { Roots = true, KullbackLeibler = true, Grafting = GraftingMethod.SGD, Decay = WeightDecayKind.L2, MaxDimension = 4, Start = 8, Frequency = 4 },
        [nameof(StaggeredBases)] = new() { Corrected = true, Exponent = static (_, _) => 1, FirstMoment = true, MaxDimension = 4, Start = 8, Frequency = 4 },
    };

    public static TheoryData<string> All => [.. Declared.Keys];

    [Theory, MemberData(nameof(All))]
    public void EveryBlockIsRefreshedAtItsOwnSteps(string name)
    {
        Agrees(name, someAreMissing: false);
        Agrees(name, someAreMissing: true);
    }

    private static void Agrees(string name, bool someAreMissing)
    {
        double epsilon = 10 * Rounding.Epsilon(ScalarType.Float64);
        using var model = new Model(Shapes);
        Transcription[] expected =
            [.. Shapes.Select((shape, p) => new Transcription(Declared[name] with { Offset = Offsets[p] }, [.. shape.Select(static n => (int)n)], model.Values(p), epsilon, isSkipped: false))];
        using OptimizerHelper optimizer = Create(name, model, epsilon);
        for (int step = 1; step <= StepCount; step++)
        {
            int[] missing = someAreMissing ? [.. Enumerable.Range(0, Shapes.Length).Where(p => (step * 7 + p * 3) % 5 == 1)] : [];
            model.NewGradients(missing);
            for (int p = 0; p < Shapes.Length; p++)
                expected[p].Step(missing.Contains(p) ? null : Model.Values(model[p].grad!));
            optimizer.step();
            for (int p = 0; p < Shapes.Length; p++)
                Rounding.AssertClose(expected[p].Values, model.Values(p), 1e-9);
        }
    }

    private static OptimizerHelper Create(string name, Model model, double epsilon) => name switch
    {
        nameof(StaggeredRoots) => new StaggeredRoots(model.Parameters, TranscribedNumbers.Lr, beta1: TranscribedNumbers.Beta1, beta2: TranscribedNumbers.Beta2, epsilon: epsilon,
            grafting_beta2: TranscribedNumbers.GraftingBeta2, grafting_epsilon: TranscribedNumbers.GraftingEpsilon),
        nameof(StaggeredDivergence) => new StaggeredDivergence(model.Parameters, TranscribedNumbers.Lr, beta2: TranscribedNumbers.Beta2, epsilon: epsilon, weight_decay: TranscribedNumbers.WeightDecay),
        _ => new StaggeredBases(model.Parameters, TranscribedNumbers.Lr, beta1: TranscribedNumbers.Beta1, beta2: TranscribedNumbers.Beta2, epsilon: epsilon),
    };
}
