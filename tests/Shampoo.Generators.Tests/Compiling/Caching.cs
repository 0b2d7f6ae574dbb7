using Microsoft.CodeAnalysis;

namespace Shampoo.Generators.Tests.Compiling;

/// <summary>Why the generator's steps ran.</summary>
internal static class Caching
{
    /// <summary>Asserts that a second run, on the same sources, repeated nothing but the parsing.</summary>
    public static void AssertCached(GeneratorRunResult first, GeneratorRunResult second)
    {
        Assert.All(Reasons(second, ShampooGenerator.Declared), static reason => Assert.True(IsReused(reason), $"A declaration is {reason}."));
        Assert.All(Emissions(second), static reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
        Assert.Equal(first.GeneratedSources.Select(static s => s.SourceText), second.GeneratedSources.Select(static s => s.SourceText));
    }

    /// <summary>The reasons of all outputs of a tracked step; none if it had nothing to do.</summary>
    public static IReadOnlyList<IncrementalStepRunReason> Reasons(GeneratorRunResult result, string step) =>
        result.TrackedSteps.TryGetValue(step, out var runs) ? [.. runs.SelectMany(static run => run.Outputs).Select(static output => output.Reason)] : [];

    /// <summary>The reasons of the outputs that are sources. Diagnostics, the others, come anew with every compilation.</summary>
    public static IReadOnlyList<IncrementalStepRunReason> Emissions(GeneratorRunResult result) =>
    [
        .. result.TrackedOutputSteps.SelectMany(static step => step.Value)
            .Where(static run => run.Inputs.Any(static input => input.Source.Name == ShampooGenerator.Declared))
            .SelectMany(static run => run.Outputs).Select(static output => output.Reason),
    ];

    public static bool IsReused(IncrementalStepRunReason reason) => reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged;
}
