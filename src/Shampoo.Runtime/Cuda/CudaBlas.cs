namespace Shampoo.Runtime;

/// <summary>
/// Sums of products in place, which TorchSharp has no operators for: those make the products first, and add them then. In a dtype on a device, by cuBLAS, on torch's stream.
/// </summary>
internal sealed class CudaBlas
{
    /// <summary>The name of the <see cref="AppContext"/> switch that leaves products to torch when it is set to false.</summary>
    public const string Switch = "Shampoo.CudaBlas";

    private readonly object _lock = new();
    private readonly StorageKind _kind;
    private readonly ScalarType _type;
    private readonly CudaDevice _device;
    private readonly CuBlas _blas;
    private readonly nint _handle;

    // Throws a CudaException if it does not work. Waits for the device.
    private CudaBlas(StorageKind kind)
    {
        (_kind, _type) = (kind, (ScalarType)kind.ElementType);
        _device = Cuda.Device(Math.Max(0, kind.DeviceIndex));
        _blas = new CuBlas(Prepared.Load("cuBLAS (libcublas.so)", CudaLibrary.Blas));
        using (_device.Use())
            _handle = _blas.Create(stream: 0);
        Try(isTransposed: false);
        Try(isTransposed: true);
    }

    /// <summary>Those that were prepared.</summary>
    public static Preparation<CudaBlas> Prepared { get; } = new(
        Switch, static kind => new CudaBlas(kind), static kind => $"no products of {(ScalarType)kind.ElementType} by cuBLAS on {kind.Device()}, torch's are used instead");

    /// <summary>The one for a device. What keeps it from being used is said once, by <see cref="ShampooLog.Warning"/>.</summary>
    /// <param name="kind">Of the parameters.</param>
    /// <param name="type">The dtype of the products: Float32 or Float64.</param>
    /// <returns>Null if torch has to do them.</returns>
    public static CudaBlas? TryFind(StorageKind kind, ScalarType type) =>
        Prepared.IsFor((DeviceType)kind.DeviceType) && NativeTensor.IsAvailable && type is ScalarType.Float32 or ScalarType.Float64
            ? Prepared.Find(kind with { ElementType = (int)type })
            : null;

    /// <summary>C ← alpha·AAᵀ + beta·C. Factors are rounded to TF32 where torch's are.</summary>
    /// <param name="a">[matrices, n, k], or [matrices, k, n] of Aᵀ; contiguous, and of the dtype as C is.</param>
    /// <param name="isTransposed">Whether it is Aᵀ.</param>
    /// <param name="alpha">The factor of the product.</param>
    /// <param name="beta">The factor of C.</param>
    /// <param name="c">[matrices, n, n], contiguous.</param>
    /// <returns>False if cuBLAS refused, and C is as it was.</returns>
    public bool TryMultiplyByTranspose(Tensor a, bool isTransposed, double alpha, double beta, Tensor c)
    {
        try
        {
            MultiplyByTranspose(a, isTransposed, alpha, beta, c);
            return true;
        }
        catch (CudaException exception)
        {
            Prepared.Warn(_kind, exception.Message);
            return false;
        }
    }

    private void MultiplyByTranspose(Tensor a, bool isTransposed, double alpha, double beta, Tensor c)
    {
        long count = c.size(0), n = c.size(1);
        var product = new CuBlasProduct(NativeTensor.Data(a.Handle), NativeTensor.Data(c.Handle), count, n, a.numel() / (count * n), isTransposed, _type);
        lock (_lock)
        {
            using var current = _device.Use();
            _blas.AllowTensorFloat32(_handle, torch.backends.cuda.matmul.allow_tf32);
            _blas.MultiplyByTranspose(_handle, product, alpha, beta);
        }
    }

    // Small integers, which are exact in TF32, too: 2·AAᵀ + 3·C.
    private void Try(bool isTransposed)
    {
        const int Matrices = 3, Size = 4, Length = 5;
        using var scope = torch.NewDisposeScope();
        using Scalar count = Matrices * Size * Length, seven = 7, three = 3, two = 2;
        var a = torch.arange(count, dtype: _type, device: _kind.Device()).remainder(seven).sub(three);
        a = isTransposed ? a.view(Matrices, Length, Size) : a.view(Matrices, Size, Length);
        var c = torch.ones([Matrices, Size, Size], dtype: _type, device: _kind.Device());
        var other = a.transpose(1, 2);
        var expected = (isTransposed ? other.bmm(a) : a.bmm(other)).mul(two).add(three);
        MultiplyByTranspose(a, isTransposed, 2, 3, c);
        if (!c.eq(expected).all().item<bool>())
            throw new CudaException("a product that was tried out is wrong");
    }
}
