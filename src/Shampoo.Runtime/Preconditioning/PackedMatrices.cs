namespace Shampoo.Runtime;

/// <summary>
/// Two symmetric matrices of order n, a factor L and its root X, in one array of (n + 1)·n numbers: L_ij, j ≤ i, at (i + 1)·n + j, and X_ij, j ≥ i,
/// at i·n + j. Each is a view [blocks, n, n] of which only the diagonal and what is below it counts; what is above belongs to the other one.
/// </summary>
internal static unsafe class PackedMatrices
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

    /// <summary>Whether these are square matrices that share their array with others. The distance from one to the next tells.</summary>
    public static bool ArePacked(this Tensor matrices) =>
        matrices.dim() == 3 && matrices.size(1) == matrices.size(2) && matrices.stride(0) == Distance(matrices.size(2), isPacked: true);

    /// <summary>From a matrix of order n to that of the next block, in elements.</summary>
    public static long Distance(long n, bool isPacked) => n * (isPacked ? n + 1 : n);

    /// <summary>Whole matrices: the tensor itself, or a fresh one if they are packed.</summary>
    public static Tensor Whole(this Tensor matrices)
    {
        if (!matrices.ArePacked())
            return matrices;
        if (Memory(matrices) == 0)
            return WholeByOperators(matrices);
        var whole = torch.empty(matrices.shape, dtype: matrices.dtype, device: matrices.device);
        switch (matrices.ElementSize)
        {
            case sizeof(ushort): Fill<ushort>(matrices, whole); break;
            case sizeof(uint): Fill<uint>(matrices, whole); break;
            default: Fill<ulong>(matrices, whole); break;
        }
        return whole;
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
        var typed = values.As(matrices.dtype);
        if (Memory(matrices) == 0 || typed.device_type != DeviceType.CPU)
        {
            matrices.copy_(typed.to(matrices.device).where(Counts(matrices), matrices));
            return;
        }
        var dense = typed.contiguous();
        switch (matrices.ElementSize)
        {
            case sizeof(ushort): Store<ushort>(dense, matrices); break;
            case sizeof(uint): Store<uint>(dense, matrices); break;
            default: Store<ulong>(dense, matrices); break;
        }
    }

    private static Tensor WholeByOperators(Tensor matrices)
    {
        using var scope = torch.NewDisposeScope();
        return matrices.where(Counts(matrices), matrices.transpose(1, 2)).contiguous().MoveToOuterDisposeScope();
    }

    // What is below the diagonal of a view may be above it in memory.
    private static void Fill<T>(Tensor packed, Tensor whole) where T : unmanaged
    {
        T* from = (T*)Memory(packed), to = (T*)Memory(whole);
        var (count, n, isLower) = (packed.shape[0], packed.shape[2], packed.stride(2) == 1);
        for (long i = 0; i < count; i++)
            Symmetry.Fill(from + i * Distance(n, isPacked: true), n, to + i * n * n, n, n, isLower);
    }

    private static void Store<T>(Tensor whole, Tensor packed) where T : unmanaged
    {
        T* from = (T*)Memory(whole), to = (T*)Memory(packed);
        var (count, n, isLower) = (packed.shape[0], packed.shape[2], packed.stride(2) == 1);
        for (long i = 0; i < count; i++)
        {
            T* source = from + i * n * n, destination = to + i * Distance(n, isPacked: true);
            if (isLower)
                Symmetry.CopyTriangle(source, n, destination, n, n, isLower: true);
            else
                Symmetry.TransposeTriangle(source, n, destination, n, n, isLower: true);
        }
    }

    // 0 where operators have to do it.
    private static nint Memory(Tensor matrices) => matrices.device_type == DeviceType.CPU ? NativeTensor.DataOf(matrices) : 0;

    // The diagonal and what is below it, [n, n].
    private static Tensor Counts(Tensor matrices)
    {
        using var all = torch.ones([matrices.shape[1], matrices.shape[2]], dtype: ScalarType.Bool, device: matrices.device);
        return all.tril();
    }
}
