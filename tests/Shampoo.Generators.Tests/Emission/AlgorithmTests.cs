using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Shampoo.Generators.Tests.Emission;

/// <summary>The formulas of every configuration's step, and the sweeps that they are in, against a second list made by hand.</summary>
public sealed partial class AlgorithmTests
{
    [Fact]
    public void Steps_have_the_operations_of_the_algorithm_in_its_order()
    {
        foreach (GeneratedStep step in GeneratedStep.All)
        {
            (string early, string late) = Parts(step);
            AssertOperations(step, new Algorithm(step).Operations(preconditions: Algorithm.HasPreconditioner(step)), late);
            if (early != "") AssertOperations(step, new Algorithm(step).Operations(preconditions: false), early);
            bool waits = step.Has("Inverse(") || step.Has("Eigendecomposed") || step.Has("Grafting");
            Assert.True((Algorithm.HasPreconditioner(step) && waits && (step.Has("Start") || step.Has("Frequency")) || step.Has("[Soap")) == (early != ""), step.ToString());
        }
    }

    [Fact]
    public void Steps_have_the_fewest_sweeps()
    {
        foreach (GeneratedStep step in GeneratedStep.All.Take(Configurations.All.Count))
        {
            (string early, string late) = Parts(step);
            Assert.True(Sweeps(step).SequenceEqual(Called(late)), step.ToString());
            Assert.Equal(early == "" ? [] : ["EarlyUpdate"], Called(early));
        }
    }

    /// <summary>A rotation needs all of what it rotates, and what divides in its basis, all of the rotation; a norm needs all of its array.</summary>
    [Theory]
    [InlineData("[SignDescent] [FirstMoment] [WeightDecay(L2)]", "Update")]
    [InlineData("[SignDescent] [Grafting(Adam)]", "Prepare", "Update")]
    [InlineData("[Grafting(NormalizedAdam)] [FirstMoment]", "Prepare", "Update")]
    [InlineData("[Grafting(NormalizedAdam)]", "Measure", "Update")]
    [InlineData("[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 2)] [Momentum]", "Update")]
    [InlineData("[SpectralDescent(SVD)] [Preconditioning(TargetDimensionality = 2)] [FirstMoment]", "Prepare", "Update")]
    [InlineData("[EigenvalueCorrected(Eigh)]", "Prepare", "Update")]
    [InlineData("[EigenvalueCorrected(Eigh)] [FirstMoment]", "Prepare", "Prepare2", "Update")]
    [InlineData("[EigenvalueCorrected(Eigh)] [WeightDecay(L2)] [FirstMoment]", "Prepare", "Prepare2", "Update")]
    [InlineData("[EigenvalueCorrected(Eigh)] [FirstMoment] [Grafting(Adam)]", "Prepare", "Prepare2", "Measure", "Update")]
    public void Steps_of_other_preconditioners_have_the_fewest_sweeps(string attributes, params string[] sweeps) =>
        Assert.Equal(sweeps, Called(Assert.Single(GeneratedStep.Of(attributes)).StepBlocks.Body!.ToString()));

    /// <summary>What has to be ready before the product is prepared; norms of what is ready only after it are measured; all the rest is in the update.</summary>
    private static string[] Sweeps(GeneratedStep step) =>
        (Roots: step.Has("RootInverse"), BeforeProduct: step.Has("L2") || step.Has("FirstMoment"), Grafting: step.Has("Grafting"), step.Has("Grafting(SGD)")) switch
        {
            (false, _, _, _) => ["Update"],
            (true, false, false, _) => ["Update"],
            (true, true, false, _) => ["Prepare", "Update"],
            (true, false, true, true) => ["Measure", "Update"],
            (true, false, true, false) => ["Prepare", "Update"],
            (true, true, true, _) => ["Prepare", "Measure", "Update"],
        };

    /// <summary>
    /// Products and sweeps keep their order each, but for what may come earlier or later than the algorithm says: the filter,
    /// statistics of elements, what grafting needs, and norms. What is made comes before it is used; what is carried over to new bases is that of
    /// the last step.
    /// </summary>
    private static void AssertOperations(GeneratedStep step, IEnumerable<string> expected, string actual)
    {
        string[] operations = [.. expected], comments = [.. Comment().Matches(actual).Select(static m => m.Groups[1].Value).Where(static c => !c.StartsWith("Before step", StringComparison.Ordinal) && !c.StartsWith("The first gradient", StringComparison.Ordinal))];
        Assert.True(operations.Order(StringComparer.Ordinal).SequenceEqual(comments.Order(StringComparer.Ordinal)), $"{step}: {string.Join("\n", operations)}\n---\n{actual}");
        Assert.True(operations.Where(IsProduct).SequenceEqual(comments.Where(IsProduct)), $"{step}: {actual}");
        Assert.True(operations.Where(KeepsItsPlace).SequenceEqual(comments.Where(KeepsItsPlace)), $"{step}: {actual}");
        foreach (string made in new[] { "V", "E", "Ĝ", "m", "P_g", "QᵀG", "QᵀĜ", "QᵀP" })
        {
            int maker = System.Array.FindIndex(comments, c => c.StartsWith($"{made} ", StringComparison.Ordinal) || c.Contains($",  {made} ", StringComparison.Ordinal));
            foreach (string user in comments.Where((c, i) => i != maker && !c.Contains($"; {made} ←", StringComparison.Ordinal) && Regex.IsMatch(c, $@"(?<!\w){made}(?!\w)")))
                Assert.True(maker >= 0 && maker < System.Array.IndexOf(comments, user), $"{user} of {step}: {actual}");
        }
        Assert.True(comments.Skip(1).All(static c => !c.StartsWith("G ← ", StringComparison.Ordinal)), $"{step}: {actual}");
    }

    private static bool IsProduct(string operation) => operation.Contains('×', StringComparison.Ordinal)
        || new[] { "L_k", "X_k", "Q_k", "P = UVᵀ" }.Any(start => operation.StartsWith(start, StringComparison.Ordinal));

    private static bool KeepsItsPlace(string operation) => !IsProduct(operation) && !operation.StartsWith('‖')
        && !new[] { "V ", "E ", "m ", "Ĝ ", "P_g " }.Any(start => operation.StartsWith(start, StringComparison.Ordinal));

    private static IEnumerable<string> Called(string part) => Call().Matches(part).Select(static m => m.Groups[1].Value);

    /// <summary>What runs before step Start, and what runs from then on; what stands before the branch is in both.</summary>
    private static (string Early, string Late) Parts(GeneratedStep step)
    {
        string body = step.StepBlocks.Body!.ToString();
        if (step.StepBlocks.Body.Statements.OfType<IfStatementSyntax>().FirstOrDefault(static s => s.Condition.ToString() is var condition && (condition == "t == 0" || condition.StartsWith("t <", StringComparison.Ordinal))) is not { } before)
            return ("", body);
        string[] parts = body.Split(before.ToString());
        return (parts[0] + before, parts[0] + parts[1]);
    }

    [GeneratedRegex(@"// (.+?)(?:  \[.*)?\n")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bblocks\.([A-Z]\w+)\(")]
    private static partial Regex Call();
}
