using static TorchSharp.torch;

namespace Shampoo.Tests;

/// <summary>What two computations of the same numbers, in another order, may differ by.</summary>
internal static class Rounding
{
    /// <summary>The blocks here have less elements than this, each at most 1, so no factor matrix has a greater trace.</summary>
    public const double Trace = 32;

    /// <summary>The relative error of one operation.</summary>
    public static double Unit(ScalarType dtype) => Math.Pow(2, dtype switch
    {
        ScalarType.BFloat16 => -8,
        ScalarType.Float16 => -11,
        ScalarType.Float32 => -24,
        _ => -53,
    });

    /// <summary>As the dtype has it.</summary>
    public static double[] Round(double[] values, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        return Model.Values(tensor(values, ScalarType.Float64).to(dtype));
    }

    /// <summary>An epsilon of factor matrices that is far above their rounding, so that their roots have correct digits.</summary>
    public static double Epsilon(ScalarType dtype) => dtype == ScalarType.Float64 ? 1e-6 : 1e-2;

    /// <summary>
    /// The rounding of a factor matrix weighs trace/ε in its root, and so in the direction, of which every step takes lr. Beside that
    /// every step rounds the parameter.
    /// </summary>
    public static double Tolerance(ScalarType dtype, int steps, double lr = 0.01, double? epsilon = null) =>
        steps * Unit(dtype) * (1 + lr * Trace / (epsilon ?? Epsilon(dtype)));

    /// <summary>Equal but for rounding: relative to the greater of the number and 1.</summary>
    public static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i])));
    }
}
