namespace Shampoo.Runtime;

/// <summary>What blocks cost their owner, in two quantities that cannot be added up. One that is not balanced is 0.</summary>
/// <param name="Memory">Bytes.</param>
/// <param name="Work">Operations.</param>
internal readonly record struct BlockLoad(long Memory, long Work)
{
    public static BlockLoad operator +(BlockLoad left, BlockLoad right) => new(checked(left.Memory + right.Memory), checked(left.Work + right.Work));

    public static BlockLoad operator -(BlockLoad left, BlockLoad right) => new(left.Memory - right.Memory, left.Work - right.Work);
}

/// <summary>Measures loads by what a rank would have if blocks could be cut: each quantity by its mean over the ranks.</summary>
/// <remarks>Equal loads have equal measures, on every machine: a conversion and a multiplication, each rounded as IEEE 754 has it.</remarks>
/// <param name="total">Of all blocks.</param>
/// <param name="ranks">The number of ranks.</param>
internal readonly struct LoadScale(BlockLoad total, int ranks)
{
    // What is 0 for all blocks stays 0.
    private readonly double _memory = ranks / (double)Math.Max(1, total.Memory);
    private readonly double _work = ranks / (double)Math.Max(1, total.Work);

    /// <summary>Whether there is something of both quantities.</summary>
    public bool HasBoth { get; } = total.Memory > 0 && total.Work > 0;

    /// <summary>The larger one of the quantities; 1 is the mean.</summary>
    public double Larger(BlockLoad load) => Math.Max(load.Memory * _memory, load.Work * _work);

    /// <summary>The square of the distance to the mean, over both quantities.</summary>
    public double Unevenness(BlockLoad load)
    {
        double memory = load.Memory * _memory - 1, work = load.Work * _work - 1;
        return memory * memory + work * work;
    }
}
