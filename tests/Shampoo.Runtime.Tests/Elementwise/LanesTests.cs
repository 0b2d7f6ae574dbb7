using System.Numerics;

namespace Shampoo.Runtime.Tests.Elementwise;

public sealed unsafe class LanesTests
{
    private static readonly double[] s_special =
    [
        0, -0.0, 1, -1, 1.5, float.Epsilon, -float.Epsilon, 1e-40, -3e-42, float.MaxValue, float.MinValue, 1e-30, -1e-30, 1e30,
        double.Epsilon, 1e-310, -1e-310, double.MaxValue, 1e200, 1e-200, double.PositiveInfinity, double.NegativeInfinity, double.NaN,
    ];

    [Fact]
    public void Compute_alike_many_at_a_time_and_one_by_one()
    {
        Compute_alike<float>(value => (ulong)BitConverter.SingleToUInt32Bits(value));
        Compute_alike<double>(BitConverter.DoubleToUInt64Bits);
    }

    // Every pair of numbers in every lane.
    private static void Compute_alike<T>(Func<T, ulong> bits) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var numbers = s_special.Select(T.CreateTruncating).ToArray();
        var (left, right, many) = (new T[Vector<T>.Count], new T[Vector<T>.Count], new T[Vector<T>.Count]);
        for (var i = 0; i < numbers.Length * numbers.Length; i++)
        {
            for (var lane = 0; lane < left.Length; lane++)
            {
                left[lane] = numbers[(i + lane) % numbers.Length];
                right[lane] = numbers[(i / numbers.Length + lane) % numbers.Length];
            }
            foreach (var operation in (string[])["+", "-", "*", "/", "√"])
            {
                Apply<Lanes<T>, T>(operation, left, right, many, 0);
                for (var lane = 0; lane < left.Length; lane++)
                {
                    var expected = operation switch
                    {
                        "+" => left[lane] + right[lane],
                        "-" => left[lane] - right[lane],
                        "*" => left[lane] * right[lane],
                        "/" => left[lane] / right[lane],
                        _ => T.Sqrt(left[lane]),
                    };
                    var one = new T[left.Length];
                    Apply<Lane<T>, T>(operation, left, right, one, lane);
                    AssertSame(expected, many[lane]);
                    AssertSame(expected, one[lane]);
                }
            }
        }

        void AssertSame(T expected, T actual)
        {
            if (T.IsNaN(expected))
                Assert.True(T.IsNaN(actual));
            else
                Assert.Equal(bits(expected), bits(actual));
        }
    }

    [Fact]
    public void Add_squares_in_double()
    {
        var random = new Random(1);
        var numbers = Enumerable.Range(0, Vector<float>.Count).Select(_ => random.NextSingle() * 1e20f).ToArray();
        var (many, one) = (new SumOfSquares(), new SumOfSquares());
        fixed (float* pointer = numbers)
        {
            Lanes<float>.AddSquares(ref many, Lanes<float>.Load(new Elements<float>(pointer), 0));
            for (var i = 0; i < numbers.Length; i++)
                Lane<float>.AddSquares(ref one, Lane<float>.Load(new Elements<float>(pointer), i));
        }

        var expected = numbers.Sum(x => (double)x * x);
        Assert.Equal(1, many.Total / expected, 1e-15);
        Assert.Equal(1, one.Total / expected, 1e-15);
    }

    private static void Apply<V, T>(string operation, T[] left, T[] right, T[] result, int index)
        where V : struct, ILanes<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        fixed (T* a = left, b = right, c = result)
        {
            V x = V.Load(new Elements<T>(a), index), y = V.Load(new Elements<T>(b), index);
            V.Store(new Elements<T>(c), index, operation switch
            {
                "+" => x + y,
                "-" => x - y,
                "*" => x * y,
                "/" => x / y,
                _ => V.Sqrt(x),
            });
        }
    }
}
