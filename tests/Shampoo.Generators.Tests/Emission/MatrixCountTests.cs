using Shampoo.Generators.Tests.Compiling;

namespace Shampoo.Generators.Tests.Emission;

/// <summary>The memory of blocks that is balanced among ranks counts every matrix of a dimension.</summary>
public sealed class MatrixCountTests
{
    [Theory]
    [InlineData("[Grafting(Adam)]", 0)]
    [InlineData("[RootInverse(Eigh)]", 2)] // L and X
    [InlineData("[EigenvalueCorrected(QR)]", 2)] // L and Q
    [InlineData("[Eigendecomposed(Eigh)]", 3)] // L, Q and X
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = 4, Refresh = Staggered)]", 2)]
    [InlineData("[RootInverse(Eigh)] [Preconditioning(Frequency = 4, Refresh = Overlapped)]", 3)] // and the next X
    [InlineData("[Soap] [Preconditioning(Frequency = 4, Refresh = Overlapped)]", 3)] // and the next Q
    [InlineData("[Eigendecomposed(Eigh)] [Preconditioning(Frequency = 4, Refresh = Overlapped)]", 5)] // and the next Q and X
    public void All_are_counted(string attributes, int matrices) => Assert.Contains($"matrices: {matrices}", Source(attributes), StringComparison.Ordinal);

    [Fact]
    public void It_is_told_where_two_share_an_array()
    {
        Assert.Contains("packed: true", Source("[RootInverse(Eigh)] [Preconditioning(SymmetricPacking = true)]"), StringComparison.Ordinal);
        Assert.DoesNotContain("packed", Source("[RootInverse(Eigh)]"), StringComparison.Ordinal);
    }

    private static string Source(string attributes) => Generation.Of(TestProject.Declaring($"{attributes} [Distributed(DDP)]")).Reporting().Source;
}
