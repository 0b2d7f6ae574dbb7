using Shampoo.Runtime;
using Shampoo.Runtime.Tests;
using TorchSharp.Modules;
using static Shampoo.Tests.TranscribedNumbers;
using static TorchSharp.torch;

namespace Shampoo.Tests.Preconditioners;

/// <summary>Corrected eigenvalues in bases that a scale of the matrices and an ε on their diagonals have a part in.</summary>
public sealed class CorrectedBasisTests
{
    /// <summary>So large that it is not lost beside the matrices.</summary>
    private const double Epsilon = 0.3;

    private const int StepCount = 16;

    private static readonly long[][] Shapes = [[6, 5], [7], [2, 3, 4], [], [4, 4], [0, 3]];

    private static readonly int[][] Merged = [[6, 5], [7], [2, 3, 4], [1], [4, 4], [0]];

    private static readonly Rules Every = new() { Corrected = true, Exponent = static (_, _) => 1, MaxDimension = 4, Start = 6 };

    private static readonly Dictionary<string, Rules> Declared = new()
    {
        [nameof(ScaledIteration)] = Every with { FirstMoment = true, Decay = WeightDecayKind.Decoupled, Basis = new() { Iterations = 1, TraceScaling = 1 } },
        [nameof(UnperturbedIterations)] = Every with { Grafting = GraftingMethod.Adam, Frequency = 2, Basis = new() { Iterations = 4, Tolerance = 0.05, IsPerturbed = false } },
        [nameof(UnperturbedSums)] = Every with { Sums = true, Basis = new() { Iterations = 2, IsPerturbed = false } },
        [nameof(ScaledAdaptively)] = Every with { FirstMoment = true, Basis = new() { Tolerance = 0.1, TraceScaling = 1 } },
        [nameof(ScaledBeside)] = Every with { FirstMoment = true, Start = 9, Frequency = 3, Staleness = 2, Basis = new() { Iterations = 3, TraceScaling = 0.5 } },
    };

    public static TheoryData<string> All => [.. Declared.Keys];

    [Theory, MemberData(nameof(All))]
    public void NumbersAreThoseOfTheTranscription(string name) => AssertSteps(name, Shapes, Merged, _ => Declared[name]);

    /// <summary>The matrix and the vectors, each at its own steps: the matrix costs most, and comes first.</summary>
    [Fact]
    public void EveryBlockHasItsTurn()
    {
        Rules rules = Every with { FirstMoment = true, Start = 10, Frequency = 4, Basis = new() { Iterations = 1, TraceScaling = 1 } };
        AssertSteps(nameof(ScaledInTurns), [[4, 4], [3], [2]], [[4, 4], [3], [2]], p => rules with { Offset = p });
    }

    private static void AssertSteps(string name, long[][] shapes, int[][] merged, Func<int, Rules> rules)
    {
        using var model = new Model(shapes);
        Transcription[] expected = Transcribed(rules), usual = Transcribed(p => rules(p) with { Basis = rules(p).Basis with { TraceScaling = null, IsPerturbed = true } });
        using OptimizerHelper optimizer = Create(name, model);
        for (int step = 1; step <= StepCount; step++)
        {
            int[] missing = [.. Enumerable.Range(0, shapes.Length).Where(p => (step * 7 + p * 3) % 11 == 1)];
            model.NewGradients(missing);
            for (int p = 0; p < shapes.Length; p++)
            {
                double[]? gradient = missing.Contains(p) ? null : Model.Values(model[p].grad!);
                expected[p].Step(gradient);
                usual[p].Step(gradient);
            }
            optimizer.step();
            for (int p = 0; p < shapes.Length; p++)
                Rounding.AssertClose(expected[p].Values, model.Values(p), 1e-9);
        }
        Assert.True(usual.SelectMany(static t => t.Values).Zip(model.Values(), static (one, other) => Math.Abs(one - other)).Max() > 1e-5, "The options change nothing here.");

        Transcription[] Transcribed(Func<int, Rules> of) => [.. merged.Select((shape, p) => new Transcription(of(p), shape, model.Values(p), Epsilon, isSkipped: false))];
    }

    private static OptimizerHelper Create(string name, Model model) => name switch
    {
        nameof(ScaledIteration) => new ScaledIteration(model.Parameters, Lr, beta1: Beta1, beta2: Beta2, epsilon: Epsilon, weight_decay: WeightDecay),
        nameof(UnperturbedIterations) => new UnperturbedIterations(model.Parameters, Lr, beta2: Beta2, epsilon: Epsilon, grafting_beta2: GraftingBeta2, grafting_epsilon: GraftingEpsilon),
        nameof(UnperturbedSums) => new UnperturbedSums(model.Parameters, Lr, epsilon: Epsilon),
        nameof(ScaledAdaptively) => new ScaledAdaptively(model.Parameters, Lr, beta1: Beta1, beta2: Beta2, epsilon: Epsilon),
        nameof(ScaledBeside) => new ScaledBeside(model.Parameters, Lr, beta1: Beta1, beta2: Beta2, epsilon: Epsilon),
        _ => new ScaledInTurns(model.Parameters, Lr, beta1: Beta1, beta2: Beta2, epsilon: Epsilon),
    };

    /// <summary>Where nothing is added to the matrices, how well bases fit them does not depend on ε.</summary>
    [Fact]
    public void ResidualsAreThoseOfTheMatrices()
    {
        RootResidual[] Residuals(double epsilon)
        {
            using var model = new Model(Shapes);
            using var optimizer = new UnperturbedIterations(model.Parameters, Lr, epsilon: epsilon);
            model.Train(optimizer, 7);
            return [.. optimizer.RootResiduals()];
        }
        RootResidual[] residuals = Residuals(1e-12);
        Assert.NotEmpty(residuals);
        Assert.Equal(residuals, Residuals(0.3));
    }

    /// <summary>A row that never had a gradient stays where it is.</summary>
    [Fact]
    public void WhatHasNoGradientStaysWithoutEpsilon()
    {
        using var model = new Model([[4, 3]]);
        using var optimizer = new UnperturbedSums(model.Parameters, Lr, epsilon: 0);
        double[] before = model.Values(0);
        for (int step = 1; step <= 5; step++) // in the basis of the parameters, where it has coordinates of its own
        {
            model.NewGradients();
            using (no_grad())
            using (Tensor row = model[0].grad!.select(0, 2)) row.zero_();
            optimizer.step();
        }
        double[] after = model.Values(0);
        Assert.All(after, static value => Assert.True(double.IsFinite(value)));
        Assert.Equal(before[6..9], after[6..9]);
        Assert.NotEqual(before[..6], after[..6]);
    }

    /// <summary>Only where nothing is added to the factor matrices is it the user's alone.</summary>
    [Fact]
    public void EpsilonMayBeZeroWithThePseudoInverse()
    {
        using var model = new Model(Shapes);
        using var optimizer = new UnperturbedSums(model.Parameters, Lr, epsilon: 0);
        model.Train(optimizer, 8);
        Assert.All(model.Values(), static value => Assert.True(double.IsFinite(value)));
        Assert.Contains("epsilon", Assert.Throws<ArgumentOutOfRangeException>(() => new UnperturbedSums(model.Parameters, Lr, epsilon: -1)).Message, StringComparison.Ordinal);
        Assert.Contains("epsilon", Assert.Throws<ArgumentOutOfRangeException>(() => new UnperturbedIterations(model.Parameters, Lr, epsilon: 0)).Message, StringComparison.Ordinal);
    }
}
