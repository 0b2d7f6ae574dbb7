using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Shampoo.Runtime.Tests;

/// <summary>
/// For as long as it lives, CUDA is played by libraries that compile kernels with g++ and run them on the CPU, on parameters in memory.
/// Kernels are cached in a folder of its own.
/// </summary>
internal sealed unsafe class CudaFakes : IDisposable
{
    private static readonly Lazy<string> s_libraries = new(CompileLibraries);
    private readonly Action<string> _warning = ShampooLog.Warning;

    public CudaFakes(int capability = 90)
    {
        Cache = Directory.CreateTempSubdirectory("shampoo-cache-").FullName;
        Environment.SetEnvironmentVariable("SHAMPOO_CACHE", Cache);
        ShampooLog.Warning = Warnings.Add;
        SetCapability(capability);
        Restart();
    }

    public static string Nvrtc => Path.Combine(s_libraries.Value, "libnvrtc.so");

    public static string Driver => Path.Combine(s_libraries.Value, "libcuda.so");

    public static string Solver => Path.Combine(s_libraries.Value, "libcusolver.so");

    public static string TorchStreams => Path.Combine(s_libraries.Value, "libc10_cuda.so");

    public static string Blas => Path.Combine(s_libraries.Value, "libcublas.so");

    public static string Nccl => Path.Combine(s_libraries.Value, "libnccl.so");

    /// <summary>The folder of the sources.</summary>
    public static string Sources => Path.Combine(Path.GetDirectoryName(ThisFile())!, "cuda");

    public string Cache { get; }

    public List<string> Warnings { get; } = [];

    /// <summary>The options that NVRTC was last called with, a space after each.</summary>
    public static string Options => Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)Export(Nvrtc, "fake_options"))())!;

    /// <summary>How many contexts were pushed and not popped.</summary>
    public static int Depth => ((delegate* unmanaged<int>)Export(Driver, "fake_depth"))();

    public static void SetCapability(int capability) => ((delegate* unmanaged<int, void>)Export(Driver, "fake_capability"))(capability);

    /// <summary>As in a new process, whose cache on disk is what the last one left.</summary>
    public static void Restart(string? nvrtc = null, string? driver = null) => Cuda.Use(nvrtc ?? Nvrtc, driver ?? Driver, takesMemory: true);

    /// <summary>Has stacks of matrices in memory decomposed by a library, as in a new process.</summary>
    public static void UseSolver(string? library = null) => CudaSolver.Prepared.Use(library ?? Solver, takesMemory: true);

    /// <summary>The most matrices that a call of cuSOLVER takes, and how many bytes it needs for each.</summary>
    public static void SetSolver(long matrices = 1 << 20, long bytes = 64)
    {
        ((delegate* unmanaged<long, void>)Export(Solver, "fake_most"))(matrices);
        ((delegate* unmanaged<nuint, void>)Export(Solver, "fake_bytes"))((nuint)bytes);
    }

    /// <summary>The stream that a stack was last decomposed on.</summary>
    public static nint SolverStream => ((delegate* unmanaged<nint>)Export(Solver, "fake_stream"))();

    /// <summary>Has refreshes beside steps computed on streams of a library, as in a new process.</summary>
    public static void UseStreams(string? library = null) => SideStream.Prepared.Use(library ?? TorchStreams, takesMemory: true);

    /// <summary>Has statistics of blocks in memory added up by a library, as in a new process.</summary>
    public static void UseBlas(string? library = null) => CudaBlas.Prepared.Use(library ?? Blas, takesMemory: true);

    /// <summary>How products of float32 were last computed: cublasMath_t.</summary>
    public static int Math => ((delegate* unmanaged<int>)Export(Blas, "fake_math"))();

    /// <summary>The number of the stream that this thread's operators go to; 0 for the default one.</summary>
    public static long CurrentStream => ((delegate* unmanaged<long>)Export(TorchStreams, "fake_current"))();

    /// <summary>This thread's operators go to the default stream.</summary>
    public static void ResetStream() => ((delegate* unmanaged<void>)Export(TorchStreams, "fake_reset"))();

    /// <summary>How often a function was called since the libraries were loaded.</summary>
    public static int Count(string call)
    {
        fixed (byte* name = Text(call))
            return ((delegate* unmanaged<byte*, int>)Export(LibraryOf(call), "fake_count"))(name);
    }

    /// <summary>Lets a function fail until the result is disposed.</summary>
    public static IDisposable Fail(string call, int code)
    {
        Set(call, code);
        return new Restore(() => Set(call, 0));
    }

    /// <summary>Makes a library of some C++.</summary>
    public static string Library(string name, string source)
    {
        var path = Path.Combine(s_libraries.Value, name + ".cpp");
        File.WriteAllText(path, source);
        Compile(path, Path.Combine(s_libraries.Value, name + ".so"));
        return Path.Combine(s_libraries.Value, name + ".so");
    }

    /// <summary>Runs a program and returns what it wrote to standard error.</summary>
    public static (int Status, string Errors) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }

    public void Dispose()
    {
        Cuda.Use(null, null, takesMemory: false);
        CudaSolver.Prepared.Use(null, takesMemory: false);
        SideStream.Prepared.Use(null, takesMemory: false);
        CudaBlas.Prepared.Use(null, takesMemory: false);
        ShampooLog.Warning = _warning;
        Environment.SetEnvironmentVariable("SHAMPOO_CACHE", null);
        Directory.Delete(Cache, recursive: true);
        Assert.Equal(0, Depth);
    }

    private static string CompileLibraries()
    {
        var folder = Directory.CreateTempSubdirectory("shampoo-cuda-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (var name in (string[])["nvrtc", "cuda", "nccl", "cusolver", "cublas", "c10_cuda"])
            Compile(Path.Combine(Sources, name + ".cpp"), Path.Combine(folder, $"lib{name}.so"));
        return folder;
    }

    private static void Compile(string source, string library)
    {
        var (status, errors) = Run(
            Programs.Find("g++")!, "-std=c++17", "-shared", "-fPIC", "-O1", "-fvisibility=hidden", "-fno-gnu-unique",
            $"-DCXX=\"{Programs.Find("g++")}\"", $"-DGRID=\"{Path.Combine(Sources, "grid.h")}\"", "-o", library, source, "-ldl", "-pthread");
        Assert.True(status == 0, errors);
    }

    private static void Set(string call, int code)
    {
        fixed (byte* name = Text(call))
            ((delegate* unmanaged<byte*, int, void>)Export(LibraryOf(call), "fake_fail"))(name, code);
    }

    private static string LibraryOf(string call) => call switch
    {
        _ when call.StartsWith("nvrtc", StringComparison.Ordinal) => Nvrtc,
        _ when call.StartsWith("nccl", StringComparison.Ordinal) => Nccl,
        _ when call.StartsWith("cusolver", StringComparison.Ordinal) => Solver,
        _ when call.StartsWith("cublas", StringComparison.Ordinal) => Blas,
        _ when call.Contains("Stream", StringComparison.Ordinal) && !call.StartsWith("cu", StringComparison.Ordinal) => TorchStreams,
        _ => Driver,
    };

    private static nint Export(string library, string name) => NativeLibrary.GetExport(NativeLibrary.Load(library), name);

    private static byte[] Text(string text) => System.Text.Encoding.UTF8.GetBytes(text + "\0");

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private sealed class Restore(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}

/// <summary>A test that needs g++ or another program.</summary>
internal sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute(string program = "g++") => Skip = Programs.Missing(program);
}

/// <inheritdoc cref="CudaFactAttribute"/>
internal sealed class CudaTheoryAttribute : TheoryAttribute
{
    public CudaTheoryAttribute(string program = "g++") => Skip = Programs.Missing(program);
}

internal static class Programs
{
    /// <summary>The path of a program, or of the last of its versions (<c>clang++-14</c>); null if it is not installed.</summary>
    public static string? Find(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(Directory.Exists).ToArray();
        return folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
            ?? folders.SelectMany(folder => Directory.GetFiles(folder, program + "-*")).Where(path => char.IsAsciiDigit(path[^1])).Max(StringComparer.Ordinal);
    }

    /// <summary>Why a test is skipped; null if the program is there.</summary>
    public static string? Missing(string program) => Find(program) is null ? $"{program} is not installed" : null;
}
