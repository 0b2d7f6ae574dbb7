using Shampoo.Conformance;

namespace Shampoo.Tests;

/// <summary>What the conformance program makes of trajectories that cannot be run, beside one that can.</summary>
public sealed class ConformanceFailureTests : IDisposable
{
    private const string Problem = """{ "dtype": "float64", "shapes": [[2], [1]], "initial": [[1, 2], [4]], "gradients": [[[1, -1], [2]], [[3, 1], [0]]] }""";

    private const string Configuration = """{ "preconditioner": { "type": "root_inverse" }, "start_preconditioning_step": "inf", "grafting": { "type": "sgd" }, "beta2": 1, "epsilon": 1e-6, "lr": 0.5 }""";

    private const string Steps = "[[[0.5, 2.5], [3]], [[-1, 2], [3]]]";

    private readonly string _folder = Directory.CreateTempSubdirectory("trajectories-").FullName;

    public static TheoryData<string, string> Failures => new()
    {
        { "", "JSON" },
        { "{ }", "'config' is missing" },
        { Trajectory(Configuration, "null"), "'trajectory' is null" },
        { Trajectory(Configuration, "[]"), "nothing to compare" },
        { Trajectory(Configuration, "[]", parameters: "[]"), "nothing to compare" },
        { Trajectory(Configuration, "[[], []]", parameters: "[]"), "nothing to compare" },
        { Trajectory(Configuration, "[[[0.5, 2.5], [3]]]"), "1 steps where there should be 2" },
        { Trajectory(Configuration, "[[[0.5, 2.5], [3]], [[-1, 2]]]"), "1 parameters in step 1 where there should be 2" },
        { Trajectory(Configuration, "[[[0.5, 2.5], [3]], [[-1], [3]]]"), "1 elements of parameter 0 in step 1 where there should be 2" },
        { Trajectory(Configuration, Steps, parameters: "[0, 2]"), "no parameter 2" },
        { Trajectory(Configuration, Steps, missing: """{ "2": [0] }"""), "missing in step 2" },
        { Trajectory(Configuration.Replace("0.5", "[0.5]"), Steps), "1 learning rates where there should be 2" },
        { Trajectory(Configuration.Replace("\"lr\"", "\"rate\""), Steps), "'lr' is missing" },
        { Trajectory(Configuration.Replace("\"type\": \"sgd\"", "\"epsilon\": 1"), Steps), "'grafting.type' is missing" },
        { Trajectory(Configuration.Replace("sgd", "lion"), Steps), "'grafting.type' = \"lion\"" },
        { Trajectory(Configuration.Replace("\"beta2\"", "\"momentum\": 0.9, \"beta2\""), Steps), "'momentum'" },
        { Trajectory(Configuration.Replace("0.5", "-0.5"), Steps), "lr must be in [0, infinity)" },
        { Trajectory(Configuration.Replace("0.5", "0.5, \"beta1\": 1.5"), Steps), "SHMP" },
    };

    [Theory, MemberData(nameof(Failures))]
    public void OneFailureIsReportedAndTheOthersAreJudged(string trajectory, string reason)
    {
        Write("a-bad", trajectory);
        Write("b-good", Trajectory(Configuration, Steps));
        Verdict[] verdicts = [.. ConformanceRun.Run(Save(Problem))];
        Assert.Equal(["a-bad", "b-good"], verdicts.Select(static v => v.Name));
        Assert.False(verdicts[0].Passed);
        Assert.Contains(reason, verdicts[0].Reason, StringComparison.Ordinal);
        Assert.True(verdicts[1].Passed, verdicts[1].Reason);
        Assert.Equal((1, "1 passed, 1 failed, 0 skipped"), Report());
    }

    [Fact]
    public void WrongNumberIsAFailureWithItsDeviation()
    {
        Write("wrong", Trajectory(Configuration, Steps.Replace("2.5", "2")));
        Verdict verdict = ConformanceRun.Run(Save(Problem)).Single();
        Assert.False(verdict.Passed);
        Assert.Equal(0.25, verdict.Deviation);
        Assert.Equal((1, "0 passed, 1 failed, 0 skipped"), Report());
    }

    [Fact]
    public void GoodTrajectoriesSucceed()
    {
        Write("all", Trajectory(Configuration, Steps));
        Write("rates", Trajectory(Configuration.Replace("0.5", "[0.5, 1]"), "[[[0.5, 2.5], [3]], [[-2.5, 1.5], [3]]]"));
        Write("second", Trajectory(Configuration, "[[[3]], [[3]]]", parameters: "[1]"));
        Write("without", Trajectory(Configuration, "[[[1, 2], [3]], [[-0.5, 1.5], [3]]]", missing: """{ "0": [0] }"""));
        Save(Problem);
        Assert.Equal((0, "4 passed, 0 failed, 0 skipped"), Report());
    }

    [Fact]
    public void OptionsThatContradictEachOtherAreAFailureWithTheDiagnostic()
    {
        Write("contradiction", Trajectory(
            """{ "preconditioner": { "type": "eigendecomposed", "solver": { "type": "eigh" } }, "beta2": 0.9, "epsilon": 1e-6, "large_dim_method": "diagonal", "lr": 0.5 }""", Steps));
        Verdict verdict = ConformanceRun.Run(Save(Problem)).Single();
        Assert.False(verdict.Passed);
        Assert.StartsWith("SHMP006", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal((1, "0 passed, 1 failed, 0 skipped"), Report());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("""{ "shapes": [[2]] }""")]
    public void ClosingLineIsPrintedWhereThereIsNoProblem(string? problem)
    {
        Write("good", Trajectory(Configuration, Steps));
        if (problem is not null) Save(problem);
        Assert.Equal((1, "0 passed, 1 failed, 0 skipped"), Report());
    }

    [Fact]
    public void FolderWithoutTrajectoriesIsNoSuccess()
    {
        Save(Problem);
        Assert.Equal((1, "0 passed, 0 failed, 0 skipped"), Report());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Trajectory(string configuration, string steps, string parameters = "[0, 1]", string missing = "{ }") =>
        $$"""{ "config": {{configuration}}, "parameters": {{parameters}}, "missing_gradients": {{missing}}, "trajectory": {{steps}} }""";

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, $"{name}.json"), text);

    /// <summary>Writes the problem, and returns the folder.</summary>
    private string Save(string problem)
    {
        Write("problem", problem);
        return _folder;
    }

    /// <summary>Exit status and closing line of the program.</summary>
    private (int Status, string Closing) Report()
    {
        using StringWriter output = new(), errors = new();
        int status = Shampoo.Conformance.Report.Write(_folder, output, errors);
        return (status, output.ToString().TrimEnd().Split('\n')[^1].TrimEnd());
    }
}
