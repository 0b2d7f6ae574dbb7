using Shampoo.Runtime;
using static TorchSharp.torch;

namespace Shampoo.Tests.Dialects;

/// <summary>What works element by element does so to the last element, whatever the number of elements is.</summary>
[Collection(DialectCollection.Name)]
public sealed class LengthTests
{
    // Vectors hold 2 to 16 elements and a tail; pieces, warps and chunks end at powers of 2.
    private static readonly long[][] Shapes =
    [
        .. Enumerable.Range(1, 40).Select(static n => (long[])[n]),
        .. new[] { 255, 256, 257, 1023, 1024, 1025, 16383, 16384, 16385, 16384 + 1024, 16384 + 1025, 2 * 16384 - 1, 2 * 16384, 2 * 16384 + 3 }.Select(static n => (long[])[n]),
    ];

    public static TheoryData<string, ScalarType> Elementwise => Covering.Elementwise;

    /// <summary>Signs and magnitudes are such that no digits cancel, so units in the last place only add up.</summary>
    [Theory, MemberData(nameof(Elementwise))]
    public void Operators_agree_to_a_few_units(string name, ScalarType dtype)
    {
        var problem = new Problem(Shapes, dtype);
        Ulps.AssertWithin(8, new DialectRun(name, DialectRun.Vector(dtype)).Run(problem, steps: 3), new DialectRun(name, Dialect.Torch).Run(problem, steps: 3), dtype);
    }

    [DialectTheory, MemberData(nameof(Elementwise))]
    public void Kernels_are_vectors_bit_for_bit(string name, ScalarType dtype)
    {
        var problem = new Problem(Shapes, dtype);
        Ulps.AssertEqual(new DialectRun(name, DialectRun.Vector(dtype)).Run(problem, steps: 3), new DialectRun(name, Dialect.Cuda).Run(problem, steps: 3));
    }
}
