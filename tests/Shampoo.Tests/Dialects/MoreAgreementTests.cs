using Shampoo.Runtime;
using static TorchSharp.torch;

namespace Shampoo.Tests.Dialects;

/// <summary>The classes of <c>MoreOptions.cs</c>: all dialects compute the same numbers.</summary>
[Collection(DialectCollection.Name)]
public sealed class MoreAgreementTests
{
    private const int Steps = 6;

    // Uneven blocks of several parameters, merged dimensions, orders 0 to 4, a missing gradient now and then.
    private static readonly long[][] Shapes = [[6, 5], [9, 7], [7], [2, 3, 4], [2, 3, 2, 5], [], [6, 5], [3, 3]];

    public static TheoryData<string, ScalarType> All
    {
        get
        {
            var data = new TheoryData<string, ScalarType>();
            for (int i = 1; i <= 19; i++)
                foreach (ScalarType dtype in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
                    data.Add($"More{i:00}", dtype);
            return data;
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Operators_agree(string name, ScalarType dtype) => Agree(name, Dialect.Torch, dtype);

    [DialectTheory, MemberData(nameof(All))]
    public void Kernels_agree(string name, ScalarType dtype) => Agree(name, Dialect.Cuda, dtype);

    private static void Agree(string name, Dialect dialect, ScalarType dtype)
    {
        var problem = new Problem(Shapes, dtype) { IsMissing = static (step, p) => (step * 7 + p * 3) % 5 == 1 };
        IReadOnlyDictionary<string, double[]> expected = new DialectRun(name, DialectRun.Vector(dtype)).Run(problem, Steps), actual = new DialectRun(name, dialect).Run(problem, Steps);
        Assert.Equal(expected.Keys, actual.Keys);
        foreach ((string array, double[] values) in expected)
            Ulps.AssertRelative(8 * Steps * Rounding.Unit(dtype), array, values, actual[array]);
    }
}
