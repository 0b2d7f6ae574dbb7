using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Types;

/// <summary>Where the compiler has something to say, the generator is silent, and does not fail.</summary>
public sealed class ErroneousTests
{
    [Theory]
    [InlineData("[Grafting(Nothing)]", "CS0103")]
    [InlineData("[Grafting]", "CS7036")]
    [InlineData("[Grafting()]", "CS7036")]
    [InlineData("[Grafting(\"Adam\")]", "CS1503")]
    [InlineData("[Grafting(Adam, Beta2 = \"x\")]", "CS0029")]
    [InlineData("[Grafting(Adam, Beta2 = Nothing)]", "CS0103")]
    [InlineData("[Grafting(Adam, Beta2 = 1 / 0)]", "CS0020")]
    [InlineData("[Grafting(Adam, Beta2 = 1e400)]", "CS0594")]
    [InlineData("[Grafting(Adam, Nothing = 1)]", "CS0246")]
    [InlineData("[Grafting(Adam, Beta2 = 0.9, Beta2 = 0.8)]", "CS0643")]
    [InlineData("[Grafting(Adam, 3)]", "CS1729")]
    [InlineData("[Grafting(Adam), Grafting(SGD)]", "CS0579")]
    [InlineData("[RootInverse(Eigh, Epsilon = default(string))]", "CS0029")]
    [InlineData("[RootInverse(Eigh, Tolerance = Nothing)]", "CS0103")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = 0.5)]", "CS0266")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(MaxDimension = 99999999999)]", "CS0266")]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(LargeDimensions = Nothing)]", "CS0103")]
    [InlineData("[Momentum(\"x\")]", "CS1503")]
    [InlineData("[Momentum(Nesterov = 1)]", "CS0029")]
    [InlineData("[GradientChecks(maybe)]", "CS0103")]
    [InlineData("[Distributed(DDP, GroupSize = Nothing)]", "CS0103")]
    [InlineData("[Grafting(Adam", "CS1026")]
    public void Erroneous_arguments(string attributes, string error)
    {
        Generation generation = Generation.Of(TestProject.Declaring(attributes));
        Assert.Empty(generation.Diagnostics);
        Assert.Contains(generation.Complaints(), complaint => complaint.Contains(error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[Grafting(SGD)] public partial class C : Nothing { }")]
    [InlineData("[Grafting(SGD)] public partial class { }")]
    [InlineData("[Grafting(SGD)] public partial class C<, T> { }")]
    [InlineData("[Grafting(SGD)] public partial class C { } [Grafting(SGD)] public partial class C { }")]
    [InlineData("[Grafting(SGD)] public class C { } public class C { }")]
    [InlineData("[Grafting(SGD)] public partial struct C { }")]
    [InlineData("[Grafting(SGD)] public partial interface C { }")]
    [InlineData("[Grafting(SGD)] public partial record struct C { }")]
    [InlineData("[Grafting(SGD)] public enum C { }")]
    [InlineData("[Grafting(SGD)] namespace N { partial class C")]
    public void Erroneous_types(string source) =>
        Assert.NotEmpty(Generation.Of(TestProject.Of(source)).Complaints());
}
