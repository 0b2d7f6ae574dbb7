using Shampoo.Runtime;
using Shampoo.Tests.Dialects;
using static TorchSharp.torch;

namespace Shampoo.Tests.Precisions;

/// <summary>Parameters of 16 bits: the step is that of float32, and the parameter is rounded once, at its end.</summary>
[Collection(DialectCollection.Name)]
public sealed class HalfParameterTests
{
    private const int Steps = 6;

    // Uneven blocks, several of one bucket, merged dimensions, orders 0 to 4; nothing at all.
    private static readonly long[][] Shapes = [[6, 5], [9, 7], [7], [2, 3, 4], [3, 2, 5], [2, 3, 2, 5], [], [1, 4, 1], [0, 3], [6, 5], [40]];

    private static readonly string[] Names = [.. Covering.Types.Select(static t => t.Name), .. Enumerable.Range(1, 7).Select(static i => $"More{i:00}")];

    public static TheoryData<string, ScalarType> All => Data(static _ => [ScalarType.BFloat16, ScalarType.Float16]);

    /// <summary>The two types in turn: kernels are compiled for each.</summary>
    public static TheoryData<string, ScalarType> InTurn => Data(static i => [i % 2 == 0 ? ScalarType.BFloat16 : ScalarType.Float16]);

    /// <summary>The same declaration for the same numbers in float32: state to the last bit, parameters rounded.</summary>
    [Theory, MemberData(nameof(All))]
    public void StepIsThatOfFloat32RoundedOnce(string name, ScalarType dtype)
    {
        foreach (bool usesBlas in (bool[])[true, false])
        {
            var run = new DialectRun(name, Dialect.Float32, usesBlas);
            IReadOnlyDictionary<string, double[]> expected = run.Run(new Problem(Shapes, ScalarType.Float32) { Rounded = dtype }, steps: 1);
            IReadOnlyDictionary<string, double[]> actual = run.Run(new Problem(Shapes, dtype), steps: 1);
            Assert.Equal(expected.Keys, actual.Keys.Where(static key => !key.StartsWith(StateSource.TrainingParameters, StringComparison.Ordinal)));
            foreach ((string key, double[] values) in expected)
                Assert.Equal(key.StartsWith('p') ? Rounding.Round(values, dtype) : values, actual[key]);
        }
    }

    [Theory, MemberData(nameof(InTurn))]
    public void OperatorsAgree(string name, ScalarType dtype)
    {
        Agree(new DialectRun(name, Dialect.Torch), dtype, steps: 1);
        Agree(new DialectRun(name, Dialect.Torch), dtype, Steps);
    }

    [DialectTheory, MemberData(nameof(InTurn))]
    public void KernelsAgree(string name, ScalarType dtype)
    {
        Agree(new DialectRun(name, Dialect.Cuda), dtype, steps: 1);
        Agree(new DialectRun(name, Dialect.Cuda), dtype, Steps);
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void DeclaredOperatorsReachMemory(ScalarType dtype)
    {
        IReadOnlyDictionary<string, double[]> expected = new DialectRun(nameof(Counted), Dialect.Float32).Run(Problem(dtype), Steps);
        Agree(expected, new DialectRun(nameof(CountedOperators), Dialect.Torch, ReachesMemory: true).Run(Problem(dtype), Steps), dtype, Steps);
    }

    private static void Agree(DialectRun run, ScalarType dtype, int steps) =>
        Agree(new DialectRun(run.Name, Dialect.Float32).Run(Problem(dtype), steps), run.Run(Problem(dtype), steps), dtype, steps);

    /// <summary>
    /// State as in float32. A number of 16 bits can become its neighbour where the two of float32 lie on both sides of a middle; state that follows
    /// parameters (weight decay, averages) follows there too.
    /// </summary>
    private static void Agree(IReadOnlyDictionary<string, double[]> expected, IReadOnlyDictionary<string, double[]> actual, ScalarType dtype, int steps)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        int differing = 0, all = 0;
        foreach ((string name, double[] values) in expected)
        {
            if (name.StartsWith('p') || name.StartsWith(StateSource.TrainingParameters, StringComparison.Ordinal))
            {
                Ulps.AssertWithin(1, name, values, actual[name], dtype);
                differing += values.Zip(actual[name]).Count(static pair => pair.First != pair.Second);
                all += values.Length;
            }
            else
            {
                Ulps.AssertRelative(differing == 0 ? 8 * steps * Rounding.Unit(ScalarType.Float32) : steps * Rounding.Unit(dtype), name, values, actual[name]);
            }
        }
        Assert.True(differing <= all / 50, $"{differing} of {all} parameters differ");
    }

    private static TheoryData<string, ScalarType> Data(Func<int, ScalarType[]> types)
    {
        var data = new TheoryData<string, ScalarType>();
        foreach ((int i, string name) in Names.Index())
            foreach (ScalarType dtype in types(i))
                data.Add(name, dtype);
        return data;
    }

    private static Problem Problem(ScalarType dtype) => new(Shapes, dtype) { IsMissing = static (step, p) => (step * 7 + p * 3) % 5 == 1 };
}
