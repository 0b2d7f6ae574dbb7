namespace Shampoo.Runtime;

/// <summary>
/// Two symmetric matrices of order n, a factor L and its root X, in one array of (n + 1)·n numbers: L_ij, j ≤ i, at (i + 1)·n + j, and X_ij, j ≥ i,
/// at i·n + j. Each is a view [blocks, n, n] of which only the diagonal and what is below it counts; what is above belongs to the other one.
/// </summary>
internal static class PackedMatrices
{
    /// <summary>L, a view.</summary>
    /// <param name="pairs">[blocks, n + 1, n]</param>
    public static Tensor FactorsOf(Tensor pairs) => pairs.narrow(1, 1, pairs.shape[2]);

    /// <summary>X, a view.</summary>
    /// <param name="pairs">[blocks, n + 1, n]</param>
    public static Tensor RootsOf(Tensor pairs)
    {
        using var rows = pairs.narrow(1, 0, pairs.shape[2]);
        return rows.transpose(1, 2);
    }

    /// <summary>Whether these share their array with others, and are not whole matrices. The distance of two blocks tells.</summary>
    public static bool ArePacked(this Tensor matrices) => matrices.dim() == 3 && matrices.stride(0) == Distance(matrices.shape[2], isPacked: true);

    /// <summary>From a matrix of order n to that of the next block, in elements.</summary>
    public static long Distance(long n, bool isPacked) => n * (isPacked ? n + 1 : n);

    /// <summary>Whole matrices: the tensor itself, or a fresh one if they are packed.</summary>
    public static Tensor Whole(this Tensor matrices)
    {
        if (!matrices.ArePacked())
            return matrices;
        using var scope = torch.NewDisposeScope();
        return matrices.where(Counts(matrices), matrices.transpose(1, 2)).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Gives matrices other values. What shares their array stays as it is.</summary>
    /// <param name="matrices">[blocks, n, n]</param>
    /// <param name="values">The same; symmetric.</param>
    public static void Store(this Tensor matrices, Tensor values)
    {
        if (!matrices.ArePacked())
        {
            matrices.copy_(values);
            return;
        }
        using var scope = torch.NewDisposeScope();
        matrices.copy_(values.As(matrices.dtype).where(Counts(matrices), matrices));
    }

    // The diagonal and what is below it, [n, n].
    private static Tensor Counts(Tensor matrices)
    {
        using var all = torch.ones([matrices.shape[1], matrices.shape[2]], dtype: ScalarType.Bool, device: matrices.device);
        return all.tril();
    }
}
