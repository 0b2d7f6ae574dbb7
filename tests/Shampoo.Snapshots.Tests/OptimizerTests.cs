using Shampoo.Generators.Tests.Snapshots;

namespace Shampoo.Snapshots.Tests;

/// <summary>The optimizers of samples/Digits, as its user would review them.</summary>
public sealed class OptimizerTests
{
    [Fact]
    public Task DigitsShampoo() =>
        GeneratedCode.Verify("obj/generated", "Digits.DigitsShampoo");

    [Fact]
    public Task DigitsAdamW() =>
        GeneratedCode.Verify("obj/generated", "Digits.DigitsAdamW");
}
