using System.Reflection;
using Shampoo.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Packing;

/// <summary>Matrices that share memory in pairs, beside whole ones: the same numbers in the same files, in about half of the memory.</summary>
public sealed class PackingTests : IDisposable
{
    private const int Steps = 12;

    private const double Lr = 0.01;

    /// <summary>Blocks of all orders to 4, with dimensions of 1, 2, 7 and 64, and what is empty.</summary>
    private static readonly long[][] Shapes = [[64, 64], [64], [7, 2], [1, 7], [2, 7, 2], [2, 2, 7, 2], [64, 3, 7], [100, 64], [1], [], [0, 3], [7, 64]];

    private static readonly Type[] Compared = [typeof(Whole.Roots), typeof(Whole.Staggered), typeof(Whole.Overlapped), typeof(Whole.Decomposed), typeof(Whole.Newton), typeof(Whole.OneSided)];

    private static readonly string[] Matrices = ["factor_matrices", "inverse_roots", "eigenvectors"];

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<string, ScalarType> All
    {
        get
        {
            var data = new TheoryData<string, ScalarType>();
            foreach (Type type in Compared)
            {
                data.Add(type.Name, ScalarType.Float32);
                data.Add(type.Name, ScalarType.Float64);
            }
            data.Add(nameof(Whole.Roots), ScalarType.BFloat16);
            return data;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, MemberData(nameof(All))]
    public void StepsAreTheSame(string name, ScalarType dtype) => WithBoth(name, dtype, (whole, packed) =>
    {
        double[] before = whole.Model.Values();
        for (int step = 1; step <= Steps; step++)
        {
            Step(whole, packed, step % 5 == 0 ? [0, 3] : []);
            Rounding.AssertClose(whole.Model.Values(), packed.Model.Values(), Tolerance(dtype));
        }
        Assert.NotEqual(before, whole.Model.Values());
    });

    [Theory, MemberData(nameof(All))]
    public void OperatorsDoTheSame(string name, ScalarType dtype)
    {
        Blas.IsAvailable = false;
        try
        {
            StepsAreTheSame(name, dtype);
        }
        finally
        {
            Blas.IsAvailable = true;
        }
    }

    /// <summary>Matrices of 16 bits, whose elements may be rounded to the one side here and to the other one there.</summary>
    [Fact]
    public void MatricesOfSixteenBitsAreNeighbours() => WithBoth(nameof(Whole.Short), ScalarType.Float32, (whole, packed) =>
    {
        for (int step = 1; step <= Steps; step++)
            Step(whole, packed, []);
        Rounding.AssertClose(whole.Model.Values(), packed.Model.Values(), Steps * Lr * Rounding.Unit(ScalarType.BFloat16));
        Assert.True(Bytes(packed) <= 0.6 * Bytes(whole));
    });

    [Theory, MemberData(nameof(All))]
    public void CheckpointsFitBoth(string name, ScalarType dtype) => WithBoth(name, dtype, (whole, packed) =>
    {
        Step(whole, packed, []);
        for (int step = 0; step < 6; step++)
            Step(whole, packed, []);
        // From the one to the other, and back: X is the lower triangle of what it was.
        Exchange(whole, packed);
        Step(whole, packed, []);
        Step(whole, packed, []);
        Rounding.AssertClose(whole.Model.Values(), packed.Model.Values(), Tolerance(dtype));
        Exchange(packed, whole);
        Assert.Equal(Saved(packed, "packed"), Saved(whole, "whole"));
        for (int step = 0; step < 5; step++)
            Step(whole, packed, []);
        Rounding.AssertClose(whole.Model.Values(), packed.Model.Values(), Tolerance(dtype));
    });

    [Theory, MemberData(nameof(All))]
    public void StateDictionariesFitBoth(string name, ScalarType dtype) => WithBoth(name, dtype, (whole, packed) =>
    {
        whole.Model.Train(whole.Optimizer, 7);
        Read(packed, Written(whole));
        Read(whole, Written(packed));
        Assert.Equal(Written(packed), Written(whole));
    });

    [Theory, MemberData(nameof(All))]
    public void StateIsSmaller(string name, ScalarType dtype) => WithBoth(name, dtype, (whole, packed) =>
    {
        // L and X in a half; Q, or the X that is computed next, beside them; the diagonals of one-sided ones as ever.
        double expected = name is nameof(Whole.Decomposed) or nameof(Whole.Overlapped) ? 2.0 / 3 : 0.5;
        Assert.InRange((double)Bytes(packed) / Bytes(whole), expected, expected + 0.1);
        if (expected == 0.5) Assert.True(Bytes(packed) <= 0.6 * Bytes(whole));
    });

    [Fact]
    public void RootResidualsAreTheSame() => WithBoth(nameof(Whole.Roots), ScalarType.Float64, static (whole, packed) =>
    {
        for (int step = 0; step < 6; step++)
            Step(whole, packed, []);
        IReadOnlyList<RootResidual> expected = ((Whole.Roots)whole.Optimizer).RootResiduals(), actual = ((Packed.Roots)packed.Optimizer).RootResiduals();
        Assert.NotEmpty(expected);
        foreach ((RootResidual one, RootResidual other) in expected.Zip(actual))
        {
            Assert.Equal((one.Parameter, one.Block, one.Dimension, one.Size), (other.Parameter, other.Block, other.Dimension, other.Size));
            Assert.Equal(one.ConditionNumber, other.ConditionNumber, one.ConditionNumber * 1e-10);
            Assert.InRange(other.Residual!.Value, 0, 1e-12);
            Assert.InRange(other.RelativeError!.Value, 0, 1e-12);
        }
    });

    private static void Step(Trained one, Trained other, int[] missing)
    {
        one.Model.NewGradients(missing);
        one.Model.CopyGradientsTo(other.Model);
        one.Optimizer.step();
        other.Optimizer.step();
    }

    private void Exchange(Trained from, Trained to)
    {
        string path = Path.Combine(_folder, "exchanged.safetensors");
        Call(from.Optimizer, "save_checkpoint", path);
        Call(to.Optimizer, "load_checkpoint", path);
        from.Model.CopyParametersTo(to.Model);
    }

    private SortedDictionary<string, byte[]> Saved(Trained trained, string name)
    {
        string path = Path.Combine(_folder, $"{name}.safetensors");
        Call(trained.Optimizer, "save_checkpoint", path);
        using var scope = NewDisposeScope();
        return new(safetensors.load_file(path).ToDictionary(static entry => entry.Key, static entry => entry.Value.bytes.ToArray()), StringComparer.Ordinal);
    }

    private static byte[] Written(Trained trained)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        trained.Optimizer.save_state_dict(writer);
        return stream.ToArray();
    }

    private static void Read(Trained trained, byte[] saved)
    {
        using var reader = new BinaryReader(new MemoryStream(saved));
        trained.Optimizer.load_state_dict(reader);
    }

    /// <summary>The bytes of all matrices that are no diagonals.</summary>
    private static long Bytes(Trained trained) => ((IBucketed)trained.Optimizer).Buckets.SelectMany(static bucket => bucket.Arrays)
        .Where(static array => Matrices.Any(name => array.Name.Contains(name, StringComparison.Ordinal)) && !array.Tensor.AreDiagonals()).Sum(static array => array.Bytes);

    /// <summary>The rounding of a trace of 64 numbers, beside an epsilon of 0.1.</summary>
    private static double Tolerance(ScalarType dtype) => 10 * Rounding.Tolerance(dtype, Steps, Lr, epsilon: 0.1);

    private static void WithBoth(string name, ScalarType dtype, Action<Trained, Trained> test)
    {
        using Model model = new(Shapes, dtype), twin = new(Shapes, dtype);
        using OptimizerHelper whole = Create(nameof(Whole), name, model), packed = Create(nameof(Packed), name, twin);
        test(new(model, whole), new(twin, packed));
    }

    private static OptimizerHelper Create(string kind, string name, Model model)
    {
        Type type = typeof(PackingTests).Assembly.GetType($"{typeof(PackingTests).Namespace}.{kind}.{name}", throwOnError: true)!;
        ConstructorInfo constructor = type.GetConstructors().Single(static c => c.GetParameters()[0].ParameterType == typeof(IEnumerable<(string, Parameter)>));
        return (OptimizerHelper)constructor.Invoke([model.Parameters, Lr, .. constructor.GetParameters().Skip(2).Select(static p => p.DefaultValue)]);
    }

    private static void Call(object optimizer, string name, string path)
    {
        MethodInfo method = optimizer.GetType().GetMethod(name)!;
        method.Invoke(optimizer, BindingFlags.DoNotWrapExceptions, null, [path, .. method.GetParameters().Skip(1).Select(static p => p.DefaultValue)], null);
    }

    private sealed record Trained(Model Model, OptimizerHelper Optimizer);
}
