using System.Reflection;
using Shampoo.Runtime;
using Shampoo.Tests.Dialects;
using TorchSharp;
using TorchSharp.Modules;
using static Shampoo.Tests.TranscribedNumbers;
using static TorchSharp.torch;

namespace Shampoo.Tests.Quantizing;

/// <summary>Momentum of 8 bits: against the transcription of the step, saved and resumed, and in its size.</summary>
[Collection(DialectCollection.Name)]
public sealed class QuantizingTests : IDisposable
{
    private const int StepCount = 12;

    /// <summary>Blocks of less than a group, of one, of some, with and without a remainder, and what is empty.</summary>
    private static readonly long[][] Shapes = [[8, 9], [9, 20], [64], [200], [3, 3, 9], [7], [], [0, 3], [8, 9]];

    private static readonly int[][] Whole = [[72], [180], [64], [200], [81], [7], [1], [0], [72]], Unmerged = [[8, 9], [9, 20], [64], [200], [3, 3, 9], [7], [1], [0, 3], [8, 9]];

    private static readonly Dictionary<string, (Rules Rules, int[][] Merged)> Declared = new()
    {
        ["AdamW"] = (new() { EightBits = true, Grafting = GraftingMethod.Adam, FirstMoment = true, Decay = WeightDecayKind.Decoupled }, Whole),
        ["Sgd"] = (new() { EightBits = true, Grafting = GraftingMethod.SGD, Momentum = true, Dampening = true, Nesterov = true, Decay = WeightDecayKind.L2 }, Whole),
        ["Roots"] = (new() { EightBits = true, Roots = true, Grafting = GraftingMethod.RMSProp, FirstMoment = true, CorrectsFirstMoment = false, Momentum = true, MaxDimension = 9, Frequency = 2, Start = 3 }, Unmerged),
        ["Corrected"] = (new() { EightBits = true, Corrected = true, FirstMoment = true, Beta3 = true, Momentum = true, MaxDimension = 9, Exponent = static (_, _) => 1 }, Unmerged),
    };

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<string, string> Transcribed
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string name in Declared.Keys)
            {
                data.Add(nameof(Automatic), name);
                data.Add(nameof(Operators), name);
            }
            return data;
        }
    }

    public static TheoryData<Type, ScalarType> All
    {
        get
        {
            var data = new TheoryData<Type, ScalarType>();
            foreach (Type type in (Type[])[typeof(Automatic.AdamW), typeof(Automatic.Roots), typeof(Operators.Roots), typeof(Rotated.Together), typeof(Rotated.InTurns), typeof(Rotated.Beside), typeof(Rotated.Layerwise)])
                foreach (ScalarType dtype in (ScalarType[])[ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16])
                    data.Add(type, dtype);
            return data;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>In float64, where no number comes near the middle of two codes by rounding.</summary>
    [Theory, MemberData(nameof(Transcribed))]
    public void NumbersAreThoseOfTheTranscription(string dialect, string name)
    {
        (Rules rules, int[][] merged) = Declared[name];
        const double Epsilon = 1e-5;
        using var model = new Model(Shapes);
        Transcription[] expected = [.. merged.Select((shape, p) => new Transcription(rules, shape, model.Values(p), Epsilon, isSkipped: false))];
        Transcription[] exact = [.. merged.Select((shape, p) => new Transcription(rules with { EightBits = false }, shape, model.Values(p), Epsilon, isSkipped: false))];
        using OptimizerHelper optimizer = Create(Class(dialect, name), model, Epsilon);
        for (int step = 1; step <= StepCount; step++)
        {
            model.NewGradients([.. Enumerable.Range(0, Shapes.Length).Where(p => IsMissing(step, p))]);
            for (int p = 0; p < Shapes.Length; p++)
            {
                using Tensor? gradient = model[p].grad;
                double[]? g = gradient is null ? null : Model.Values(gradient);
                expected[p].Step(g);
                exact[p].Step(g);
            }
            optimizer.step();
            Rounding.AssertClose([.. expected.SelectMany(static e => e.Values)], model.Values(), 1e-9);
        }
        // 8 bits change these numbers by far more than that.
        Assert.Contains(exact.SelectMany(static e => e.Values).Zip(model.Values()), static pair => Math.Abs(pair.First - pair.Second) > 1e-5);
    }

    [Theory, MemberData(nameof(All))]
    public void CheckpointsContinueBitForBit(Type type, ScalarType dtype)
    {
        using Model model = new(Shapes, dtype), twin = new(Shapes, dtype);
        using OptimizerHelper optimizer = Create(type, model), resumed = Create(type, twin);
        model.Train(optimizer, 5);
        string path = Path.Combine(_folder, "optimizer.safetensors"), again = Path.Combine(_folder, "again.safetensors");
        Call(optimizer, "save_checkpoint", path);
        Call(resumed, "load_checkpoint", path);
        Call(resumed, "save_checkpoint", again);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(again));
        model.CopyParametersTo(twin);
        for (int step = 0; step < 7; step++)
        {
            model.NewGradients([.. Enumerable.Range(0, Shapes.Length).Where(p => IsMissing(step, p))]);
            model.CopyGradientsTo(twin);
            optimizer.step();
            resumed.step();
            Assert.Equal(model.Values(), twin.Values());
        }
    }

    /// <summary>Moments of 8 bits are saved as the numbers that they are, in the type that is computed in.</summary>
    [Theory]
    [InlineData(typeof(Exact.AdamW))]
    [InlineData(typeof(Single.AdamW))]
    public void StateOfOtherPrecisionsIsRead(Type type)
    {
        using Model model = new(Shapes, ScalarType.Float32), twin = new(Shapes, ScalarType.Float32);
        using OptimizerHelper quantized = Create(typeof(Automatic.AdamW), model), exact = Create(type, twin);
        model.Train(quantized, 3);
        string path = Path.Combine(_folder, "optimizer.safetensors");
        Call(quantized, "save_checkpoint", path);
        Call(exact, "load_checkpoint", path);
        Assert.Equal(Moments(quantized), Moments(exact));

        twin.Train(exact, 1);
        Call(exact, "save_checkpoint", path);
        Call(quantized, "load_checkpoint", path);
        Assert.NotEqual(Moments(exact), Moments(quantized));
        double greatest = Moments(exact).Max(Math.Abs);
        Assert.All(Moments(exact).Zip(Moments(quantized)), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, greatest * 0.501 / 127));

        using var stream = new MemoryStream();
        quantized.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        exact.load_state_dict(new BinaryReader(stream));
        Assert.Equal(Moments(quantized), Moments(exact));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void AnElementTakesSeventeenSixteenthsOfAByte(ScalarType dtype)
    {
        using Model model = new([[256, 128], [512, 64]], dtype), twin = new([[256, 128], [512, 64]], dtype);
        using OptimizerHelper quantized = Create(typeof(Automatic.AdamW), model), exact = Create(typeof(Exact.AdamW), twin);
        Assert.Equal(2 * 256 * 128 * (1 + 4.0 / 64), Bytes(quantized));
        Assert.Equal(2 * 256 * 128 * 4, Bytes(exact));

        static double Bytes(OptimizerHelper optimizer) => DialectRun.Buckets(optimizer).SelectMany(static b => b.Arrays).Where(static a => a.Name == "first_moment").Sum(static a => a.Bytes);
    }

    /// <summary>eval() and train() are no steps: they change Z and the moments by nothing.</summary>
    [Fact]
    public void AveragesOfIteratesAreWhatTheyWere()
    {
        using var model = new Model(Shapes, ScalarType.Float32);
        using var optimizer = (Rotated.Layerwise)Create(typeof(Rotated.Layerwise), model);
        model.Train(optimizer, 4);
        double[] moments = Moments(optimizer), before = model.Values();
        optimizer.eval();
        Assert.NotEqual(before, model.Values());
        optimizer.train();
        Assert.Equal(moments, Moments(optimizer));
        Rounding.AssertClose(before, model.Values(), 1e-5);
    }

    /// <summary>NaN has no code, but does not vanish: its group is NaN, and no other.</summary>
    [Fact]
    public void WhatIsNotFiniteStays()
    {
        using var model = new Model([[100]], ScalarType.Float32);
        using OptimizerHelper optimizer = Create(typeof(Operators.Sgd), model);
        model.Train(optimizer, 2);
        StackedArray momentum = DialectRun.Buckets(optimizer).SelectMany(static b => b.Arrays).Single();
        using Tensor spoilt = momentum.Block(0);
        spoilt.select(0, 70).fill_(double.NaN);
        momentum.Replace(0, block => block.copy_(spoilt));
        model.Train(optimizer, 1);
        double[] values = model.Values();
        Assert.All(values[..64], static value => Assert.True(double.IsFinite(value)));
        Assert.All(values[64..], static value => Assert.True(double.IsNaN(value)));
    }

    private static bool IsMissing(int step, int parameter) => step == 8 || (step * 7 + parameter * 3) % 5 == 1;

    private static double[] Moments(OptimizerHelper optimizer) =>
    [
        .. from bucket in DialectRun.Buckets(optimizer) from array in bucket.Arrays where array.Name is "first_moment" or "momentum_buffer"
        from position in Enumerable.Range(0, bucket.Count) from value in Block(array, position) select value,
    ];

    private static double[] Block(StackedArray array, int position)
    {
        using Tensor block = array.Block(position);
        return Model.Values(block);
    }

    private static Type Class(string dialect, string name) => typeof(QuantizingTests).Assembly.GetType($"{typeof(QuantizingTests).Namespace}.{dialect}+{name}", throwOnError: true)!;

    private static OptimizerHelper Create(Type type, Model model, double epsilon = 1e-2)
    {
        ConstructorInfo constructor = type.GetConstructors().Single(static c => c.GetParameters()[0].ParameterType == typeof(IEnumerable<(string, Parameter)>));
        bool isPreconditioned = type.IsDefined(typeof(RootInverseAttribute)) || type.IsDefined(typeof(EigenvalueCorrectedAttribute)) || type.IsDefined(typeof(SoapAttribute));
        object?[] arguments = [.. constructor.GetParameters().Select(p => p.Name switch
        {
            "parameters" => model.Parameters,
            "lr" => Lr,
            "beta1" => Beta1,
            "beta2" => isPreconditioned ? Beta2 : GraftingBeta2,
            "beta3" => Beta3,
            "epsilon" => isPreconditioned ? epsilon : GraftingEpsilon,
            "grafting_beta2" => GraftingBeta2,
            "grafting_epsilon" => GraftingEpsilon,
            "weight_decay" => WeightDecay,
            "momentum" => Momentum,
            "dampening" => Dampening,
            _ => p.DefaultValue,
        })];
        return (OptimizerHelper)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    private static void Call(object optimizer, string name, string path)
    {
        MethodInfo method = optimizer.GetType().GetMethod(name)!;
        method.Invoke(optimizer, BindingFlags.DoNotWrapExceptions, null, [path, .. method.GetParameters().Skip(1).Select(static p => p.DefaultValue)], null);
    }
}
