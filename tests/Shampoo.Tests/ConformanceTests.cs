using Shampoo.Conformance;

namespace Shampoo.Tests;

/// <summary>The reference trajectories that this version has the options for.</summary>
public sealed class ConformanceTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "vectors");

    private static readonly Lazy<IReadOnlyDictionary<string, Verdict>> Verdicts = new(static () => ConformanceRun.Run(Folder).ToDictionary(static v => v.Name));

    [Theory]
    [InlineData("root-inverse-eigen-adam-graft")]
    [InlineData("root-inverse-eigen-no-graft")]
    [InlineData("start-and-frequency")]
    [InlineData("start-without-graft")]
    [InlineData("sgd-graft")]
    [InlineData("rmsprop-graft")]
    [InlineData("adagrad-graft-beta2-one")]
    [InlineData("no-bias-correction")]
    [InlineData("beta1-zero")]
    [InlineData("blocked-3")]
    [InlineData("merge-everything")]
    [InlineData("no-merge")]
    [InlineData("weight-decay-decoupled")]
    [InlineData("weight-decay-l2")]
    [InlineData("classic-momentum")]
    [InlineData("nesterov-dampening")]
    [InlineData("missing-gradients")]
    [InlineData("beta3")]
    [InlineData("coupled-higher-order")]
    [InlineData("coupled-newton")]
    [InlineData("eigendecomposed")]
    [InlineData("inverse-exponent-override")]
    [InlineData("kl-eigendecomposed")]
    [InlineData("kl-root-inverse")]
    [InlineData("legacy-exponent-multiplier")]
    [InlineData("legacy-exponent-override")]
    [InlineData("legacy-normalized-adagrad-graft")]
    [InlineData("legacy-normalized-adam-graft")]
    [InlineData("legacy-normalized-rmsprop-graft")]
    [InlineData("muon-newton-schulz")]
    [InlineData("one-sided-override")]
    [InlineData("perturb-after")]
    [InlineData("pseudo-inverse")]
    [InlineData("sign-descent")]
    [InlineData("soap-adaptive-eigh")]
    [InlineData("soap-eigh")]
    [InlineData("soap-eigh-frequency")]
    [InlineData("soap-ignored-dims")]
    [InlineData("soap-qr")]
    [InlineData("spectral-svd")]
    [InlineData("trace-scaling")]
    [InlineData("weight-decay-corrected-schedule")]
    [InlineData("weight-decay-independent-schedule")]
    public void TrajectoryOfTheReferenceIsMet(string name)
    {
        Verdict verdict = Verdicts.Value[name];
        Assert.Null(verdict.Reason);
        Assert.InRange(verdict.Deviation, 0, HasEigenvectors(name) ? 1e-6 : 1e-9);
    }

    /// <summary>Their sign and order are the library's.</summary>
    private static bool HasEigenvectors(string name) => name.StartsWith("soap-", StringComparison.Ordinal) || name.StartsWith("spectral-", StringComparison.Ordinal);

    [Fact]
    public void EverythingElseIsSkippedAndNamesWhatIsNotAvailable() =>
        Assert.All(Verdicts.Value.Values, static v => Assert.True(v.Passed || v.Skipped, $"{v.Name}: {v.Reason}"));

    [Fact]
    public void DeviationSeesOneWrongNumber()
    {
        double[][][] expected = [[[1, 0], [4]]], wrong = [[[1, 0], [4.0000001]]], infinite = [[[1, double.NaN], [4]]];
        Assert.Equal(0, ConformanceRun.Deviation(expected, expected));
        Assert.Equal(2.5e-8, ConformanceRun.Deviation(wrong, expected), 1e-12);
        Assert.Equal(double.PositiveInfinity, ConformanceRun.Deviation(infinite, expected));
    }

    [Fact]
    public void DeviationSeesThatThereAreMoreOrLessNumbers()
    {
        double[][][] expected = [[[1, 0], [4]]];
        double[][][][] others = [[], [[]], [[[1, 0]]], [[[1], [4]]], [[[1, 0, 0], [4]]], [[[1, 0], [4]], [[1, 0], [4]]]];
        Assert.All(others, other => Assert.Equal(double.PositiveInfinity, ConformanceRun.Deviation(other, expected)));
        Assert.All(others, other => Assert.Equal(double.PositiveInfinity, ConformanceRun.Deviation(expected, other)));
        Assert.Equal(double.PositiveInfinity, ConformanceRun.Deviation([], []));
    }
}
