namespace Shampoo.Runtime;

/// <summary>What is used of cuBLAS. Every error is a <see cref="CudaException"/>.</summary>
/// <remarks>The device's context has to be current for the thread.</remarks>
internal sealed unsafe class CuBlas
{
    // cublasOperation_t and cublasMath_t
    private const int AsItIs = 0, Transposed = 1, DefaultMath = 0, TensorFloat32 = 3;

    private readonly delegate* unmanaged<nint*, int> _create;
    private readonly delegate* unmanaged<nint, nint, int> _setStream;
    private readonly delegate* unmanaged<nint, int, int> _setMath;
    private readonly delegate* unmanaged<nint, int, int, int, int, int, float*, void*, int, long, void*, int, long, float*, void*, int, long, int, int> _sgemm;
    private readonly delegate* unmanaged<nint, int, int, int, int, int, double*, void*, int, long, void*, int, long, double*, void*, int, long, int, int> _dgemm;

    /// <param name="library">Throws a <see cref="CudaException"/> if it has not all of the functions.</param>
    public CuBlas(CudaLibrary library)
    {
        _create = (delegate* unmanaged<nint*, int>)library.Find("cublasCreate_v2");
        _setStream = (delegate* unmanaged<nint, nint, int>)library.Find("cublasSetStream_v2");
        _setMath = (delegate* unmanaged<nint, int, int>)library.Find("cublasSetMathMode");
        _sgemm = (delegate* unmanaged<nint, int, int, int, int, int, float*, void*, int, long, void*, int, long, float*, void*, int, long, int, int>)
            library.Find("cublasSgemmStridedBatched");
        _dgemm = (delegate* unmanaged<nint, int, int, int, int, int, double*, void*, int, long, void*, int, long, double*, void*, int, long, int, int>)
            library.Find("cublasDgemmStridedBatched");
    }

    /// <summary>A handle whose work goes to a stream; kept until the process ends.</summary>
    public nint Create(nint stream)
    {
        nint handle;
        Check(_create(&handle), "cublasCreate");
        Check(_setStream(handle, stream), "cublasSetStream");
        return handle;
    }

    /// <summary>Whether the factors of products of float32 are rounded to TF32.</summary>
    public void AllowTensorFloat32(nint handle, bool isAllowed) => Check(_setMath(handle, isAllowed ? TensorFloat32 : DefaultMath), "cublasSetMathMode");

    /// <summary>Queues C ← alpha·AAᵀ + beta·C for matrices that follow each other, row by row in memory.</summary>
    /// <param name="handle">Of the stream.</param>
    /// <param name="product">A and C.</param>
    /// <param name="alpha">The factor of the product.</param>
    /// <param name="beta">The factor of C, which is not read if it is 0.</param>
    public void MultiplyByTranspose(nint handle, in CuBlasProduct product, double alpha, double beta)
    {
        // Column by column, as cuBLAS sees them, A is Aᵀ and C is itself.
        int n = checked((int)product.Size), k = checked((int)product.Length), count = checked((int)product.Count);
        var (first, second, stride) = product.IsTransposed ? (AsItIs, Transposed, n) : (Transposed, AsItIs, k);
        long distance = (long)n * k, distanceC = (long)n * n;
        void* a = (void*)product.A, c = (void*)product.C;
        if (product.Type == ScalarType.Float32)
        {
            float alphaFloat = (float)alpha, betaFloat = (float)beta;
            Check(_sgemm(handle, first, second, n, n, k, &alphaFloat, a, stride, distance, a, stride, distance, &betaFloat, c, n, distanceC, count), "cublasSgemmStridedBatched");
        }
        else
        {
            Check(_dgemm(handle, first, second, n, n, k, &alpha, a, stride, distance, a, stride, distance, &beta, c, n, distanceC, count), "cublasDgemmStridedBatched");
        }
    }

    private static void Check(int result, string call)
    {
        if (result != 0)
            throw new CudaException(call, result, "a cublasStatus_t");
    }
}

/// <summary>Matrices A, and C of the size of AAᵀ, on a device.</summary>
/// <param name="A">[Count, Size, Length], or [Count, Length, Size] of their transposes.</param>
/// <param name="C">[Count, Size, Size]</param>
/// <param name="Count">How many there are of both.</param>
/// <param name="Size">The rows of A.</param>
/// <param name="Length">The columns of A.</param>
/// <param name="IsTransposed">Whether the memory of A has its columns one after the other.</param>
/// <param name="Type">Float32 or Float64.</param>
internal readonly record struct CuBlasProduct(nint A, nint C, long Count, long Size, long Length, bool IsTransposed, ScalarType Type);
