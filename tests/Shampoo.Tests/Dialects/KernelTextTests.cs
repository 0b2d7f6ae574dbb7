using System.Reflection;
using Shampoo.Runtime;
using static TorchSharp.torch;

namespace Shampoo.Tests;

/// <summary>The kernels of every declaration here, compiled by CUDA's own compiler, which needs no GPU.</summary>
public sealed class KernelTextTests
{
    private static readonly ScalarType[] s_types = [ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16, ScalarType.Float16];

    [NvrtcFact]
    public void Kernels_of_all_declarations_compile()
    {
        var nvrtc = new Nvrtc(new CudaLibrary("NVRTC", CudaLibrary.Nvrtc));
        var architecture = $"sm_{nvrtc.Architectures[^1]}";
        var texts = Texts().ToArray();
        Assert.True(texts.Length > 100, $"Only {texts.Length} texts were found.");

        List<string> failures = [];
        for (var i = 0; i < texts.Length; i++)
        {
            var (declaration, text) = texts[i];
            var type = s_types[i % s_types.Length];
            try
            {
                Assert.NotEmpty(nvrtc.Compile(Prelude.Text + text, Cuda.Options(architecture, type)));
            }
            catch (CudaException exception)
            {
                failures.Add($"{declaration} in {type}: {exception.Message}");
            }
        }

        Assert.Empty(failures);
    }

    // Each text once, whichever of its declarations it is taken from.
    private static IEnumerable<(string Declaration, string Text)> Texts() => typeof(KernelTextTests).Assembly.GetTypes()
        .Select(type => (type.Name, type.GetNestedType("CudaBlocks", BindingFlags.NonPublic)?.GetField("Text")?.GetRawConstantValue() as string))
        .Where(text => text.Item2 is not null)
        .DistinctBy(text => text.Item2)
        .OrderBy(text => text.Name, StringComparer.Ordinal)!;

    private sealed class NvrtcFactAttribute : FactAttribute
    {
        public NvrtcFactAttribute()
        {
            try
            {
                _ = new CudaLibrary("NVRTC, which compiles kernels,", CudaLibrary.Nvrtc);
            }
            catch (CudaException exception)
            {
                Skip = exception.Message;
            }
        }
    }
}
