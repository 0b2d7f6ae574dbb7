using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Attributes;

/// <summary>However a number is written, it arrives as the same double.</summary>
public sealed class NumberTests
{
    [Theory]
    [InlineData("0.95", 0.95)]
    [InlineData("0.95d", 0.95)]
    [InlineData(".95", 0.95)]
    [InlineData("95e-2", 0.95)]
    [InlineData("9.5E-1", 0.95)]
    [InlineData("0.9_5", 0.95)]
    [InlineData("(0.95)", 0.95)]
    [InlineData("+0.95", 0.95)]
    [InlineData("1 - 0.05", 1 - 0.05)]
    [InlineData("0.95f", 0.95f)]
    [InlineData("0.1f + 0.2f", 0.1f + 0.2f)]
    [InlineData("Constants.Double", 0.1 + 0.2)]
    [InlineData("Constants.Single", 0.3f)]
    [InlineData("1.0 / 3", 1.0 / 3)]
    [InlineData("0.99999999999999989", 0.99999999999999989, true)]
    public void Constants_arrive_unchanged(string text, double expected, bool inFloat64 = false)
    {
        const string Constants = "static class Constants { public const double Double = 0.1 + 0.2; public const float Single = 0.3f; }";
        Generation generation = Generation.Of(TestProject.Of(
            $"[RootInverse(Eigh, Beta2 = {text})] {(inFloat64 ? "[Precision(Factors = Float64)]" : "")} public sealed partial class Optimizer; {Constants}")).Reporting().Compiling();
        Assert.Equal([expected, expected, expected], DefaultTests.ArgumentDefaults(generation.Source, "beta2"));
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("0x10", 16)]
    [InlineData("0b11", 3)]
    [InlineData("'A'", 65)]
    [InlineData("1UL", 1)]
    [InlineData("int.MaxValue", int.MaxValue)]
    [InlineData("float.MaxValue", float.MaxValue)]
    [InlineData("1e-30f * 2", 2e-30f)]
    public void Constants_of_other_types_arrive_as_doubles(string text, double expected)
    {
        Generation generation = Generation.Of(TestProject.Declaring($"[RootInverse(Eigh, Epsilon = {text})]")).Reporting().Compiling();
        Assert.Equal([expected, expected, expected], DefaultTests.ArgumentDefaults(generation.Source, "epsilon"));
    }

    [Theory]
    [InlineData("-0.0", "SHMP005")]
    [InlineData("-1", "SHMP005")]
    [InlineData("0.0 / 0", "SHMP005")]
    [InlineData("float.NaN", "SHMP005")]
    [InlineData("float.NegativeInfinity", "SHMP005")]
    [InlineData("float.Epsilon", "SHMP014")]
    [InlineData("double.MaxValue", "SHMP014")]
    public void What_is_no_size_is_reported(string text, string id) => Generation.Of(TestProject.Declaring($"[RootInverse(Eigh, Epsilon = {text})]")).Reporting(id);
}
