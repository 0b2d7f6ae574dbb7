using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests;

/// <summary>A parameter without a gradient is not touched, and no other notices.</summary>
public sealed class MissingGradientTests
{
    private const int StepCount = 8;

    /// <summary>The first five are in the same buckets, whatever the declaration.</summary>
    private static readonly long[][] Shapes = [[4, 3], [4, 3], [4, 3], [4, 3], [4, 3], [6, 5], [3], [], [0, 3]];

    private static readonly int[] Everyone = [.. Enumerable.Range(0, Shapes.Length)];

    /// <summary>Step, from 1, to the parameters without a gradient. Step 6 refreshes the roots of every declaration here.</summary>
    private static readonly Dictionary<string, Func<int, int[]>> Patterns = new()
    {
        ["one, always"] = static _ => [0],
        ["the middle of a bucket"] = static _ => [2],
        ["the ends and the middle in turn"] = static step => step % 2 == 0 ? [1, 3] : [0, 2, 4, 5],
        ["some, at the first step"] = static step => step == 1 ? [1, 2, 6] : [],
        ["all, at the first step"] = static step => step == 1 ? Everyone : [],
        ["some, at a refresh"] = static step => step == 6 ? [2, 3, 7] : [],
        ["a whole bucket, at a refresh"] = static step => step == 6 ? [0, 1, 2, 3, 4] : [],
        ["all, at a refresh"] = static step => step == 6 ? Everyone : [],
        ["another one at every step"] = static step => [step % Shapes.Length],
        ["all, always"] = static _ => Everyone,
    };

    public static TheoryData<string, ScalarType> All => Declarations.Determined;

    [Theory, MemberData(nameof(All))]
    public void EveryParameterGoesItsOwnWay(string name, ScalarType dtype)
    {
        foreach ((string pattern, Func<int, int[]> missing) in Patterns)
            Compare(name, dtype, pattern, missing);
    }

    [Theory, MemberData(nameof(All))]
    public void GradientOfAFrozenParameterIsNotUsed(string name, ScalarType dtype) => Freeze(name, dtype, static _ => { });

    [Theory, MemberData(nameof(All))]
    public void FrozenParameterNeedsNoGradient(string name, ScalarType dtype) => Freeze(name, dtype, static parameter => parameter.grad = null);

    /// <summary>All together, and each with an optimizer of its own.</summary>
    private static void Compare(string name, ScalarType dtype, string pattern, Func<int, int[]> missing)
    {
        using var model = new Model(Declarations.Shapes(name, Shapes), dtype);
        using var twin = new Model(Declarations.Shapes(name, Shapes), dtype);
        using var together = Declarations.Create(name, model.Parameters);
        OptimizerHelper[] alone = [.. twin.Parameters.Select(p => Declarations.Create(name, [p]))];
        for (int step = 1; step <= StepCount; step++)
        {
            model.NewGradients(missing(step));
            model.CopyGradientsTo(twin);
            double[][] before = [.. Everyone.Select(i => model.Values(i))];
            together.step();
            foreach (OptimizerHelper optimizer in alone)
                optimizer.step();
            foreach (int i in Everyone)
                Assert.True((missing(step).Contains(i) || before[i].Length == 0) == before[i].SequenceEqual(model.Values(i)), $"{pattern}: parameter {i} in step {step}");
        }
        Rounding.AssertClose(twin.Values(), model.Values(), Rounding.Tolerance(dtype, StepCount));
        foreach (OptimizerHelper optimizer in alone)
            optimizer.Dispose();
    }

    /// <summary>A parameter that is frozen for two steps is, bit for bit, one that has no gradient in them.</summary>
    private static void Freeze(string name, ScalarType dtype, Action<Parameter> prepare)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var twin = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var optimizer = Declarations.Create(name, model.Parameters);
        using var expected = Declarations.Create(name, twin.Parameters);
        for (int step = 1; step <= StepCount; step++)
        {
            bool frozen = step is 4 or 5;
            model.NewGradients();
            model.CopyGradientsTo(twin);
            if (frozen) prepare(model[0]);
            model[0].requires_grad = !frozen;
            if (frozen) twin[0].grad = null;
            double[] before = model.Values(0);
            optimizer.step();
            expected.step();
            Assert.Equal(frozen, before.SequenceEqual(model.Values(0)));
            Assert.Equal(twin.Values(), model.Values());
        }
    }
}
