namespace Shampoo.Runtime.Tests;

public sealed class CudaKernelCacheTests
{
    private const string Text = """extern "C" __global__ void nothing(const Arguments a) {}""";

    private static readonly StorageKind s_float32 = new((int)ScalarType.Float32, (int)DeviceType.CPU, -1);

    [CudaFact]
    public void Compiles_once_for_all_processes()
    {
        using var fakes = new CudaFakes();

        Assert.Equal(1, Compilations(Text));
        Assert.Equal(0, Compilations(Text));

        var file = Assert.Single(Files(fakes));
        Assert.Equal(Path.Combine(fakes.Cache, "shampoo", "kernels"), Path.GetDirectoryName(file));
        Assert.Matches("^[0-9A-F]{64}[.]cubin$", Path.GetFileName(file));
    }

    [CudaFact]
    public void Compiles_again_for_another_text_type_or_device()
    {
        using var fakes = new CudaFakes(capability: 80);

        Assert.Equal(1, Compilations(Text));
        Assert.Equal(1, Compilations(Text + " // something else"));
        Assert.Equal(1, Compilations(Text, ScalarType.Float64));
        CudaFakes.SetCapability(90);
        Assert.Equal(1, Compilations(Text));
        Assert.Equal(4, Files(fakes).Length);
    }

    [CudaTheory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(32)]
    [InlineData(5000)]
    public void Compiles_again_what_is_damaged(int length)
    {
        using var fakes = new CudaFakes();
        Assert.Equal(1, Compilations(Text));
        var file = Files(fakes).Single();
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..length]);

        Assert.Equal(1, Compilations(Text));

        Assert.Equal(bytes.Length, File.ReadAllBytes(file).Length);
        Assert.Equal(0, Compilations(Text));
    }

    [CudaFact]
    public void Goes_on_without_a_cache()
    {
        using var fakes = new CudaFakes();
        var file = Path.Combine(fakes.Cache, "file");
        File.WriteAllText(file, "");
        Environment.SetEnvironmentVariable("SHAMPOO_CACHE", file);

        Assert.Equal(1, Compilations(Text));
        Assert.Equal(1, Compilations(Text));
        Assert.Empty(fakes.Warnings);
    }

    [Fact]
    public void Lies_in_the_first_folder_that_is_set()
    {
        var (shampoo, xdg) = (Environment.GetEnvironmentVariable("SHAMPOO_CACHE"), Environment.GetEnvironmentVariable("XDG_CACHE_HOME"));
        try
        {
            Environment.SetEnvironmentVariable("SHAMPOO_CACHE", "/one");
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", "/two");
            Assert.Equal("/one/shampoo/kernels", KernelCache.Folder);
            Environment.SetEnvironmentVariable("SHAMPOO_CACHE", "");
            Assert.Equal("/two/shampoo/kernels", KernelCache.Folder);
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", null);
            Assert.EndsWith("/.cache/shampoo/kernels", KernelCache.Folder);
        }
        finally
        {
            Environment.SetEnvironmentVariable("SHAMPOO_CACHE", shampoo);
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", xdg);
        }
    }

    private static int Compilations(string text, ScalarType type = ScalarType.Float32)
    {
        CudaFakes.Restart();
        var before = CudaFakes.Count("nvrtcCompileProgram");
        Assert.NotNull(Cuda.TryPrepare(text, s_float32 with { ElementType = (int)type }));
        return CudaFakes.Count("nvrtcCompileProgram") - before;
    }

    private static string[] Files(CudaFakes fakes) => Directory.GetFiles(fakes.Cache, "*", SearchOption.AllDirectories);
}
