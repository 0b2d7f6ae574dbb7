using Shampoo.Runtime;
using static TorchSharp.torch;

namespace Shampoo.Tests.Dialects;

/// <summary>The norm of a block whose squares do not fit in float32, and of a block that is larger than a chunk.</summary>
[Collection(DialectCollection.Name)]
public sealed class NormTests
{
    // A block of a chunk and a piece, and one of sixteen elements.
    private static readonly long[][] Shapes = [[136, 128], [4, 4]];

    /// <summary>1e18: no square overflows, but the sum of those of the large block does. 1e-25: all squares underflow.</summary>
    public static TheoryData<ScalarType, double> Scales => new()
    {
        { ScalarType.Float32, 1 }, { ScalarType.Float32, 1e18 }, { ScalarType.Float32, 1e-25 }, { ScalarType.Float64, 1 }, { ScalarType.Float64, 1e-140 },
    };

    [Theory, MemberData(nameof(Scales))]
    public void Vectors_take_it(ScalarType dtype, double scale) => Require(DialectRun.Vector(dtype), dtype, scale);

    [Theory, MemberData(nameof(Scales))]
    public void Operators_take_it(ScalarType dtype, double scale) => Require(Dialect.Torch, dtype, scale);

    [DialectTheory, MemberData(nameof(Scales))]
    public void Kernels_take_it(ScalarType dtype, double scale) => Require(Dialect.Cuda, dtype, scale);

    /// <summary>
    /// What P is before it is scaled does not matter: afterwards ‖P‖ = ‖G‖ · ‖P‖ / (‖P‖ + 1e-16), and ‖W‖ = lr·‖P‖ after a step from 0. Tiny
    /// factor matrices are 0 beside ε = 1, so then P was G. A few units of the dtype, and what a sum of 256 squares may lose in double.
    /// </summary>
    private static void Require(Dialect dialect, ScalarType dtype, double scale)
    {
        var problem = new Problem(Shapes, dtype) { StartsAtZero = true, Change = (_, _, _, usual) => scale * usual };
        IReadOnlyDictionary<string, double[]> values = new DialectRun(nameof(LargeBlocks), dialect).Run(problem, steps: 1);
        for (int p = 0; p < Shapes.Length; p++)
        {
            double gradient = Norm(problem.Gradient(p, step: 1));
            double guard = scale < 1 ? gradient / (gradient + 1e-16) : 1;
            Assert.Equal(1, Norm(values[$"p{p}"]) / (DialectRun.Lr * gradient * guard), 8 * Rounding.Unit(dtype) + 256 * Rounding.Unit(ScalarType.Float64));
        }
    }

    /// <summary>Scaled, and without the rounding of the sum (Kahan's).</summary>
    private static double Norm(double[] values)
    {
        double greatest = values.Max(Math.Abs), sum = 0, lost = 0;
        foreach (double value in values)
        {
            double square = value / greatest * (value / greatest) - lost, next = sum + square;
            (sum, lost) = (next, next - sum - square);
        }
        return greatest * Math.Sqrt(sum);
    }
}
