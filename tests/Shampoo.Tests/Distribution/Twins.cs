using System.Reflection;
using Shampoo.Runtime;
using Shampoo.Runtime.Tests;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Distribution;

/// <summary>Trains a model on threads that are ranks, and keeps what its parameters were after every step.</summary>
internal static class Twins
{
    public const int Steps = 12;

    /// <summary>Two groups; more blocks than ranks, some of a kind, some alone.</summary>
    private static readonly long[][] Shapes = [[6, 5], [7], [2, 3, 4], [9, 9], [], [0, 3], [4, 4], [6, 5], [1]];

    /// <summary>The optimizer of a class, for the parameters in two groups.</summary>
    public static OptimizerHelper Create(Type type, Model model, ProcessGroup? ranks)
    {
        Type group = type.GetNestedType("ParamGroup")!;
        Array groups = Array.CreateInstance(group, 2);
        Type options = type.GetNestedType("Options")!;
        ConstructorInfo make = group.GetConstructor([typeof(IEnumerable<(string, Parameter)>), options])!;
        groups.SetValue(make.Invoke([model.Parameters.Take(4), null]), 0);
        groups.SetValue(make.Invoke([model.Parameters.Skip(4), null]), 1);
        ConstructorInfo constructor = type.GetConstructors().Single(c => c.GetParameters()[0].ParameterType.GenericTypeArguments[0] == group);
        var arguments = new Dictionary<string, object?> { ["parameters"] = groups, ["lr"] = 0.01, ["peak_lr"] = 0.02, ["process_group"] = ranks };
        return (OptimizerHelper)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null,
            [.. constructor.GetParameters().Select(p => arguments.TryGetValue(p.Name!, out object? value) ? value : p.DefaultValue)], null);
    }

    public static Model NewModel(Type type, ScalarType dtype) =>
        new(type.IsDefined(typeof(SpectralDescentAttribute)) ? [.. Shapes.Select(static (shape, p) => shape.Count(static n => n > 1) == 2 ? shape : [2 + p % 4, 3])] : Shapes, dtype);

    /// <summary>Some gradients are missing now and then, on all ranks.</summary>
    public static int[] Missing(int step) => step switch { 3 => [0, 3], 6 => [.. Enumerable.Range(0, 9)], 8 => [6], _ => [] };

    /// <summary>The parameters after every step; where iterates are averaged, also as they are evaluated.</summary>
    /// <param name="type">The class.</param>
    /// <param name="ranks">Null for a class that is not distributed.</param>
    /// <param name="dtype">Of the parameters.</param>
    /// <param name="prepare">What is done with the gradients before each step.</param>
    public static List<double[]> Train(Type type, ThreadGroup? ranks, ScalarType dtype, Action<Model, int>? prepare = null)
    {
        using Model model = NewModel(type, dtype);
        using OptimizerHelper optimizer = Create(type, model, ranks);
        var values = new List<double[]>();
        for (int step = 1; step <= Steps; step++)
        {
            model.NewGradients(Missing(step));
            prepare?.Invoke(model, step);
            optimizer.step();
            values.Add(model.Values());
            if (type.GetMethod("eval") is not { } eval || step % 4 != 0) continue;
            eval.Invoke(optimizer, null);
            values.Add(model.Values());
            type.GetMethod("train")!.Invoke(optimizer, null);
            values.Add(model.Values());
        }
        return values;
    }

    public static void AssertEqual(List<double[]> expected, List<double[]> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int step = 0; step < expected.Count; step++)
            Assert.True(expected[step].AsSpan().SequenceEqual(actual[step]), $"Record {step + 1} differs.");
    }
}
