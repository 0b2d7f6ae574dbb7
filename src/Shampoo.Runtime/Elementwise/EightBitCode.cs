namespace Shampoo.Runtime;

/// <summary>
/// Numbers of 8 bits (<see cref="Precision.EightBit"/>): every 64 consecutive elements of a block, row by row, have a scale a = max |x| in float32, and are
/// stored as round(x / a · 127), to nearest, ties to even. The value of a code is a · (code / 127), so that values have the codes that they come from.
/// </summary>
/// <remarks>
/// A group whose a is less than the smallest normal number of float32 is zero. One whose a is not finite has the scale NaN, and is NaN as a whole.
/// These are the operators, for any device; no step waits for it.
/// </remarks>
internal static class EightBitCode
{
    /// <summary>How many elements have one scale; the last ones of a block may be less.</summary>
    public const int GroupElements = 64;

    /// <summary>The code of a.</summary>
    public const int Largest = 127;

    /// <summary>The least a that is not 0. Below it a · (code / 127) has not the digits that tell codes from each other.</summary>
    public const float LeastScale = 1.17549435e-38f;

    /// <summary>The number of scales of a block.</summary>
    public static long Groups(long blockElements) => (blockElements + GroupElements - 1) / GroupElements;

    /// <summary>values ← the values of the codes.</summary>
    /// <param name="codes">[blocks, …] of int8, contiguous.</param>
    /// <param name="scales">[blocks, groups] of float32, contiguous.</param>
    /// <param name="values">[blocks, …] in the dtype of the arithmetic, contiguous.</param>
    public static void Decode(Tensor codes, Tensor scales, Tensor values) => ForEachPart(codes, scales, values, static (codes, scales, values) =>
    {
        // A tensor, because GPUs multiply by the inverse of a number, and the value of code 127 has to be a to the last bit.
        using Scalar number = Largest;
        var largest = torch.full([1], number, dtype: values.dtype, device: values.device);
        values.copy_(codes).div_(largest).mul_(scales.to_type(values.dtype));
    });

    /// <summary>codes, scales ← the codes of the values, which are used up.</summary>
    /// <inheritdoc cref="Decode"/>
    public static void Encode(Tensor codes, Tensor scales, Tensor values) => ForEachPart(codes, scales, values, static (codes, scales, values) =>
    {
        using Scalar zero = 0.0, infinity = double.PositiveInfinity, largest = Largest, least = LeastScale;
        var magnitude = values.amax([-1], keepdim: true).maximum(values.amin([-1], keepdim: true).neg()).to_type(ScalarType.Float32);
        var isZero = magnitude.lt(least);
        var scale = magnitude.add(magnitude.sub(magnitude)); // ∞ − ∞ is NaN
        var coded = values.div_(scale.masked_fill(isZero, infinity).to_type(values.dtype)).mul_(largest).round_().nan_to_num(0);
        var coding = scale.masked_fill(isZero, zero);
        codes.copy_(coded); // and only now, when both are there
        scales.copy_(coding);
    });

    // The groups of 64, and the last ones of the blocks: [blocks, groups, elements], with [blocks, groups, 1] for the scales.
    private static void ForEachPart(Tensor codes, Tensor scales, Tensor values, Action<Tensor, Tensor, Tensor> act)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var (blocks, groups) = (scales.shape[0], scales.shape[1]);
        var elements = values.numel() / blocks;
        var whole = elements / GroupElements;
        if (whole > 0)
            act(Part(codes, 0, whole, GroupElements), scales.narrow(1, 0, whole).unsqueeze(-1), Part(values, 0, whole, GroupElements));
        if (whole < groups)
            act(Part(codes, whole, 1, elements % GroupElements), scales.narrow(1, whole, 1).unsqueeze(-1), Part(values, whole, 1, elements % GroupElements));

        Tensor Part(Tensor stack, long group, long count, long length) =>
            stack.view(blocks, elements).narrow(1, group * GroupElements, count * length).view(blocks, count, length);
    }
}
