using System.Runtime.CompilerServices;
using System.Text;
using Shampoo.Generators.Tests.Snapshots;

namespace Shampoo.Generators.Tests.Pairs;

/// <summary>Two options work together, or are an error or a warning; the contract of an optimizer is tested over classes in which all of the former meet.</summary>
public sealed class OptionPairTests
{
    private static readonly Acceptance Generator = new();

    private static readonly Lazy<OptionPairs> Pairs = new(static () => new OptionPairs(Generator));

    private static readonly Lazy<IReadOnlyList<Declared>> Cover = new(static () => PairCover.Of(Pairs.Value, Generator));

    [Fact]
    public void Every_value_is_accepted_somewhere_but_what_is_always_an_error() =>
        Assert.Equal(["Distributed(Communication = Precision.Float64)", "Precision(Factors = Precision.Float16)"], Pairs.Value.RejectedValues.Select(static v => v.ToString()));

    [Fact]
    public void Every_property_of_every_attribute_has_a_value()
    {
        foreach (Type type in OptionValues.AttributeTypes)
            foreach (string property in type.GetProperties().Where(p => p.DeclaringType == type && p.CanWrite).Select(static p => p.Name))
                Assert.True(OptionValues.All.Any(v => $"{v.Attribute}Attribute" == type.Name && v.Argument.Contains($"{property} = ", StringComparison.Ordinal)), $"{type.Name}.{property}");
    }

    [Fact]
    public void A_rejected_pair_is_diagnosed_in_every_declaration() => Assert.All(Pairs.Value.Rejected, static pair =>
    {
        Declared[] candidates = [.. Pairs.Value.Candidates(pair.Item1, pair.Item2)];
        Assert.NotEmpty(candidates);
        Assert.All(candidates, declaration => Assert.NotEmpty(Generator.Diagnostics(declaration)));
    });

    [Fact]
    public void All_accepted_pairs_meet()
    {
        HashSet<(OptionValue, OptionValue)> met = [.. Cover.Value.SelectMany(PairCover.Met)];
        Assert.InRange(Pairs.Value.Accepted.Count, 4000, 20_000);
        Assert.Superset(Pairs.Value.Accepted.Keys.ToHashSet(), met);
    }

    /// <summary>The classes of <c>Shampoo.Tests</c> are these declarations; written anew with SHAMPOO_ACCEPT=1.</summary>
    [Fact]
    public void The_classes_under_test_are_the_cover()
    {
        string file = Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../Shampoo.Tests/EveryPair/Classes.cs");
        string text = Classes();
        if (SnapshotFile.AcceptsChanges()) File.WriteAllText(file, text);
        Assert.True(File.ReadAllText(file) == text, $"{file} is not what the options are now. SHAMPOO_ACCEPT=1 writes it anew.");
    }

    private static string Classes()
    {
        var text = new StringBuilder("""
            using static Shampoo.AveragingMethod;
            using static Shampoo.GraftingMethod;
            using static Shampoo.Parallelism;
            using static Shampoo.Solver;
            using static Shampoo.WeightDecayKind;

            // Every two values of two options that may stand together meet in one of these classes. Written by OptionPairTests.
            namespace Shampoo.Tests.EveryPair;


            """);
        foreach (var (i, declaration) in Cover.Value.Index())
            text.Append($"{declaration}\npublic sealed partial class Pair{i:000};\n\n");
        return text.ToString().TrimEnd() + "\n";
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
