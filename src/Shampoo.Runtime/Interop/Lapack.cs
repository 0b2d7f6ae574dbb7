using System.Numerics;
using System.Runtime.InteropServices;
using unsafe Dsyevd = delegate* unmanaged<byte*, byte*, long*, double*, long*, double*, double*, long*, long*, long*, long*, nint, nint, void>;
using unsafe Ssyevd = delegate* unmanaged<byte*, byte*, long*, float*, long*, float*, float*, long*, long*, long*, long*, nint, nint, void>;

namespace Shampoo.Runtime;

/// <summary>
/// Eigendecompositions by the LAPACK that torch itself calls, found where BLAS is, so that <see cref="Blas.Threads"/> rules both: in place, and without what torch
/// does around it.
/// </summary>
/// <remarks>Numbers and texts are passed as <see cref="Blas"/> passes them.</remarks>
internal static unsafe class Lapack
{
    private static Ssyevd s_ssyevd;
    private static Dsyevd s_dsyevd;

    static Lapack() => IsAvailable = Blas.Library != 0 && TryUse(Blas.Library);

    /// <summary>Whether a LAPACK was found that decomposes correctly. Tests set it to see what happens where there is none.</summary>
    public static bool IsAvailable { get; set; }

    /// <summary>Decomposes a symmetric matrix, A = Q diag(λ) Qᵀ, by divide and conquer (<c>syevd</c>).</summary>
    /// <param name="matrix">A, n×n, of which the diagonal and what is above it are read; finite. Becomes Qᵀ: eigenvectors are rows.</param>
    /// <param name="n">The size, at least 1.</param>
    /// <param name="eigenvalues">λ, n numbers, ascending.</param>
    /// <returns>Whether the algorithm has converged; if not, the contents of both are undefined.</returns>
    public static bool TryDecompose<T>(T* matrix, long n, T* eigenvalues) where T : unmanaged
    {
        // Row by row the upper triangle is Fortran's lower one. The lengths are those of LAPACK's documentation.
        byte vectors = (byte)'V', lower = (byte)'L';
        long floats = 1 + 6 * n + 2 * n * n, integers = 3 + 5 * n, info = 0;
        var work = (T*)NativeMemory.Alloc(checked((nuint)((floats + 1) * sizeof(T) + integers * sizeof(long))));
        var integerWork = (long*)(work + floats + floats % 2);
        if (typeof(T) == typeof(float))
            s_ssyevd(&vectors, &lower, &n, (float*)matrix, &n, (float*)eigenvalues, (float*)work, &floats, integerWork, &integers, &info, 1, 1);
        else
            s_dsyevd(&vectors, &lower, &n, (double*)matrix, &n, (double*)eigenvalues, (double*)work, &floats, integerWork, &integers, &info, 1, 1);
        NativeMemory.Free(work);
        return (int)info == 0;
    }

    private static bool TryUse(nint library)
    {
        s_ssyevd = (Ssyevd)NativeTensor.Find(library, "ssyevd_");
        s_dsyevd = (Dsyevd)NativeTensor.Find(library, "dsyevd_");
        return s_ssyevd != null && s_dsyevd != null && IsRight<float>() && IsRight<double>();
    }

    // (2 1; · 2): λ = 1 and 3, the columns of Q are (1, −1)/√2 and (1, 1)/√2, but for signs.
    private static bool IsRight<T>() where T : unmanaged, IFloatingPointIeee754<T>
    {
        T one = T.One, two = one + one, tolerance = T.CreateChecked(1e-6);
        var a = stackalloc T[] { two, one, T.NaN, two };
        var eigenvalues = stackalloc T[2];
        return TryDecompose(a, 2, eigenvalues)
            && T.Abs(eigenvalues[0] - one) < tolerance && T.Abs(eigenvalues[1] - one - two) < tolerance
            && T.Abs(a[0] * a[1] + one / two) < tolerance && T.Abs(a[2] * a[3] - one / two) < tolerance;
    }
}
