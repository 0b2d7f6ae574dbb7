namespace Shampoo.Runtime;

/// <summary>
/// Operators on stacks of matrices, [matrices, n, n]; numbers, one for each matrix, are [matrices, 1, 1]. Results are fresh tensors.
/// </summary>
internal static class SquareMatrices
{
    /// <summary>Whether a stack of matrices is dense memory of this process, of float32 or float64, that can be worked on by address.</summary>
    public static bool AreInMemory(this Tensor matrices) =>
        NativeTensor.IsAvailable && matrices.device_type == DeviceType.CPU && matrices.dtype is ScalarType.Float32 or ScalarType.Float64
        && matrices.dim() == 3 && matrices.size(1) == matrices.size(2) && matrices.is_contiguous() && matrices.numel() > 0;

    /// <summary>A ← A + cI.</summary>
    public static Tensor AddToDiagonal(this Tensor matrices, Scalar value)
    {
        using var diagonal = matrices.diagonal(0, -2, -1);
        diagonal.add_(value);
        return matrices;
    }

    /// <summary>A ← A + cI, with a c, [matrices, 1, 1], for each matrix.</summary>
    public static Tensor AddToDiagonal(this Tensor matrices, Tensor values)
    {
        using var diagonal = matrices.diagonal(0, -2, -1);
        using var row = values.squeeze(-1);
        diagonal.add_(row);
        return matrices;
    }

    /// <summary>cI, [matrices, n, n], with a c, [matrices, 1, 1], for each matrix.</summary>
    public static Tensor MultipleOfIdentity(Tensor values, long n)
    {
        var shape = values.shape;
        return torch.zeros([shape[0], n, n], dtype: values.dtype, device: values.device).AddToDiagonal(values);
    }

    /// <summary>Aᵖ by repeated squaring.</summary>
    /// <param name="matrices">A</param>
    /// <param name="p">≥ 1</param>
    public static Tensor Power(this Tensor matrices, int p)
    {
        if (p == 1)
            return matrices.alias();
        using var root = matrices.Power(p / 2);
        var square = root.bmm(root);
        if (p % 2 == 0)
            return square;
        using (square)
            return square.bmm(matrices);
    }

    /// <summary>‖A‖_∞, the largest sum of the absolute values of a row: a bound of the eigenvalues.</summary>
    public static Tensor MaxRowSum(this Tensor matrices)
    {
        using var absolute = matrices.abs();
        using var sums = absolute.sum([-1L], keepdim: true);
        return sums.amax([-2L], keepdim: true);
    }

    /// <summary>‖A‖_F, of matrices of any shape. Neither overflows nor underflows where the result does not.</summary>
    public static Tensor FrobeniusNorm(this Tensor matrices)
    {
        using var scope = torch.NewDisposeScope();
        using Scalar smallest = matrices.dtype == ScalarType.Float64 ? 2.2250738585072014e-308 : 1.17549435e-38; // so that 0/0 does not occur
        var largest = matrices.abs().amax([-2L, -1L], keepdim: true).clamp_min_(smallest);
        return matrices.div(largest).square().sum([-2L, -1L], keepdim: true).sqrt_().mul_(largest).MoveToOuterDisposeScope();
    }

    /// <summary>‖offdiag(A)‖_F.</summary>
    public static Tensor OffDiagonalNorm(this Tensor matrices)
    {
        using var off = matrices.clone();
        using var diagonal = off.diagonal(0, -2, -1);
        diagonal.zero_();
        return off.FrobeniusNorm();
    }

    /// <summary>max|A − I|; NaN where A contains NaN.</summary>
    public static Tensor DistanceFromIdentity(this Tensor matrices)
    {
        using Scalar minusOne = -1.0;
        using var difference = matrices.clone().AddToDiagonal(minusOne).abs_();
        return difference.amax([-2L, -1L], keepdim: true);
    }

    /// <summary>The numbers in the memory of the host. On a GPU this waits for the device.</summary>
    public static double[] ToHost(this Tensor numbers)
    {
        using var scope = torch.NewDisposeScope();
        return numbers.to_type(ScalarType.Float64).cpu().reshape(-1).data<double>().ToArray();
    }

    /// <summary>The distance from 1 to the next number of the type.</summary>
    public static double Epsilon(this ScalarType type) => type == ScalarType.Float64 ? Math.BitIncrement(1.0) - 1 : MathF.BitIncrement(1f) - 1;

    /// <summary>Puts a new tensor in the place of another, which it disposes.</summary>
    public static void Replace(ref Tensor tensor, Tensor value)
    {
        tensor.Dispose();
        tensor = value;
    }
}
