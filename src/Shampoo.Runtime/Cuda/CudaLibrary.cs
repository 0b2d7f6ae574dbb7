using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>A native library and where to look for it.</summary>
internal sealed class CudaLibrary
{
    private readonly nint _handle;
    private readonly string _name;

    /// <summary>Loads the first of the candidates that can be loaded; throws a <see cref="CudaException"/> if none can.</summary>
    /// <param name="name">What is looked for, for the message.</param>
    /// <param name="candidates">Paths, or names for the search of the system's loader (<c>LD_LIBRARY_PATH</c> and its cache).</param>
    public CudaLibrary(string name, IEnumerable<string> candidates)
    {
        _name = name;
        foreach (var candidate in candidates)
        {
            if (!NativeLibrary.TryLoad(candidate, out _handle))
                continue;
            _name = candidate;
            return;
        }
        throw new CudaException($"{name} was not found");
    }

    /// <summary>The library of the driver.</summary>
    public static IEnumerable<string> Driver => ["libcuda.so.1"];

    /// <summary>The libraries of NVRTC: those that came with libtorch before those of the system.</summary>
    public static IEnumerable<string> Nvrtc =>
    [
        .. FoldersOfTorch().SelectMany(Libraries),
        "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so",
        .. Libraries("/usr/local/cuda/lib64"),
    ];

    /// <summary>
    /// The libraries of cuSOLVER: the one that torch has loaded, which it does before its first decomposition, before those that came with it and
    /// those of the system.
    /// </summary>
    public static IEnumerable<string> Solver =>
    [
        .. Loaded("libcusolver").Where(static path => !Path.GetFileName(path).StartsWith("libcusolverMg", StringComparison.Ordinal)),
        .. BesideTorch("../../nvidia/cusolver/lib", "libcusolver.so.11"), .. BesideTorch("../../nvidia/cu13/lib", "libcusolver.so.12"),
        "libcusolver.so.12", "libcusolver.so.11",
    ];

    /// <summary>The libraries of cuBLAS: the one that torch has loaded, and those of the system.</summary>
    public static IEnumerable<string> Blas =>
    [
        .. Loaded("libcublas").Where(static path => !Path.GetFileName(path).StartsWith("libcublasLt", StringComparison.Ordinal)),
        "libcublas.so.13", "libcublas.so.12", "libcublas.so.11",
    ];

    /// <summary>What of torch knows its streams; loaded where there are tensors on a GPU.</summary>
    public static IEnumerable<string> TorchStreams => Loaded("libc10_cuda");

    /// <summary>
    /// The libraries of NVRTC in a folder. The packages of libtorch carry a hash in the name: libnvrtc-1a2b3c4d.so.12. The library of builtins is
    /// loaded by NVRTC itself, and the alternative one (.alt) is for kernels with special needs.
    /// </summary>
    internal static IEnumerable<string> Libraries(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "libnvrtc*.so*").Where(path => !IsOther(Path.GetFileName(path))).Order(StringComparer.Ordinal)
        : [];

    /// <summary>A file of torch's Python packages, if there is one.</summary>
    /// <param name="folder">Relative to the folder of libtorch.</param>
    /// <param name="file">Its name.</param>
    internal static IEnumerable<string> BesideTorch(string folder, string file) =>
        LoadedFrom("libtorch").Select(torch => Path.Combine(torch, folder, file)).Where(File.Exists);

    private static bool IsOther(string file) =>
        file.StartsWith("libnvrtc-builtins", StringComparison.Ordinal) || file.Contains(".alt.", StringComparison.Ordinal);

    /// <summary>The address of a function; throws a <see cref="CudaException"/> if there is none.</summary>
    public nint Find(string function) => NativeLibrary.TryGetExport(_handle, function, out var address)
        ? address
        : throw new CudaException($"{_name} has no function {function}; a newer version is needed");

    // Beside libtorch, and where its Python packages keep what it needs.
    private static IEnumerable<string> FoldersOfTorch()
    {
        foreach (var folder in LoadedFrom("libtorch"))
        {
            yield return folder;
            yield return Path.Combine(folder, "../../nvidia/cuda_nvrtc/lib");
            yield return Path.Combine(folder, "../../nvidia/cu13/lib");
        }
    }

    private static IEnumerable<string> LoadedFrom(string library) => Loaded(library).Select(static path => Path.GetDirectoryName(path)!).Distinct();

    /// <summary>The paths of what this process has loaded whose name begins so; none where the system does not say.</summary>
    internal static IEnumerable<string> Loaded(string library)
    {
        try
        {
            return
            [
                .. File.ReadLines("/proc/self/maps")
                    .Where(line => line.Contains("/" + library, StringComparison.Ordinal))
                    .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..])
                    .Distinct(),
            ];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
