using Shampoo.Conformance;

namespace Shampoo.Tests;

/// <summary>The reference trajectories, and those of combinations of options, all that there are.</summary>
public sealed class ConformanceTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "vectors"), CombinationFolder = Path.Combine(Folder, "combinations");

    private static readonly Lazy<IReadOnlyDictionary<string, Verdict>> Verdicts = Run(Folder), CombinationVerdicts = Run(CombinationFolder);

    public static TheoryData<string> Names => In(Folder);

    public static TheoryData<string> Combinations => In(CombinationFolder);

    [Theory, MemberData(nameof(Names))]
    public void TrajectoryOfTheReferenceIsMet(string name) => AssertMet(Verdicts.Value[name], name);

    [Theory, MemberData(nameof(Combinations))]
    public void TrajectoryOfACombinationIsMet(string name) => AssertMet(CombinationVerdicts.Value[name], name);

    private static Lazy<IReadOnlyDictionary<string, Verdict>> Run(string folder) => new(() => ConformanceRun.Run(folder).ToDictionary(static v => v.Name));

    private static TheoryData<string> In(string folder) => [.. ReferenceTrajectory.Files(folder).Select(static file => Path.GetFileNameWithoutExtension(file))];

    private static void AssertMet(Verdict verdict, string name)
    {
        Assert.Null(verdict.Reason);
        Assert.InRange(verdict.Deviation, 0, HasEigenvectors(name) ? 1e-6 : 1e-9);
    }

    /// <summary>Their sign and order are the library's.</summary>
    private static bool HasEigenvectors(string name) => name.StartsWith("soap-", StringComparison.Ordinal) || name.StartsWith("spectral-", StringComparison.Ordinal);

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
