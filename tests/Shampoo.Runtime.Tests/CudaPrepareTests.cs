namespace Shampoo.Runtime.Tests;

public sealed class CudaPrepareTests
{
    private const string Text = """extern "C" __global__ void nothing(const Arguments a) {}""";

    private static readonly StorageKind s_float32 = new((int)ScalarType.Float32, (int)DeviceType.CPU, -1);

    public static TheoryData<ScalarType, string, string> Types => new()
    {
        { ScalarType.Float32, "float", "float" },
        { ScalarType.Float64, "double", "double" },
        { ScalarType.BFloat16, "float", "bfloat16" },
        { ScalarType.Float16, "float", "float16" },
    };

    [CudaTheory]
    [MemberData(nameof(Types))]
    public void Compiles_for_the_device_and_the_type(ScalarType type, string real, string parameter)
    {
        using var fakes = new CudaFakes();

        Assert.NotNull(Cuda.TryPrepare(Text, s_float32 with { ElementType = (int)type }));

        Assert.Equal($"--gpu-architecture=sm_90 -Dreal={real} -DPARAMETER={parameter} --fmad=false --std=c++17 ", CudaFakes.Options);
        Assert.Empty(fakes.Warnings);
    }

    [CudaFact]
    public void Makes_a_module_once()
    {
        using var fakes = new CudaFakes();
        var before = CudaFakes.Count("cuModuleLoadData");

        var module = Cuda.TryPrepare(Text, s_float32);

        Assert.Same(module, Cuda.TryPrepare(Text, s_float32));
        Assert.Equal(before + 1, CudaFakes.Count("cuModuleLoadData"));
    }

    [CudaFact]
    public void Says_which_kernel_is_missing()
    {
        using var fakes = new CudaFakes();
        var module = Cuda.TryPrepare(Text, s_float32)!;

        Assert.Contains("cuModuleGetFunction of something", Assert.Throws<CudaException>(() => module.Kernel("something")).Message);
    }

    [CudaFact]
    public void Lets_the_driver_compile_for_a_device_that_is_newer_than_nvrtc()
    {
        using var fakes = new CudaFakes(capability: 121);
        var before = CudaFakes.Count("nvrtcGetPTX");

        Assert.NotNull(Cuda.TryPrepare(Text, s_float32));

        Assert.StartsWith("--gpu-architecture=compute_90 ", CudaFakes.Options);
        Assert.Equal(before + 1, CudaFakes.Count("nvrtcGetPTX"));
    }

    [CudaFact]
    public void Needs_a_device_that_nvrtc_knows() =>
        AssertWarns(new CudaFakes(capability: 61), Text, "NVRTC 12.8 does not compile for a device of compute capability 6.1");

    [CudaFact]
    public void Says_what_the_compiler_says() =>
        AssertWarns(new CudaFakes(), "nonsense;", "nvrtcCompileProgram failed with code 6 (NVRTC_ERROR_COMPILATION: ", "shampoo.cu:", "error: 'nonsense' does not name a type");

    [CudaFact]
    public void Says_which_call_failed()
    {
        using var failure = CudaFakes.Fail("cuLaunchKernel", 719);
        AssertWarns(new CudaFakes(), Text, "cuLaunchKernel failed with code 719 (CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure)");
    }

    [CudaFact]
    public void Knows_that_an_error_has_no_text()
    {
        using var failure = CudaFakes.Fail("cuInit", 999);
        AssertWarns(new CudaFakes(), Text, "cuInit failed with code 999 (unknown to this driver");
    }

    [CudaFact]
    public void Does_not_trust_a_device_that_counts_wrong()
    {
        const int DoesNothing = -1;
        using var failure = CudaFakes.Fail("cuLaunchKernel", DoesNothing);
        AssertWarns(new CudaFakes(), Text, "wrong numbers");
    }

    [CudaFact]
    public void Says_which_library_is_missing()
    {
        var fakes = new CudaFakes();
        CudaFakes.Restart(nvrtc: "/nowhere/libnvrtc.so");
        AssertWarns(fakes, Text, "NVRTC, the compiler of CUDA kernels (libnvrtc.so), was not found");

        fakes = new CudaFakes();
        CudaFakes.Restart(driver: "/nowhere/libcuda.so");
        AssertWarns(fakes, Text, "the driver's libcuda.so.1 was not found");
    }

    [Fact]
    public void Finds_the_libraries_of_a_folder_of_libtorch()
    {
        var folder = Directory.CreateTempSubdirectory("shampoo-libtorch-").FullName;
        foreach (var file in (string[])["libnvrtc-1a2b3c4d.so.12", "libnvrtc-builtins-5e6f.so.12.8", "libnvrtc.alt.so.12", "libnvrtc.so.12", "libcublas.so.12"])
            File.WriteAllText(Path.Combine(folder, file), "");

        Assert.Equal(["libnvrtc-1a2b3c4d.so.12", "libnvrtc.so.12"], CudaLibrary.Libraries(folder).Select(Path.GetFileName));

        Directory.Delete(folder, recursive: true);
        Assert.Empty(CudaLibrary.Libraries(folder));
    }

    [CudaFact]
    public void Says_which_function_is_missing()
    {
        var empty = CudaFakes.Library("empty", "int nothing;");
        var fakes = new CudaFakes();
        CudaFakes.Restart(nvrtc: empty);
        AssertWarns(fakes, Text, "empty.so has no function nvrtcGetErrorString");

        fakes = new CudaFakes();
        CudaFakes.Restart(driver: empty);
        AssertWarns(fakes, Text, "empty.so has no function cuGetErrorName");
    }

    [CudaFact]
    public void Is_silent_where_it_is_switched_off()
    {
        using var fakes = new CudaFakes();
        using (new SwitchedOff(Cuda.Switch))
            Assert.Null(Cuda.TryPrepare(Text, s_float32));
        Assert.Empty(fakes.Warnings);
        Assert.NotNull(Cuda.TryPrepare(Text, s_float32));
    }

    [Fact]
    public void Leaves_parameters_in_memory_alone() => Assert.Null(Cuda.TryPrepare(Text, s_float32));

    private static void AssertWarns(CudaFakes fakes, string text, params string[] parts)
    {
        using (fakes)
        {
            Assert.Null(Cuda.TryPrepare(text, s_float32));
            Assert.Null(Cuda.TryPrepare(text, s_float32));
            Assert.Null(Cuda.TryPrepare(text, s_float32 with { DeviceIndex = 0 }));

            var warning = Assert.Single(fakes.Warnings);
            Assert.StartsWith("no CUDA kernels for Float32 on cpu, torch's operators are used instead: ", warning);
            Assert.All(parts, part => Assert.Contains(part, warning));
        }
    }
}
