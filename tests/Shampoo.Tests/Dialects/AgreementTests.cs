using Shampoo.Runtime;
using static TorchSharp.torch;

namespace Shampoo.Tests.Dialects;

/// <summary>All dialects of a declaration compute the same numbers.</summary>
[Collection(DialectCollection.Name)]
public sealed class AgreementTests
{
    // Uneven blocks, several of one bucket, merged dimensions, orders 0 to 4, parameters alike; nothing at all.
    private static readonly long[][] Shapes =
        [[6, 5], [9, 7], [7], [2, 3, 4], [3, 2, 5], [2, 3, 2, 5], [], [1], [1, 4, 1], [0, 3], [2, 2, 5], [6, 5], [5]];

    public static TheoryData<string, ScalarType> All => Covering.All;

    public static TheoryData<string, ScalarType> Preconditioned => Covering.Preconditioned;

    [Theory, MemberData(nameof(All))]
    public void Operators_agree_after_a_step(string name, ScalarType dtype) => AgreeAfterAStep(name, Dialect.Torch, dtype);

    [DialectTheory, MemberData(nameof(All))]
    public void Kernels_agree_after_a_step(string name, ScalarType dtype) => AgreeAfterAStep(name, Dialect.Cuda, dtype);

    [Theory, MemberData(nameof(All))]
    public void Operators_agree_after_ten_steps(string name, ScalarType dtype) => AgreeAfterTenSteps(name, Dialect.Torch, dtype);

    [DialectTheory, MemberData(nameof(All))]
    public void Kernels_agree_after_ten_steps(string name, ScalarType dtype) => AgreeAfterTenSteps(name, Dialect.Cuda, dtype);

    /// <summary>BLAS adds up products in another order.</summary>
    [Theory, MemberData(nameof(Preconditioned))]
    public void Blas_agrees_after_ten_steps(string name, ScalarType dtype) =>
        Agree(new DialectRun(name, DialectRun.Vector(dtype), UsesBlas: true), TenSteps(dtype), steps: 10);

    /// <summary>With a missing gradient in every second step.</summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Declared_operators_agree(ScalarType dtype)
    {
        var problem = new Problem(Shapes, dtype) { IsMissing = static (step, p) => step % 2 == 0 && p == 1 };
        IReadOnlyDictionary<string, double[]> expected = new DialectRun(nameof(Counted), DialectRun.Vector(dtype)).Run(problem, steps: 4);
        Ulps.AssertWithin(8, Elements(expected), Elements(new DialectRun(nameof(CountedOperators), Dialect.Torch, ReachesMemory: true).Run(problem, steps: 4)), dtype);

        static Dictionary<string, double[]> Elements(IReadOnlyDictionary<string, double[]> arrays) => arrays.Where(static array => !array.Key.StartsWith("factor_matrices")).ToDictionary();
    }

    private static void AgreeAfterAStep(string name, Dialect dialect, ScalarType dtype)
    {
        Agree(new DialectRun(name, dialect), new Problem(Shapes, dtype), steps: 1);
        Agree(new DialectRun(name, dialect), new Problem(Shapes, dtype) { StartsAtZero = true }, steps: 1);
    }

    private static void AgreeAfterTenSteps(string name, Dialect dialect, ScalarType dtype) => Agree(new DialectRun(name, dialect), TenSteps(dtype), steps: 10);

    /// <summary>
    /// A few units in the last place where everything works element by element, and those of the greatest element of an array where sums
    /// are taken and matrices applied. The matrices are well conditioned, so that rounding stays what it is.
    /// </summary>
    private static void Agree(DialectRun run, Problem problem, int steps)
    {
        IReadOnlyDictionary<string, double[]> expected = new DialectRun(run.Name, DialectRun.Vector(problem.Dtype)).Run(problem, steps), actual = run.Run(problem, steps);
        Assert.Equal(expected.Keys, actual.Keys);
        foreach ((string name, double[] values) in expected)
        {
            if (!Covering.IsPreconditioned(run.Name) || steps == 1 && name.Contains("moment "))
                Ulps.AssertWithin(steps == 1 ? 4ul : 8, name, values, actual[name], problem.Dtype);
            else
                Ulps.AssertRelative(4 * steps * 2 * Rounding.Unit(problem.Dtype), name, values, actual[name]);
        }
    }

    /// <summary>In some steps some gradients are missing, in step 8 all of them.</summary>
    private static Problem TenSteps(ScalarType dtype) => new(Shapes, dtype) { IsMissing = static (step, p) => step == 8 || (step * 7 + p * 3) % 5 == 1 };
}
