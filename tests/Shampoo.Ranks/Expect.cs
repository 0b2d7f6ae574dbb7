namespace Shampoo.Ranks;

/// <summary>What scenarios assert.</summary>
internal static class Expect
{
    public static void True(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException($"not so: {what}");
    }

    public static void Same<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new InvalidOperationException($"{what}: expected {expected}, got {actual}");
    }

    /// <summary>The values of a tensor, each within its tolerance.</summary>
    public static void Values(double[] expected, Tensor actual, string what, Func<int, double>? tolerance = null)
    {
        var values = Data.Values(actual);
        Same(expected.Length, values.Length, what + ", elements");
        for (var i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - values[i]) <= (tolerance?.Invoke(i) ?? 0)))
                throw new InvalidOperationException($"{what}, element {i}: expected {expected[i]:R}, got {values[i]:R}");
        }
    }

    /// <summary>An action fails with a message that contains some texts.</summary>
    public static TException Throws<TException>(Action action, params string[] texts) where TException : Exception
    {
        try
        {
            action();
        }
        catch (TException exception)
        {
            foreach (var text in texts)
                True(exception.Message.Contains(text, StringComparison.Ordinal), $"'{text}' in '{exception.Message}'");
            return exception;
        }
        throw new InvalidOperationException($"there was no {typeof(TException).Name}");
    }

    /// <summary>A tensor has the same bits on all ranks.</summary>
    public static void SameBits(ProcessGroup group, Tensor tensor, string what)
    {
        var bits = Bits(tensor);
        using var own = torch.tensor(bits, ScalarType.Byte, group.Device);
        using var all = torch.empty([group.Size * own.numel()], ScalarType.Byte, group.Device);
        group.all_gather(all, own);
        var everyone = Bits(all);
        for (var rank = 0; rank < group.Size; rank++)
            True(everyone.AsSpan(rank * bits.Length, bits.Length).SequenceEqual(bits), $"{what}: rank {rank} has the bits of rank {group.Rank}");
    }

    /// <summary>Two tensors of one device have the same bits.</summary>
    public static void SameBits(Tensor expected, Tensor actual, string what) => True(Bits(expected).AsSpan().SequenceEqual(Bits(actual)), what);

    private static byte[] Bits(Tensor tensor)
    {
        using var host = tensor.cpu();
        return host.bytes.ToArray();
    }
}
