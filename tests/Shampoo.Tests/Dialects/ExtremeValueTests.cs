using Shampoo.Runtime;
using static TorchSharp.torch;

namespace Shampoo.Tests.Dialects;

/// <summary>Gradients with elements that no model should have: all dialects make the same of them, and they touch nothing else.</summary>
[Collection(DialectCollection.Name)]
public sealed class ExtremeValueTests
{
    private const int Length = 37;

    // Denormal; zero; squares that underflow, wholly and to denormals; squares that overflow, by little and by far; not finite.
    private static readonly double[]
        Singles = [1e-42, -1.4e-45, 0, -0.0, 1e-30, -1e-21, 3e-19, 2e19, -1e20, 1e30, -3e38, double.PositiveInfinity, double.NegativeInfinity, double.NaN],
        Doubles = [1e-310, -5e-324, 0, -0.0, 1e-200, -1e-161, 3e-154, 2e154, -1e155, 1e200, -1e308, double.PositiveInfinity, double.NegativeInfinity, double.NaN];

    public static TheoryData<string, ScalarType> Elementwise => Covering.Elementwise;

    public static TheoryData<string, ScalarType> Late => Covering.Late;

    public static TheoryData<string, ScalarType> Early => Covering.Early;

    [Theory, MemberData(nameof(Elementwise)), MemberData(nameof(Late))]
    public void Operators_make_the_same_of_them(string name, ScalarType dtype) => Compare(name, Dialect.Torch, dtype);

    [DialectTheory, MemberData(nameof(Elementwise)), MemberData(nameof(Late))]
    public void Kernels_make_the_same_of_them(string name, ScalarType dtype) => Compare(name, Dialect.Cuda, dtype);

    [Theory, MemberData(nameof(Early))]
    public void Operators_precondition_them_alike(string name, ScalarType dtype) => ComparePreconditioned(name, Dialect.Torch, dtype);

    [DialectTheory, MemberData(nameof(Early))]
    public void Kernels_precondition_them_alike(string name, ScalarType dtype) => ComparePreconditioned(name, Dialect.Cuda, dtype);

    [Theory, MemberData(nameof(Early))]
    public void No_root_is_taken_of_what_is_not_finite(string name, ScalarType dtype)
    {
        RequireRefusal(name, DialectRun.Vector(dtype), dtype);
        RequireRefusal(name, Dialect.Torch, dtype);
    }

    [DialectTheory, MemberData(nameof(Early))]
    public void No_root_is_taken_of_what_is_not_finite_by_kernels(string name, ScalarType dtype) => RequireRefusal(name, Dialect.Cuda, dtype);

    /// <summary>One parameter for each value, which has it in the middle and at its end in the second step of three.</summary>
    private static void Compare(string name, Dialect dialect, ScalarType dtype)
    {
        double[] values = Values(dtype);
        long[][] shapes = [.. values.Select(static _ => (long[])[Length]), [Length]];
        var extreme = new Problem(shapes, dtype)
        {
            Change = (step, p, i, usual) => step == 2 && p < values.Length && IsExtreme(i) ? values[p] : usual,
        };
        IReadOnlyDictionary<string, double[]> expected = Elements(new DialectRun(name, DialectRun.Vector(dtype)).Run(extreme, steps: 3));
        IReadOnlyDictionary<string, double[]> actual = Elements(new DialectRun(name, dialect).Run(extreme, steps: 3));
        Ulps.AssertWithin(8, expected, actual, dtype);
        Assert.Contains(actual.Values, static array => array.Any(double.IsNaN));

        // Everything else is as if nothing had happened, in each dialect.
        var usual = new Problem(shapes, dtype);
        RequireUntouched(usual, new DialectRun(name, DialectRun.Vector(dtype)).Run(usual, steps: 3), expected);
        RequireUntouched(usual, new DialectRun(name, dialect).Run(usual, steps: 3), actual);
    }

    /// <summary>Values whose squares, of which factor matrices are made, are finite. All elements of a block depend on each other.</summary>
    private static void ComparePreconditioned(string name, Dialect dialect, ScalarType dtype)
    {
        double[] values = [.. Values(dtype).Where(value => Math.Abs(value) < 1), dtype == ScalarType.Float32 ? 1e17 : 1e152];
        long[][] shapes = [.. values.Select(static _ => (long[])[4, 3]), [4, 3]];
        var extreme = new Problem(shapes, dtype) { Change = (_, p, i, usual) => p < values.Length && i % 5 == 1 ? values[p] : usual };
        IReadOnlyDictionary<string, double[]> expected = new DialectRun(name, DialectRun.Vector(dtype)).Run(extreme, steps: 2);
        IReadOnlyDictionary<string, double[]> actual = new DialectRun(name, dialect).Run(extreme, steps: 2);
        IReadOnlyDictionary<string, double[]> usual = new DialectRun(name, dialect).Run(new Problem(shapes, dtype), steps: 2);
        for (int p = 0; p < shapes.Length; p++)
            Ulps.AssertRelative(16 * Rounding.Unit(dtype), $"p{p}", expected[$"p{p}"], actual[$"p{p}"]);
        Assert.Equal(usual[$"p{values.Length}"], actual[$"p{values.Length}"]);
    }

    private static void RequireRefusal(string name, Dialect dialect, ScalarType dtype)
    {
        foreach (double value in (double[])[double.NaN, double.PositiveInfinity])
        {
            var problem = new Problem([[4, 3], [4, 3]], dtype) { Change = (_, p, i, usual) => p == 1 && i == 7 ? value : usual };
            var exception = Assert.Throws<IncompleteStepException>(() => new DialectRun(name, dialect).Run(problem, steps: 1));
            Assert.Contains("'p1'", Assert.IsType<NotFiniteNumberException>(exception.InnerException).Message);
        }
    }

    private static void RequireUntouched(Problem problem, IReadOnlyDictionary<string, double[]> usual, IReadOnlyDictionary<string, double[]> extreme)
    {
        for (int p = 0; p < problem.Shapes.Length; p++)
            for (int i = 0; i < Length; i++)
                if (p == problem.Shapes.Length - 1 || !IsExtreme(i))
                    Assert.Equal(usual[$"p{p}"][i], extreme[$"p{p}"][i]);
    }

    private static bool IsExtreme(int element) => element is 5 or Length - 1;

    private static double[] Values(ScalarType dtype) => dtype == ScalarType.Float32 ? Singles : Doubles;

    /// <summary>All but the matrices, which sweeps have no part in.</summary>
    private static Dictionary<string, double[]> Elements(IReadOnlyDictionary<string, double[]> arrays) =>
        arrays.Where(static array => !array.Key.StartsWith("factor_matrices") && !array.Key.StartsWith("inverse_roots")).ToDictionary();
}
