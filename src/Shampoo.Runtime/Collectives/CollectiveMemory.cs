namespace Shampoo.Runtime;

/// <summary>Where tensors are, for engines that know nothing of tensors.</summary>
internal static class CollectiveMemory
{
    /// <summary>The address of the first element, on the tensor's device. 0 for one without elements.</summary>
    public static nint Address(Tensor tensor) => tensor.numel() == 0 ? 0
        : NativeTensor.IsAvailable ? NativeTensor.Data(tensor.Handle)
        : throw new NotSupportedException("Collectives need to know where tensors are; TorchSharp's native library (libLibTorchSharp) does not tell.");

    /// <summary>The address of an element.</summary>
    public static nint Address(Tensor tensor, long element) => Address(tensor) + (nint)(element * tensor.element_size());

    /// <summary>The first element of every part: the sums of the counts before it.</summary>
    public static long[] Starts(long[] counts)
    {
        var starts = new long[counts.Length];
        for (var i = 1; i < counts.Length; i++)
            starts[i] = starts[i - 1] + counts[i - 1];
        return starts;
    }

    /// <summary>output ← the reduction of the rows of <paramref name="parts"/>, in their order, carried in float32 at least, and rounded once.</summary>
    public static void Reduce(Tensor output, Tensor parts, ReduceOp op, bool isWidened)
    {
        using var scope = new OperatorScope();
        var rows = isWidened ? parts.to(ScalarType.Float32) : parts;
        var total = rows.select(0, 0);
        for (var row = 1L; row < rows.shape[0]; row++)
        {
            var next = rows.select(0, row);
            total = op switch
            {
                ReduceOp.Max => total.maximum(next),
                ReduceOp.Min => total.minimum(next),
                _ => total.add_(next),
            };
        }
        if (op == ReduceOp.Average)
            total.div_(rows.shape[0]);
        Assign(output, total);
    }

    /// <summary>output ← values, in the shape of the output.</summary>
    public static void Assign(Tensor output, Tensor values)
    {
        using var scope = new OperatorScope();
        output.copy_(values.view(output.shape));
    }
}
