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
            AssertOperations(step, Operations(step, preconditions: step.Has("RootInverse")), late);
            if (early != "") AssertOperations(step, Operations(step, preconditions: false), early);
            Assert.Equal(step.Has("RootInverse") && (step.Has("Start") || step.Has("Frequency")), early != "");
        }
    }

    [Fact]
    public void Steps_have_the_fewest_sweeps()
    {
        foreach (GeneratedStep step in GeneratedStep.All)
        {
            (string early, string late) = Parts(step);
            Assert.True(Sweeps(step).SequenceEqual(Called(late)), step.ToString());
            Assert.Equal(early == "" ? [] : ["EarlyUpdate"], Called(early));
        }
    }

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

    /// <summary>Section 2 of the algorithm, written down a second time.</summary>
    private static IEnumerable<string> Operations(GeneratedStep step, bool preconditions)
    {
        bool roots = step.Has("RootInverse"), divides = step.Has("Grafting") && !step.Has("Grafting(SGD)");
        bool sums = step.Has("RootInverse(Eigh, Beta2 = 1)"), debiases = !sums && !step.Has("RootInverse(Eigh, BiasCorrection = false)");
        string filtered = step.Has("[FirstMoment]") ? "Ĝ" : step.Has("FirstMoment") ? "m" : "G";
        string quotient = $"{filtered} / ({(step.Has("Grafting(Adam)") ? "√(V / (1 − β₂ᵗ))" : "√V")} + ε)";
        string grafted = divides ? "P_g" : filtered;

        if (step.Has("L2")) yield return "G ← G + λW";
        if (roots) yield return sums ? "L_k ← L_k + G₍ₖ₎G₍ₖ₎ᵀ for every dimension k" : "L_k ← β₂L_k + (1 − β₂)G₍ₖ₎G₍ₖ₎ᵀ for every dimension k";
        if (divides) yield return step.Has("Adagrad") || step.Has("RMSProp, Beta2 = 1") ? "V ← V + G²" : "V ← β₂V + (1 − β₂)G²";
        if (preconditions) yield return $"X_k ← ({(debiases ? "L_k / (1 − β₂ᵗ)" : "L_k")} + εI)^(−1/2d), d the order of the blocks";
        if (step.Has("FirstMoment")) yield return "m ← β₁m + (1 − β₁)G" + (step.Has("[FirstMoment]") ? ",  Ĝ = m / (1 − β₁ᵗ)" : "");
        string direction = preconditions || divides ? "P" : filtered;
        if (preconditions)
        {
            yield return $"P = {filtered} ×₁ X₁ … ×_d X_d";
            if (step.Has("Grafting"))
            {
                if (divides) yield return $"{grafted} = {quotient}";
                yield return $"‖{grafted}‖ of every block";
                yield return "‖P‖ of every block";
                yield return $"P ← P · ‖{grafted}‖ / (‖P‖ + 1e-16), per block";
            }
        }
        else if (divides)
        {
            yield return $"P = {quotient}";
        }
        if (step.Has("Decoupled"))
        {
            yield return $"P {(direction == "P" ? "←" : "=")} {direction} + λW";
            direction = "P";
        }
        if (step.Has("Momentum"))
        {
            string fresh = (step.Has("Dampening") ? "(1 − d)" : "") + direction;
            yield return $"M ← μM + {fresh}{(step.Has("Nesterov") ? $",  P {(direction == "P" ? "←" : "=")} {fresh} + μM" : "")}";
            direction = step.Has("Nesterov") ? "P" : "M";
        }
        yield return $"W ← W − lr·{direction}";
    }

    /// <summary>Products and sweeps keep their order each, and no product comes before what it reads.</summary>
    private static void AssertOperations(GeneratedStep step, IEnumerable<string> expected, string actual)
    {
        string[] operations = [.. expected], comments = [.. Comment().Matches(actual).Select(static m => m.Groups[1].Value).Where(static c => !c.StartsWith("Before step", StringComparison.Ordinal))];
        Assert.True(operations.Where(static o => !IsProduct(o)).SequenceEqual(comments.Where(static o => !IsProduct(o))), $"{step}: {actual}");
        string[] products = [.. comments.Where(IsProduct)];
        Assert.True(operations.Where(IsProduct).SequenceEqual(products), $"{step}: {actual}");
        Assert.True(products.All(product => Place("G ← ") < Place(product)) && products.Where(static p => p.StartsWith("P = ", StringComparison.Ordinal)).All(product => Place("m ← ") < Place(product)), $"{step}: {actual}");

        int Place(string operation) => System.Array.FindIndex(comments, c => c.StartsWith(operation, StringComparison.Ordinal));
    }

    private static bool IsProduct(string operation) => operation.StartsWith("L_k", StringComparison.Ordinal) || operation.StartsWith("X_k", StringComparison.Ordinal) || operation.Contains('×', StringComparison.Ordinal);

    private static IEnumerable<string> Called(string part) => Call().Matches(part).Select(static m => m.Groups[1].Value);

    /// <summary>What runs before step Start, and what runs from then on; what stands before the branch is in both.</summary>
    private static (string Early, string Late) Parts(GeneratedStep step)
    {
        string body = step.StepBlocks.Body!.ToString();
        if (step.StepBlocks.Body.Statements.OfType<IfStatementSyntax>().FirstOrDefault(static s => s.Condition.ToString().StartsWith("t <", StringComparison.Ordinal)) is not { } before)
            return ("", body);
        string[] parts = body.Split(before.ToString());
        return (parts[0] + before, parts[0] + parts[1]);
    }

    [GeneratedRegex(@"// (.+?)(?:  \[.*)?\n")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bblocks\.([A-Z]\w+)\(")]
    private static partial Regex Call();
}
