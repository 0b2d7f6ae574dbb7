using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Shampoo.Generators.Tests.Graph;

/// <summary>Kernels as a library of plain C++ functions: one thread, one block of one chunk.</summary>
internal sealed class HostKernels : IDisposable
{
    private const string Prelude = """
        #include <cmath>
        #define __global__
        typedef double real;
        // The arrays of this machine are of double, whatever they are declared to be: what rounds is not what is tested here.
        typedef double bfloat16;
        typedef double float16;
        typedef const double* Gradient;
        typedef double* Parameters;
        struct Arguments { long long blocks, elements, chunk; void** table; void* arrays[16]; double* norms[8]; double numbers[48]; };
        static Gradient gradient_of(const Arguments& a) { return (Gradient)a.table[0]; }
        static Parameters parameters_of(const Arguments& a) { return (Parameters)a.table[1]; }
        static long long first(const Arguments&) { return 0; }
        static long long last(const Arguments& a) { return a.elements; }
        static long long stride() { return 1; }
        static real load(const real& x) { return x; }
        static void store(real& to, real x) { to = x; }
        static real sign(real x) { return (x > 0) - (x < 0); }
        static double square(real x) { return x * x; }
        static double norm(const Arguments& a, int k) { return *a.norms[k]; }
        static double rms(const Arguments& a, int k) { return norm(a, k) / std::sqrt((double)a.elements); }
        static double at_least_one(double x) { return x < 1 ? 1 : x; }
        static void add_squares(const Arguments& a, int k, double squares) { *a.norms[k] = std::sqrt(squares); }

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("shampoo-kernels-").FullName;
    private readonly nint _library;

    /// <param name="text">The kernels.</param>
    /// <param name="names">Their names.</param>
    public HostKernels(string text, IEnumerable<string> names)
    {
        string source = Path.Combine(_folder, "kernels.cpp"), library = Path.Combine(_folder, "kernels.so");
        File.WriteAllText(source, Prelude + text + string.Concat(names.Select(static name => $"extern \"C\" void call_{name}(const Arguments* a) {{ {name}(*a); }}\n")));
        Compile("-O0", "-ffp-contract=off", "-shared", "-fPIC", "-o", library, source);
        _library = NativeLibrary.Load(library);
    }

    private delegate void Kernel(in Arguments arguments);

    /// <summary>The path of g++, or null.</summary>
    public static string? Compiler { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(static folder => Path.Combine(folder, "g++")).FirstOrDefault(File.Exists);

    /// <summary>Asserts that the compiler has no complaint about kernels.</summary>
    public static void RequireNoWarnings(string text)
    {
        string source = Path.GetTempFileName();
        File.WriteAllText(source, Prelude + text);
        Compile("-x", "c++", "-fsyntax-only", "-Wall", "-Wextra", "-Wno-unused-function", "-Werror", source);
        File.Delete(source);
    }

    /// <summary>Runs a kernel over arrays and norms in its order, and changes them.</summary>
    public void Run(string kernel, double[] gradient, double[] parameters, double[][] arrays, double[] norms, double[] numbers)
    {
        var pins = new List<GCHandle>();
        var arguments = new Arguments
        {
            Blocks = 1, Elements = gradient.Length, Chunk = gradient.Length,
            Table = Pin(new[] { Pin(gradient), Pin(parameters) }),
            Arrays = new nint[16], Norms = new nint[8], Numbers = new double[48],
        };
        for (int k = 0; k < arrays.Length; k++) arguments.Arrays[k] = Pin(arrays[k]);
        nint all = Pin(norms);
        for (int k = 0; k < norms.Length; k++) arguments.Norms[k] = all + k * sizeof(double);
        numbers.CopyTo(arguments.Numbers, 0);
        Marshal.GetDelegateForFunctionPointer<Kernel>(NativeLibrary.GetExport(_library, $"call_{kernel}"))(arguments);
        foreach (GCHandle pin in pins) pin.Free();

        nint Pin(object array)
        {
            pins.Add(GCHandle.Alloc(array, GCHandleType.Pinned));
            return pins[^1].AddrOfPinnedObject();
        }
    }

    public void Dispose()
    {
        NativeLibrary.Free(_library);
        Directory.Delete(_folder, recursive: true);
    }

    private static void Compile(params string[] arguments)
    {
        using Process compiler = Process.Start(new ProcessStartInfo(Compiler!, arguments) { RedirectStandardError = true })!;
        string errors = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        Assert.True(compiler.ExitCode == 0, errors);
    }

    private struct Arguments
    {
        public long Blocks, Elements, Chunk;
        public nint Table;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 16)] public nint[] Arrays;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 8)] public nint[] Norms;
        [MarshalAs(UnmanagedType.ByValArray, SizeConst = 48)] public double[] Numbers;
    }
}

/// <summary>A test that needs g++, and says so where there is none.</summary>
internal sealed class HostKernelsFactAttribute : FactAttribute
{
    public HostKernelsFactAttribute()
    {
        if (HostKernels.Compiler is null) Skip = "There is no g++ to compile kernels with.";
    }
}
