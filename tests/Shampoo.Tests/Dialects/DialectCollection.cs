using Shampoo.Runtime;
using Shampoo.Runtime.Tests;

namespace Shampoo.Tests.Dialects;

/// <summary>
/// Has libraries that play CUDA on the CPU for as long as its tests run, where there is a compiler for kernels; each is compiled once.
/// They take part only within <see cref="DialectRun"/>.
/// </summary>
public sealed class DialectFixture : IDisposable
{
    private readonly CudaFakes? _fakes;

    public DialectFixture()
    {
        AppContext.SetSwitch(Cuda.Switch, false);
        _fakes = Programs.Missing("g++") is null ? new CudaFakes() : null;
    }

    public void Dispose()
    {
        _fakes?.Dispose();
        AppContext.SetSwitch(Cuda.Switch, true);
        Assert.Empty(_fakes?.Warnings ?? []);
    }
}

[CollectionDefinition(Name)]
public sealed class DialectCollection : ICollectionFixture<DialectFixture>
{
    public const string Name = "Dialects";
}

/// <summary>A test of kernels, which needs a compiler for them.</summary>
internal sealed class DialectTheoryAttribute : TheoryAttribute
{
    public DialectTheoryAttribute() => Skip = Programs.Missing("g++");
}
