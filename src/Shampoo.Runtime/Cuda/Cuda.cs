namespace Shampoo.Runtime;

/// <summary>Decides whether the sweeps of an optimizer run as CUDA kernels, and makes them ready.</summary>
internal static class Cuda
{
    /// <summary>The name of the <see cref="AppContext"/> switch that turns the kernels off when it is set to false.</summary>
    public const string Switch = "Shampoo.Cuda";

    private static readonly object s_lock = new();
    private static readonly Dictionary<(string Text, StorageKind Kind), CudaModule?> s_modules = [];
    private static readonly Dictionary<int, CudaDevice> s_devices = [];
    private static readonly HashSet<string> s_said = [];
    private static IEnumerable<string> s_nvrtcLibraries = CudaLibrary.Nvrtc;
    private static IEnumerable<string> s_driverLibraries = CudaLibrary.Driver;
    private static Nvrtc? s_nvrtc;
    private static CudaDriver? s_driver;

    /// <summary>Whether parameters in this process's memory are taken for ones on a device, as tests do that have libraries to match.</summary>
    internal static bool TakesMemory { get; private set; }

    /// <summary>
    /// Compiles kernels and tries them out. What is missing is said once, by <see cref="ShampooLog.Warning"/>, and known from then on.
    /// </summary>
    /// <param name="text">The generated kernels.</param>
    /// <param name="kind">The dtype and device of the parameters.</param>
    /// <param name="isTrusted">Whether the kernels are taken without being tried out.</param>
    /// <returns>Null if the sweeps have to be done by torch.</returns>
    public static CudaModule? TryPrepare(string text, StorageKind kind, bool isTrusted = false)
    {
        if (kind.DeviceType != (int)DeviceType.CUDA && !TakesMemory)
            return null;
        if (AppContext.TryGetSwitch(Switch, out var isOn) && !isOn)
            return null;
        lock (s_lock)
        {
            if (!s_modules.TryGetValue((text, kind), out var module))
                s_modules[(text, kind)] = module = Prepare(text, kind, isTrusted);
            return module;
        }
    }

    /// <summary>The same for a bucket, of whose parameters the kernels have to reach every block where it is.</summary>
    public static CudaModule? TryPrepare(string text, Bucket bucket, bool isTrusted = false)
    {
        var module = TryPrepare(text, bucket.Kind, isTrusted);
        return module is not null && bucket.Members.Select(member => member.Parameter).Distinct().All(CanReach) ? module : null;
    }

    /// <summary>The device of an index of torch's; throws a <see cref="CudaException"/> if it cannot be used.</summary>
    public static CudaDevice Device(int ordinal)
    {
        lock (s_lock)
        {
            s_driver ??= new CudaDriver(new CudaLibrary("the driver's libcuda.so.1", s_driverLibraries));
            if (!s_devices.TryGetValue(ordinal, out var device))
                s_devices[ordinal] = device = new CudaDevice(s_driver, ordinal);
            return device;
        }
    }

    /// <summary>Takes other libraries, or the usual ones again, and forgets what was prepared; for tests.</summary>
    internal static void Use(string? nvrtc, string? driver, bool takesMemory)
    {
        lock (s_lock)
        {
            s_nvrtcLibraries = nvrtc is null ? CudaLibrary.Nvrtc : [nvrtc];
            s_driverLibraries = driver is null ? CudaLibrary.Driver : [driver];
            TakesMemory = takesMemory;
            (s_nvrtc, s_driver) = (null, null);
            s_modules.Clear();
            s_devices.Clear();
            s_said.Clear();
        }
    }

    /// <summary>The options of the compiler.</summary>
    internal static string[] Options(string architecture, ScalarType type) =>
    [
        $"--gpu-architecture={architecture}",
        $"-Dreal={(type == ScalarType.Float64 ? "double" : "float")}",
        $"-DPARAMETER={Name(type)}",
        "--fmad=false", // all dialects round alike
        "--std=c++17",
    ];

    private static bool CanReach(BlockedParameter parameter)
    {
        var addresses = new BlockAddresses(parameter.Plan, parameter.Shape, parameter.Parameter.stride());
        return Enumerable.Range(0, parameter.Plan.Blocks.Length).All(block => Region.TryDescribe(out _, 0, addresses.Axes(block)));
    }

    private static CudaModule? Prepare(string text, StorageKind kind, bool isTrusted)
    {
        var type = (ScalarType)kind.ElementType;
        try
        {
            if (!NativeTensor.IsAvailable)
                throw new CudaException("TorchSharp's native library does not tell where tensors are");
            var device = Device(Math.Max(0, kind.DeviceIndex));
            s_nvrtc ??= new Nvrtc(new CudaLibrary("NVRTC, the compiler of CUDA kernels (libnvrtc.so),", s_nvrtcLibraries));
            var options = Options(s_nvrtc.ArchitectureFor(device.Capability), type);
            var module = new CudaModule(device, KernelCache.Compile(s_nvrtc, Prelude.Text + text, options));
            if (!isTrusted)
                CudaSelfTest.Run(module, kind);
            return module;
        }
        catch (CudaException exception)
        {
            WarnOnce($"no CUDA kernels for {type} on {kind.Device()}, torch's operators are used instead: {exception.Message}");
            return null;
        }
    }

    private static void WarnOnce(string line)
    {
        if (s_said.Add(line))
            ShampooLog.Warning(line);
    }

    private static string Name(ScalarType type) => type switch
    {
        ScalarType.Float32 => "float",
        ScalarType.Float64 => "double",
        ScalarType.BFloat16 => "bfloat16",
        ScalarType.Float16 => "float16",
        _ => throw new CudaException($"there is no arithmetic for {type}"),
    };
}
