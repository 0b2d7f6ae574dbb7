namespace Shampoo.Runtime;

/// <summary>Layer-wise scaling, as LARS (You et al. 2017) and LAMB (You et al. 2020) have it: every parameter moves by a share of its own length.</summary>
/// <remarks>Operators on the blocks of each parameter; no number is read back from the device.</remarks>
internal static class LayerScale
{
    /// <param name="buckets">The blocks that this process works on.</param>
    /// <param name="direction">The name of P.</param>
    /// <param name="exchanged">The squares of the blocks of whole parameters, where others work on some of them; null where all are here.</param>
    public static void Apply(Bucket[] buckets, string direction, DirectionSquares? exchanged = null)
    {
        using var noGrad = torch.no_grad();
        var blocks = new Dictionary<BlockedParameter, List<(Bucket Bucket, int Position)>>();
        foreach (var bucket in buckets)
        {
            for (var i = 0; i < bucket.Count; i++)
            {
                if (bucket.Members[i].Parameter is { IsActive: true } parameter)
                    (blocks.TryGetValue(parameter, out var list) ? list : blocks[parameter] = []).Add((bucket, i));
            }
        }
        foreach (var (parameter, places) in blocks)
            Scale(parameter, [.. places.Select(place => place.Bucket.Held(direction).select(0, place.Position))], exchanged);
    }

    private static void Scale(BlockedParameter parameter, Tensor[] directions, DirectionSquares? exchanged)
    {
        using var scope = torch.NewDisposeScope();
        var squares = exchanged?.Of(parameter) ?? directions.Select(Squares);
        using Scalar zero = 0.0;
        var length = Squares(parameter.Parameter.detach()).sqrt_();
        var norm = squares.Aggregate(static (sum, squares) => sum.add(squares)).sqrt();
        var isScaled = length.gt(zero).logical_and(norm.gt(zero));
        var scale = length.div(norm).where(isScaled, torch.ones_like(norm));
        foreach (var direction in directions)
        {
            direction.mul_(scale.to_type(direction.dtype));
            direction.Dispose();
        }
    }

    /// <summary>The sum of squares, in double; a tensor of the dispose scope.</summary>
    public static Tensor Squares(Tensor values)
    {
        var wide = values.to_type(ScalarType.Float64);
        return wide.mul(wide).sum();
    }
}
