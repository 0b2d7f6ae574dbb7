using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Incremental;

/// <summary>One class, one output: whatever the order of attributes, parts and files.</summary>
public sealed class PartsTests
{
    private static readonly string[] Attributes =
    [
        "[Grafting(Adam)]", "[RootInverse(Eigh)]", "[Preconditioning(MaxDimension = 8)]", "[FirstMoment]", "[WeightDecay(Decoupled)]",
    ];

    private static readonly TestProject OnOnePart = TestProject.Declaring(string.Join("\n", Attributes));

    [Fact]
    public void The_order_of_attributes_does_not_matter()
    {
        string expected = Generation.Of(OnOnePart).Source;
        for (int shift = 1; shift < Attributes.Length; shift++)
            Assert.Equal(expected, Generation.Of(TestProject.Declaring(string.Join(" ", Attributes[shift..].Concat(Attributes[..shift])))).Source);
        Assert.Equal(expected, Generation.Of(TestProject.Declaring(string.Join("\n", Attributes.Reverse()))).Source);
        Assert.Equal(expected, Generation.Of(TestProject.Declaring($"[{string.Join(", ", Attributes.Select(static a => a[1..^1]))}]")).Source);
    }

    [Fact]
    public void Attributes_may_be_spread_over_parts_and_files_in_any_order()
    {
        TestFile usings = OnOnePart.Files[1];
        TestFile[] parts = [.. Attributes.Select(static (attribute, i) => new TestFile($"{i}.cs", $"{attribute} public sealed partial class Optimizer {{ }}"))];
        string expected = Generation.Of(OnOnePart).Source;
        foreach (TestFile[] order in Permutations(parts[..4]))
            Assert.Equal(expected, Generation.Of(new TestProject([.. order, parts[4], usings])).Reporting().Source);
    }

    [Fact]
    public void Files_without_a_path_or_with_the_same_one_are_told_apart()
    {
        TestFile[] parts = [.. Attributes.Select(static attribute => new TestFile("", $"{attribute} public sealed partial class Optimizer {{ }}"))];
        Assert.Equal(Generation.Of(OnOnePart).Source, Generation.Of(new TestProject([.. parts, OnOnePart.Files[1]])).Source);
    }

    [Fact]
    public void Parts_in_one_file_are_one_class()
    {
        string source = string.Concat(Attributes.Select(static attribute => $"{attribute} public sealed partial class Optimizer {{ }}\n")) + "partial class Optimizer { }";
        Assert.Equal(Generation.Of(OnOnePart).Source, Generation.Of(TestProject.Of(source)).Reporting().Compiling().Source);
    }

    [Fact]
    public void A_diagnostic_is_reported_once_wherever_the_parts_are()
    {
        string source = string.Concat(Attributes.Select(static attribute => $"{attribute} public sealed partial class Optimizer {{ }}\n"));
        Generation.Of(TestProject.Of(source + "[Distributed(FSDP)] partial class Optimizer { }")).Reporting("SHMP003");
        Generation.Of(TestProject.Of("[Distributed(FSDP)] partial class Optimizer { }" + source)).Reporting("SHMP003");
    }

    private static IEnumerable<T[]> Permutations<T>(T[] items) => items.Length == 0
        ? [[]]
        : items.SelectMany((item, i) => Permutations([.. items[..i], .. items[(i + 1)..]]).Select(rest => (T[])[item, .. rest]));
}
