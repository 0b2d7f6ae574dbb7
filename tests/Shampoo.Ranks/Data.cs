namespace Shampoo.Ranks;

/// <summary>Numbers that every rank can compute of every other rank.</summary>
internal static class Data
{
    public static readonly ScalarType[] Floating = [ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16, ScalarType.Float16];

    public static readonly ScalarType[] All = [.. Floating, ScalarType.Int8, ScalarType.Byte, ScalarType.Int32, ScalarType.Int64];

    /// <summary>Where tensors are made: on the device of the ranks.</summary>
    public static torch.Device Device { get; set; } = torch.CPU;

    /// <summary>The numbers of a rank, already rounded to a dtype: integers from 0 to 25, or numbers around 0 of full precision.</summary>
    public static double[] Of(int rank, int count, ScalarType type, int seed = 0)
    {
        var random = new Random((1000 * seed) + rank);
        using var tensor = Tensor([.. Enumerable.Range(0, count).Select(_ => Floating.Contains(type) ? 2 * random.NextDouble() - 1 : random.Next(26))], type);
        return Values(tensor);
    }

    public static Tensor Tensor(double[] values, ScalarType type)
    {
        using var wide = torch.tensor(values, ScalarType.Float64);
        return wide.to(type, Device, copy: true);
    }

    public static Tensor Zeros(ScalarType type, params long[] shape) => torch.zeros(shape, type, Device);

    public static Tensor TensorOf(int rank, int count, ScalarType type, int seed = 0) => Tensor(Of(rank, count, type, seed), type);

    public static double[] Values(Tensor tensor)
    {
        using var flat = tensor.detach().reshape(-1);
        using var wide = flat.to(ScalarType.Float64, torch.CPU);
        return wide.numel() == 0 ? [] : wide.data<double>().ToArray();
    }

    /// <summary>
    /// What a reduction may be: computed in double; what is less precise, within the error of adding the numbers in any order. Sixteen bits are
    /// the float32 of an exact sum (24 bits hold it), divided in float32 and rounded, so there is no tolerance.
    /// </summary>
    public static void ExpectReduced(double[][] parts, ReduceOp op, Tensor actual, ScalarType type, string what)
    {
        var exact = Enumerable.Range(0, parts[0].Length).Select(i => Reduce(parts, op, i)).ToArray();
        using var rounded = Tensor(exact, type);
        var epsilon = type == ScalarType.Float32 ? Math.Pow(2, -24) : type == ScalarType.Float64 ? Math.Pow(2, -53) : 0;
        var exactly = op is ReduceOp.Max or ReduceOp.Min || epsilon == 0;
        Expect.Values(exactly ? Values(rounded) : exact, actual, what, exactly ? null : i => 2 * parts.Length * epsilon * parts.Sum(part => Math.Abs(part[i])));
    }

    private static double Reduce(double[][] parts, ReduceOp op, int i)
    {
        var values = parts.Select(part => part[i]).ToArray();
        return op switch
        {
            ReduceOp.Max => values.Max(),
            ReduceOp.Min => values.Min(),
            ReduceOp.Average => (float)values.Sum() / (float)values.Length is var narrow && IsNarrow(values) ? narrow : values.Sum() / values.Length,
            _ => values.Sum(),
        };
    }

    // Numbers of float16 or bfloat16: their last bits are 0.
    private static bool IsNarrow(double[] values) => values.All(value => (BitConverter.DoubleToInt64Bits(value) & ((1L << 42) - 1)) == 0);
}
