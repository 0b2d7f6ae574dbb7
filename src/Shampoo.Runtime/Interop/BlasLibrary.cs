using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>
/// Where BLAS may be: first among the libraries that torch was linked with (a search in a library goes on in those that it needs),
/// then under its usual names.
/// </summary>
internal static class BlasLibrary
{
    private static readonly string[] s_names = ["libtorch_cpu.so", "libopenblas.so.0", "libmkl_rt.so.2", "libmkl_rt.so", "libblas.so.3"];

    public static IEnumerable<nint> Candidates()
    {
        if (NativeTensor.TryLoad(out var library))
            yield return library;
        foreach (var name in s_names)
        {
            if (NativeLibrary.TryLoad(name, out library))
                yield return library;
        }
    }
}
