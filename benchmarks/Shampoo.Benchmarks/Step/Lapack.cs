using System.Runtime.InteropServices;

namespace Shampoo.Benchmarks.Step;

/// <summary>Symmetric eigendecompositions by LAPACK itself, without torch.</summary>
internal static unsafe class Lapack
{
    private static readonly delegate* unmanaged<byte*, byte*, int*, float*, int*, float*, float*, int*, int*, int*, int*, nint, nint, void> s_ssyevd = Find("ssyevd_");

    public static bool IsAvailable => s_ssyevd != null;

    /// <summary>How many numbers and integers of working memory a decomposition takes.</summary>
    public static (int Floats, int Integers) WorkOf(int n)
    {
        float size;
        int integers, query = -1, info;
        Call(n, null, null, &size, query, &integers, query, &info);
        return ((int)size, integers);
    }

    /// <summary>Replaces a symmetric matrix by its eigenvectors.</summary>
    public static void Decompose(int n, float* matrix, float* eigenvalues, float* work, int workLength, int* integers, int integersLength)
    {
        int info;
        Call(n, matrix, eigenvalues, work, workLength, integers, integersLength, &info);
        if (info != 0)
            throw new ExternalException($"ssyevd: {info}");
    }

    private static void Call(int n, float* matrix, float* eigenvalues, float* work, int workLength, int* integers, int integersLength, int* info)
    {
        byte vectors = (byte)'V', upper = (byte)'U';
        s_ssyevd(&vectors, &upper, &n, matrix, &n, eigenvalues, work, &workLength, integers, &integersLength, info, 1, 1);
    }

    private static delegate* unmanaged<byte*, byte*, int*, float*, int*, float*, float*, int*, int*, int*, int*, nint, nint, void> Find(string name)
    {
        foreach (var library in new[] { "libopenblas.so.0", "liblapack.so.3", "libmkl_rt.so.2" })
        {
            if (NativeLibrary.TryLoad(library, out var handle) && NativeLibrary.TryGetExport(handle, name, out var address))
                return (delegate* unmanaged<byte*, byte*, int*, float*, int*, float*, float*, int*, int*, int*, int*, nint, nint, void>)address;
        }
        return null;
    }
}
