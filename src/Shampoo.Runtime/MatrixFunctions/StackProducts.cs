using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// Products of stacks of square matrices, [matrices, n, n], in tensors that are there before, so that an iteration takes its memory once. Without BLAS, and
/// where the memory is not the CPU's, fresh tensors take their place.
/// </summary>
internal static unsafe class StackProducts
{
    /// <summary>A tensor that results can go to.</summary>
    /// <param name="like">What they are like.</param>
    public static Tensor Empty(Tensor like) =>
        Blas.IsAvailable && like.AreInMemory() ? torch.empty_like(like) : torch.empty(0, dtype: like.dtype, device: like.device);

    /// <summary>C ← AB</summary>
    /// <param name="a">A</param>
    /// <param name="b">B, of the type of A.</param>
    /// <param name="c">C, from <see cref="Empty"/> or of the shape of A: no memory of A or B.</param>
    public static void Multiply(Tensor a, Tensor b, ref Tensor c)
    {
        if (!Blas.IsAvailable || !a.AreInMemory() || !b.AreInMemory() || !c.AreInMemory())
            SquareMatrices.Replace(ref c, a.bmm(b));
        else if (a.dtype == ScalarType.Float32)
            Multiply<float>(a, b, c);
        else
            Multiply<double>(a, b, c);
    }

    /// <summary>C ← factor·A</summary>
    /// <param name="a">A</param>
    /// <param name="factor">The factor.</param>
    /// <param name="c">C, from <see cref="Empty"/> or of the shape of A: no memory of A.</param>
    public static void Scale(Tensor a, double factor, ref Tensor c)
    {
        using Scalar scalar = factor;
        if (!a.AreInMemory() || !c.AreInMemory())
            SquareMatrices.Replace(ref c, a.mul(scalar));
        else if (a.dtype == ScalarType.Float32)
            Rows.Scale((float)factor, (float*)NativeTensor.Data(a.Handle), (float*)NativeTensor.Data(c.Handle), a.numel());
        else
            Rows.Scale(factor, (double*)NativeTensor.Data(a.Handle), (double*)NativeTensor.Data(c.Handle), a.numel());
    }

    private static void Multiply<T>(Tensor a, Tensor b, Tensor c) where T : unmanaged, INumberBase<T>
    {
        long count = a.size(0), n = a.size(-1);
        T* left = (T*)NativeTensor.Data(a.Handle), right = (T*)NativeTensor.Data(b.Handle), product = (T*)NativeTensor.Data(c.Handle);
        for (long i = 0; i < count; i++)
        {
            var offset = i * n * n;
            Blas.Multiply(T.One, new MatrixView<T>(left + offset, n, n, n), new(right + offset, n, n, n), T.Zero, new(product + offset, n, n, n));
        }
    }
}
