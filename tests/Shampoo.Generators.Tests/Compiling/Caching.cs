using Microsoft.CodeAnalysis;

namespace Shampoo.Generators.Tests.Compiling;

/// <summary>Why the generator's steps ran.</summary>
internal static class Caching
{
    /// <summary>Asserts that a second run, on the same sources, repeated nothing but the parsing.</summary>
    public static void AssertCached(GeneratorRunResult first, GeneratorRunResult second)
    {
        Assert.All(Reasons(second, ShampooGenerator.Declared), static reason => Assert.True(IsReused(reason), $"A declaration is {reason}."));
        if (second.Diagnostics.IsEmpty)
            Assert.All(second.TrackedOutputSteps.SelectMany(static step => step.Value).SelectMany(static run => run.Outputs),
                static output => Assert.Equal(IncrementalStepRunReason.Cached, output.Reason));
        Assert.Equal(first.GeneratedSources.Select(static s => s.SourceText), second.GeneratedSources.Select(static s => s.SourceText));
    }

    /// <summary>The reasons of all outputs of a tracked step; none if it had nothing to do.</summary>
    public static IReadOnlyList<IncrementalStepRunReason> Reasons(GeneratorRunResult result, string step) =>
        result.TrackedSteps.TryGetValue(step, out var runs) ? [.. runs.SelectMany(static run => run.Outputs).Select(static output => output.Reason)] : [];

    public static bool IsReused(IncrementalStepRunReason reason) => reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged;
}
