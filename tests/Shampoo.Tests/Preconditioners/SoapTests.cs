using System.Reflection;
using Shampoo.Runtime;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Preconditioners;

/// <summary>[Soap] against numbers of its authors' program, and against a transcription of it.</summary>
public sealed class SoapTests
{
    private const int StepCount = 25;

    /// <summary>Orders 0 to 4; nothing at all; one of each order twice, in a bucket.</summary>
    private static readonly long[][] Shapes = [[6, 5], [7], [2, 3, 4], [], [4, 4], [0, 3], [1], [6, 5], [7], [2, 2, 3, 2]];

    /// <summary>What becomes of them, by hand: as they are, and with up to two dimensions left.</summary>
    private static readonly int[][]
        Unmerged = [[6, 5], [7], [2, 3, 4], [1], [4, 4], [0], [1], [6, 5], [7], [2, 2, 3, 2]],
        Merged = [[6, 5], [7], [2, 12], [1], [4, 4], [0], [1], [6, 5], [7], [2, 12]];

    private static readonly Dictionary<string, (SoapRules Rules, int[][] Shapes)> Declared = new()
    {
        [nameof(SoapEveryTenthStep)] = (new() { Frequency = 10, Decay = WeightDecayKind.Decoupled }, Unmerged),
        [nameof(SoapOfBlocks)] = (new() { Frequency = 6, MaxDimension = 4, ShampooBeta = 0.85, Decay = WeightDecayKind.Corrected }, Unmerged),
        [nameof(SoapOfSomeDimensions)] = (new()
        {
            Frequency = 6, CorrectsBias = false, Decay = WeightDecayKind.Independent, Ignores = static (d, k) => (d, k) is (1, 0) or (2, 1) or (3, 0) or (3, 2),
        }, Unmerged),
        [nameof(SoapSparing)] = (new()
        {
            Frequency = 6, MaxDimension = 4, StatisticsInterval = 4, Skips = static shape => shape.Count(static n => n != 1) < 2 || shape.Any(static n => n > 5),
            MaxDirectionRms = 0.9, Decay = WeightDecayKind.Independent, IsCautious = true,
        }, Unmerged),
        [nameof(SoapOfMerged)] = (new() { Frequency = 6, Decay = WeightDecayKind.L2 }, Merged),
    };

    public static TheoryData<string> Names => [.. Declared.Keys];

    private static readonly double[][] TraceGradients = [[1, 2, -1, 0.5, -0.25, 3], [0.2, -1, 0.5, 1.5, 0.75, -0.5], [-0.3, 0.4, 1.2, 0.8, -1.1, 0.1]];

    private static readonly double[] TraceStart = [1, 2, 3, 4, 5, 6], TraceSecond = [0.953460641, 2.039296274, 2.865000519, 3.806082599, 4.945765357, 6.007575737];

    public static TheoryData<string, int, double[]> Trace => new()
    {
        { nameof(SoapEveryStep), 1, [0.900055818, 2.046321874, 2.730580576, 3.660943949, 4.932585501, 6.011790987] },
        { nameof(SoapEveryTenthStep), 10, [0.904789513, 2.034434726, 2.737179614, 3.66234277, 4.931854502, 6.015777264] },
    };

    /// <summary>To all digits that are there.</summary>
    [Theory, MemberData(nameof(Trace))]
    public void TheNumbersOfItsAuthorsAreMet(string name, int frequency, double[] third)
    {
        using var parameter = new Parameter(tensor(TraceStart).reshape(2, 3));
        var rules = new SoapRules { Frequency = frequency, Decay = WeightDecayKind.Decoupled, Lr = 0.1, Beta1 = 0.95, Beta2 = 0.95, WeightDecay = 0.01 };
        var transcription = new SoapTranscription(rules, [2, 3], TraceStart, isSkipped: false);
        using var optimizer = Declarations.Create(name, [("weight", parameter)], 0.1, new Dictionary<string, double>
        {
            ["beta1"] = 0.95, ["beta2"] = 0.95, ["epsilon"] = 1e-8, ["weight_decay"] = 0.01,
        });
        double[][] expected = [TraceStart, TraceSecond, third];
        for (int step = 0; step < 3; step++)
        {
            using Tensor gradient = tensor(TraceGradients[step]).reshape(2, 3);
            parameter.grad = gradient;
            optimizer.step();
            transcription.Step(TraceGradients[step]);
            double[] values = Model.Values(parameter);
            for (int i = 0; i < values.Length; i++)
            {
                Assert.Equal(expected[step][i], values[i], 5.1e-10);
                Assert.Equal(transcription.Values[i], values[i], 1e-13);
            }
        }
    }

    /// <summary>
    /// With gradients that are missing from the first step on, so that every parameter is at a step of its own. What the first gradient says nothing
    /// of, a basis may have as it likes: there the transcription takes the optimizer's, once it is seen to be one.
    /// </summary>
    [Theory, MemberData(nameof(Names))]
    public void NumbersAreThoseOfTheTranscription(string name)
    {
        (SoapRules rules, int[][] shapes) = Declared[name];
        using var model = new Model(Shapes);
        SoapTranscription[] expected = [.. shapes.Select((shape, p) => new SoapTranscription(rules, shape, model.Values(p), rules.Skips(Shapes[p])))];
        using var optimizer = Declarations.Create(name, model.Parameters, rules.Lr, Numbers(name, rules));
        for (int step = 1; step <= StepCount; step++)
        {
            model.NewGradients([.. Enumerable.Range(0, Shapes.Length).Where(p => IsMissing(step, p))]);
            optimizer.step();
            for (int p = 0; p < Shapes.Length; p++)
            {
                expected[p].Step(IsMissing(step, p) ? null : Gradient(model, p));
                Rounding.AssertClose(expected[p].Values, model.Values(p), 1e-9);
                if (expected[p].Steps == 0 && !IsMissing(step, p)) AdoptBases(expected[p], optimizer, p, rules.MaxDimension);
            }
        }
        Assert.True(expected.Select(static e => e.Steps).Distinct().Count() > 3);
    }

    /// <summary>Where every dimension keeps its own basis, it is Adam that is told one gradient later.</summary>
    [Fact]
    public void WithoutRotationItIsAdamAfterTheFirstGradient()
    {
        using var model = new Model([[7], [3]]);
        using var twin = new Model([[7], [3]]);
        using var optimizer = new SoapWithoutRotation(model.Parameters, lr: 0.05, beta1: 0.9, beta2: 0.95, epsilon: 1e-12);
        using var adam = new PlainAdam(twin.Parameters, lr: 0.05, beta1: 0.9, beta2: 0.95, epsilon: 1e-12, weight_decay: 0);
        model.NewGradients();
        optimizer.step();
        for (int step = 0; step < 10; step++)
        {
            model.NewGradients();
            model.CopyGradientsTo(twin);
            optimizer.step();
            adam.step();
            Rounding.AssertClose(twin.Values(), model.Values(), 1e-9);
        }
    }

    /// <summary>In the middle of a period, some parameters at other steps than others; bit for bit.</summary>
    [Fact]
    public void SavedStateContinuesWithEveryParametersOwnStep()
    {
        using var model = new Model(Shapes);
        using var optimizer = Declarations.Create(nameof(SoapOfBlocks), model.Parameters);
        for (int step = 1; step <= 8; step++)
        {
            model.NewGradients([.. Enumerable.Range(0, Shapes.Length).Where(p => IsMissing(step, p))]);
            optimizer.step();
        }
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            optimizer.save_state_dict(writer);
        using var twin = new Model(Shapes);
        model.CopyParametersTo(twin);
        using var resumed = Declarations.Create(nameof(SoapOfBlocks), twin.Parameters);
        stream.Position = 0;
        using (var reader = new BinaryReader(stream))
            resumed.load_state_dict(reader);
        for (int step = 9; step <= 20; step++)
        {
            model.NewGradients([.. Enumerable.Range(0, Shapes.Length).Where(p => IsMissing(step, p))]);
            model.CopyGradientsTo(twin);
            optimizer.step();
            resumed.step();
            Assert.Equal(model.Values(), twin.Values());
        }
    }

    /// <summary>The first gradient comes sooner or later, and others are missing.</summary>
    private static bool IsMissing(int step, int parameter) => step <= parameter || (step * 7 + parameter * 3) % 5 == 1;

    private static double[] Gradient(Model model, int parameter)
    {
        using Tensor? gradient = model[parameter].grad;
        return Model.Values(gradient!);
    }

    private static Dictionary<string, double> Numbers(string name, SoapRules rules) => Declarations.Numbers(name).Where(static n => n != "lr").ToDictionary(static n => n, n => n switch
    {
        "beta1" => rules.Beta1,
        "beta2" => rules.Beta2,
        "shampoo_beta" => rules.ShampooBeta!.Value,
        "epsilon" => rules.Epsilon,
        "weight_decay" => rules.WeightDecay,
        "peak_lr" => rules.PeakLr,
        "max_direction_rms" => rules.MaxDirectionRms!.Value,
        _ => throw new NotSupportedException($"Give the number {n} a value here."),
    });

    private static void AdoptBases(SoapTranscription transcription, OptimizerHelper optimizer, int parameter, int maxDimension)
    {
        foreach (Bucket bucket in (IEnumerable<Bucket>)optimizer.GetType().BaseType!.GetProperty("Buckets", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(optimizer)!)
            for (int position = 0; position < bucket.Count; position++)
            {
                (BlockedParameter member, int number) = bucket.Members[position];
                if (member.Name != $"p{parameter}" || bucket.BlockElements == 0) continue;
                // Blocks are counted row by row here, too.
                TranscribedBlock block = transcription.Blocks[number];
                foreach (int k in transcription.Rotated(block))
                {
                    using Tensor basis = bucket.Arrays.Single(a => a.Name == $"eigenvectors.{k}").Tensor.select(0, position);
                    block.X[k] = RequireEigenvectors(Model.Values(basis), block.L[k]);
                }
            }
    }

    private static double[,] RequireEigenvectors(double[] values, double[,] matrix)
    {
        int n = matrix.GetLength(0);
        double[,] q = new double[n, n], transposed = new double[n, n];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                q[i, j] = transposed[j, i] = values[i * n + j];
        double[,] product = SoapTranscription.Product(transposed, q), diagonal = SoapTranscription.Product(SoapTranscription.Product(transposed, matrix), q);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
            {
                Assert.Equal(i == j ? 1 : 0, product[i, j], 1e-12);
                if (i != j) Assert.Equal(0, diagonal[i, j], 1e-12);
            }
        return q;
    }
}
