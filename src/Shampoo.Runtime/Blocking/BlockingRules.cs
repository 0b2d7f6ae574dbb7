namespace Shampoo.Runtime;

/// <summary>
/// How the shape of a parameter becomes blocks: small dimensions are merged, then large ones are cut. Unless <see cref="LargeDimensions"/>
/// says otherwise: then merged parameters are the blocks, as those parameters always are that are not preconditioned.
/// </summary>
public sealed class BlockingRules
{
    /// <summary>Creates the rules.</summary>
    /// <param name="maxDimension">The largest extent of a block in any dimension; <see cref="int.MaxValue"/> for no limit.</param>
    /// <param name="targetDimensionality">The number of dimensions that merging keeps, where there are so many;
    /// <see cref="int.MaxValue"/> to leave shapes as they are.</param>
    /// <param name="largeDimensions">What becomes of dimensions that are larger than the largest.</param>
    /// <param name="skipRankBelow">Parameters of fewer dimensions are not preconditioned; dimensions of size 1 do not count.</param>
    /// <param name="skipSizeAbove">Parameters with a larger dimension are not preconditioned; <see cref="int.MaxValue"/> for no limit.</param>
    /// <param name="onlyMatrices">Whether all parameters that are preconditioned have to be matrices, once they are merged.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of the numbers is less than 1, or <paramref name="skipRankBelow"/> is less than 0.</exception>
    public BlockingRules(
        int maxDimension = int.MaxValue, int targetDimensionality = 1, LargeDimensions largeDimensions = LargeDimensions.Blocked,
        int skipRankBelow = 0, int skipSizeAbove = int.MaxValue, bool onlyMatrices = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(skipRankBelow);
        ArgumentOutOfRangeException.ThrowIfLessThan(skipSizeAbove, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targetDimensionality, 1);
        MaxDimension = maxDimension;
        TargetDimensionality = targetDimensionality;
        LargeDimensions = largeDimensions;
        SkipRankBelow = skipRankBelow;
        SkipSizeAbove = skipSizeAbove;
        OnlyMatrices = onlyMatrices;
    }

    /// <summary>The largest extent of a block in any dimension; <see cref="int.MaxValue"/> for no limit.</summary>
    internal int MaxDimension { get; }

    /// <summary>The number of dimensions that merging keeps; <see cref="int.MaxValue"/> for no merging.</summary>
    internal int TargetDimensionality { get; }

    /// <summary>What becomes of dimensions larger than <see cref="MaxDimension"/>.</summary>
    internal LargeDimensions LargeDimensions { get; }

    /// <summary>Parameters of fewer dimensions are not preconditioned.</summary>
    internal int SkipRankBelow { get; }

    /// <summary>Parameters with a larger dimension are not preconditioned; <see cref="int.MaxValue"/> for no limit.</summary>
    internal int SkipSizeAbove { get; }

    /// <summary>Whether all parameters that are preconditioned have to be matrices, once they are merged.</summary>
    internal bool OnlyMatrices { get; }

    private long Limit => MaxDimension == int.MaxValue ? long.MaxValue : MaxDimension;

    /// <summary>Merges neighbouring dimensions whose product is at most <see cref="MaxDimension"/>, from the last to the first.</summary>
    /// <param name="shape">The shape of a parameter, of any order.</param>
    /// <returns>The merged shape: at least one dimension; (0) if there are no elements.</returns>
    internal long[] Merge(ReadOnlySpan<long> shape)
    {
        if (shape.Contains(0))
            return [0];
        if (shape.IsEmpty)
            return [1];
        if (TargetDimensionality == int.MaxValue)
            return shape.ToArray();

        var sizes = WithoutOnes(shape);
        if (sizes.Count == 0)
            return [1];

        var merged = new List<long> { sizes[^1] };
        for (var remaining = sizes.Count - 1; remaining > 0; remaining--)
        {
            var size = sizes[remaining - 1];
            if (merged.Count + remaining > TargetDimensionality && size <= Limit / merged[^1])
                merged[^1] *= size;
            else
                merged.Add(size);
        }
        merged.Reverse();
        return [.. merged];
    }

    /// <summary>Whether a parameter is not preconditioned. Its own shape counts, not the merged one, without dimensions of size 1.</summary>
    internal bool IsSkipped(ReadOnlySpan<long> shape) =>
        WithoutOnes(shape).Count < SkipRankBelow || (SkipSizeAbove < int.MaxValue && shape.ContainsAnyExceptInRange(0, SkipSizeAbove));

    /// <summary>Throws if a parameter has to be a matrix and is none.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    internal void RequireMatrix(string name, ReadOnlySpan<long> shape, ParameterPlan plan)
    {
        if (!OnlyMatrices || plan.IsSkipped || plan.Blocks.Length == 0 || plan.MergedShape.Length == 2)
            return;
        var remedy = plan.MergedShape.Length < 2
            ? "Declare [Preconditioning(SkipRankBelow = 2)], which leaves vectors to the grafting method"
            : "Declare [Preconditioning(TargetDimensionality = 2, MaxDimension = PreconditioningAttribute.Unlimited)], which merges the last dimensions";
        throw new ArgumentException(
            $"The parameter '{name}' of shape [{string.Join(", ", shape.ToArray())}] is [{string.Join(", ", plan.MergedShape)}] when it is merged, but only matrices have orthogonal factors. "
            + $"{remedy}, or give it to another optimizer.", "parameters");
    }

    /// <summary>Whether blocks of a shape are preconditioned element by element, because one of their dimensions is too large.</summary>
    internal bool IsElementwise(ReadOnlySpan<long> blockShape) =>
        LargeDimensions == LargeDimensions.Elementwise && blockShape.ContainsAnyExceptInRange(0, Limit);

    /// <summary>Cuts every dimension into pieces of <see cref="MaxDimension"/>, the last one smaller, if large dimensions are cut.</summary>
    /// <param name="merged">A merged shape.</param>
    /// <param name="isSkipped">Whether the parameter is not preconditioned; then it is not cut.</param>
    /// <returns>The blocks, those that differ in the last dimension next to each other; none if there are no elements.</returns>
    internal BlockRegion[] Split(ReadOnlySpan<long> merged, bool isSkipped = false)
    {
        var limit = LargeDimensions == LargeDimensions.Blocked && !isSkipped ? Limit : long.MaxValue;
        var pieces = new long[merged.Length];
        for (var k = 0; k < merged.Length; k++)
            pieces[k] = merged[k] / limit + (merged[k] % limit == 0 ? 0 : 1);

        var blocks = new BlockRegion[pieces.Aggregate(1L, (product, count) => checked(product * count))];
        var piece = new long[merged.Length];
        for (var b = 0; b < blocks.Length; b++)
        {
            blocks[b] = Block(merged, piece, limit);
            Advance(piece, pieces);
        }
        return blocks;
    }

    private static BlockRegion Block(ReadOnlySpan<long> merged, long[] piece, long limit)
    {
        var start = new long[merged.Length];
        var size = new long[merged.Length];
        for (var k = 0; k < merged.Length; k++)
        {
            start[k] = piece[k] * limit;
            size[k] = Math.Min(limit, merged[k] - start[k]);
        }
        return new BlockRegion(start, size);
    }

    private static void Advance(long[] piece, long[] pieces)
    {
        for (var k = piece.Length - 1; k >= 0; k--)
        {
            if (++piece[k] < pieces[k])
                return;
            piece[k] = 0;
        }
    }

    private static List<long> WithoutOnes(ReadOnlySpan<long> shape)
    {
        var sizes = new List<long>(shape.Length);
        foreach (var size in shape)
        {
            if (size != 1)
                sizes.Add(size);
        }
        return sizes;
    }
}
