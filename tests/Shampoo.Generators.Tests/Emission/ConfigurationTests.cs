namespace Shampoo.Generators.Tests.Emission;

/// <summary>The covering set covers.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public void There_are_as_many_as_there_should_be()
    {
        Assert.Equal((1 + 3 * 4) * 6 * 3 * 5 * 3 - 1, Configurations.All.Count);
        Assert.Equal(Configurations.All.Count, Configurations.All.Distinct().Count());
    }

    [Theory]
    [InlineData("Grafting(Adam)", "Nesterov = true, Dampening")]
    [InlineData("Grafting(RMSProp, Beta2 = 1)", "Frequency = 10, Start = 25")]
    [InlineData("RootInverse(Eigh, Beta2 = 1)", "WeightDecay(L2)")]
    [InlineData("FirstMoment(BiasCorrection = false)", "Start = 5")]
    public void Pairs_meet(string one, string other) =>
        Assert.Contains(Configurations.Pairwise, c => c.Contains(one, StringComparison.Ordinal) && c.Contains(other, StringComparison.Ordinal));

    [Theory]
    [InlineData("SignDescent] [Preconditioning(Start = 5)]", "Grafting(NormalizedRMSProp)")]
    [InlineData("EigenvalueCorrected(QR, Exponent = 0.25", "FirstMoment(Beta3 = 0.5)")]
    [InlineData("SpectralDescent(NewtonSchulz)", "WeightDecay(Independent)")]
    [InlineData("Eigendecomposed(Eigh", "Frequency = 10, Start = 25")]
    public void More_pairs_meet(string one, string other) =>
        Assert.Contains(Configurations.More, c => c.Contains(one, StringComparison.Ordinal) && c.Contains(other, StringComparison.Ordinal));

    [Fact]
    public void There_are_not_too_many_more() => Assert.InRange(Configurations.More.Distinct().Count(), 100, 180);

    [Fact]
    public void Pairwise_is_far_smaller_than_all() => Assert.InRange(Configurations.Pairwise.Count, 30, 80);
}
