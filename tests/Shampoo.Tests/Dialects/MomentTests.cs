using System.Reflection;
using Shampoo.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Dialects;

/// <summary>The classes of <c>Moments.cs</c>: moments are stored as they are declared, and computed with as without that.</summary>
[Collection(DialectCollection.Name)]
public sealed class MomentTests
{
    private const int Steps = 6;

    private static readonly long[][] Shapes = [[6, 5], [9, 7], [7], [2, 3, 4], [2, 3, 2, 5], [], [6, 5], [3, 3]];

    private static readonly string[] Moments = ["first_moment", "grafting_second_moment", "momentum_buffer", "corrected_eigenvalues", "second_moment"];

    public static TheoryData<string, ScalarType> All
    {
        get
        {
            var data = new TheoryData<string, ScalarType>();
            for (int i = 1; i <= 14; i++)
                foreach (ScalarType dtype in (ScalarType[])[ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16])
                    data.Add($"Moments{i:00}", dtype);
            return data;
        }
    }

    [Theory, MemberData(nameof(All))]
    public void OperatorsAgree(string name, ScalarType dtype) => Agree(new DialectRun(name, Dialect.Torch), dtype);

    [DialectTheory, MemberData(nameof(All))]
    public void KernelsAgree(string name, ScalarType dtype) => Agree(new DialectRun(name, Dialect.Cuda), dtype);

    [Theory, MemberData(nameof(All))]
    public void AreStoredAsDeclared(string name, ScalarType dtype)
    {
        using var model = new Model(Shapes, dtype);
        using OptimizerHelper optimizer = DialectRun.Create(Covering.Find(name), model.Parameters);
        StackedArray[] arrays = [.. DialectRun.Buckets(optimizer).SelectMany(static b => b.Arrays)];
        Assert.Contains(arrays, static a => Moments.Contains(a.Name));
        Assert.All(arrays, array => Assert.Equal(
            Moments.Contains(array.Name) ? Stored(name, array, dtype) : array.Name == StateSource.TrainingParameters ? dtype
            : array.Name.StartsWith("next_orders", StringComparison.Ordinal) ? ScalarType.Float32 : dtype.Arithmetic(), array.Tensor.dtype));
    }

    [Theory, MemberData(nameof(All))]
    public void SavedStateContinuesBitForBit(string name, ScalarType dtype)
    {
        using Model model = new(Shapes, dtype), twin = new(Shapes, dtype);
        using OptimizerHelper optimizer = DialectRun.Create(Covering.Find(name), model.Parameters), resumed = DialectRun.Create(Covering.Find(name), twin.Parameters);
        model.Train(optimizer, 4);
        model.CopyParametersTo(twin);
        resumed.load_state_dict(Saved(optimizer));
        for (int step = 0; step < 3; step++)
        {
            model.NewGradients();
            model.CopyGradientsTo(twin);
            optimizer.step();
            resumed.step();
            Assert.Equal(model.Values(), twin.Values());
        }
    }

    [Fact]
    public void StateOfAnotherPrecisionIsRefused()
    {
        using var model = new Model(Shapes, ScalarType.Float32);
        using var optimizer = new Moments01(model.Parameters);
        using var other = new Undeclared.Moments01(model.Parameters);
        Assert.Contains("it had Precision(Moments = BFloat16), this one has not", Assert.Throws<InvalidDataException>(() => other.load_state_dict(Saved(optimizer))).Message, StringComparison.Ordinal);
        Assert.Contains("this one has Precision(Moments = BFloat16)", Assert.Throws<InvalidDataException>(() => optimizer.load_state_dict(Saved(other))).Message, StringComparison.Ordinal);
    }

    /// <summary>AdamW in double, with moments that are rounded when they have been used.</summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void RoundingIsThatOfTheTranscription(ScalarType dtype)
    {
        const double Lr = 0.01, Decay = 0.01, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
        using var model = new Model([[40, 30]], dtype);
        using var optimizer = new Moments01(model.Parameters, lr: Lr);
        double[] w = model.Values(), m = new double[w.Length], v = new double[w.Length];
        for (int t = 1; t <= 20; t++)
        {
            model.NewGradients();
            double[] g = Model.Values(model[0].grad!);
            optimizer.step();
            for (int i = 0; i < w.Length; i++)
            {
                (m[i], v[i]) = (Beta1 * m[i] + (1 - Beta1) * g[i], Beta2 * v[i] + (1 - Beta2) * g[i] * g[i]);
                w[i] -= Lr * (m[i] / (1 - Math.Pow(Beta1, t)) / (Math.Sqrt(v[i] / (1 - Math.Pow(Beta2, t))) + Epsilon) + Decay * w[i]);
            }
            (m, v) = (Rounding.Round(m, ScalarType.BFloat16), Rounding.Round(v, ScalarType.BFloat16));
        }
        // Where a moment lies in the middle of two numbers, it may become the other one, and then weighs a unit of bfloat16 in a step or more.
        double[] distances = [.. w.Zip(model.Values(), static (a, b) => Math.Abs(a - b))];
        Assert.InRange(distances.Max(), 0, 20 * Lr * Rounding.Unit(ScalarType.BFloat16));
        Assert.InRange(distances.Count(d => d > 20 * 8 * Rounding.Unit(dtype)), 0, w.Length / 100);
    }

    private static Precision Declared(string name) => Covering.Find(name).GetCustomAttribute<PrecisionAttribute>()!.Moments;

    /// <summary>8 bits are for what nothing is divided by.</summary>
    private static ScalarType Stored(string name, StackedArray array, ScalarType dtype) => Declared(name) switch
    {
        Precision.EightBit => array.Name is "first_moment" or "momentum_buffer" ? ScalarType.Int8 : dtype.Arithmetic(),
        Precision declared => declared.ToScalarType(ScalarType.Float32),
    };

    /// <summary>What a moment is rounded by, relative to the greatest one.</summary>
    private static double Unit(string name) => Declared(name) == Precision.EightBit ? 0.5 / 127 : Rounding.Unit(Declared(name).ToScalarType(ScalarType.Float32));

    /// <summary>What is rounded to few bits can become its neighbour, where two numbers lie on both sides of a middle: that is seldom, and goes no further.</summary>
    private static void Agree(DialectRun run, ScalarType dtype)
    {
        var problem = new Problem(Shapes, dtype) { IsMissing = static (step, p) => (step * 7 + p * 3) % 5 == 1 };
        IReadOnlyDictionary<string, double[]> expected = new DialectRun(run.Name, DialectRun.Vector(dtype)).Run(problem, Steps), actual = run.Run(problem, Steps);
        Assert.Equal(expected.Keys, actual.Keys);
        double coarse = 2 * Steps * Math.Max(Rounding.Unit(dtype), Unit(run.Name)), fine = 8 * Steps * Rounding.Unit(dtype.Arithmetic());
        int differing = 0;
        foreach ((string name, double[] values) in expected)
        {
            Ulps.AssertRelative(Math.Max(coarse, fine), name, values, actual[name]);
            double greatest = values.Append(0).Max(Math.Abs);
            differing += values.Zip(actual[name]).Count(pair => Math.Abs(pair.First - pair.Second) > fine * greatest);
        }
        Assert.InRange(differing, 0, expected.Values.Sum(static v => v.Length) / 50);
    }

    private static BinaryReader Saved(OptimizerHelper optimizer)
    {
        var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        return new BinaryReader(stream);
    }
}
