using System.Globalization;
using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Parsing;

/// <summary>Blocking and schedule: every number by itself, and what they do together.</summary>
internal static class PreconditioningParser
{
    /// <summary>A step that no training reaches.</summary>
    private const int Never = 100_000_000;

    /// <param name="attribute">[Preconditioning], if it is declared.</param>
    /// <param name="preconditioner">The preconditioner, if there is one.</param>
    /// <param name="grafts">Whether there is something to do before step Start.</param>
    /// <param name="measures">Whether something is measured over whole blocks, beside grafting.</param>
    public static Preconditioning Parse(AttributeReader? attribute, AttributeReader? preconditioner, bool grafts, bool measures)
    {
        Preconditioning parsed = attribute is null ? Preconditioning.Default : Parse(attribute, HasRefreshes(preconditioner?.Name), hasStart: preconditioner?.Name != "Soap");
        if (attribute is not null && preconditioner is null)
            attribute.Report(Descriptors.WithoutEffect, AttributeReader.Removing("[Preconditioning]"), "[Preconditioning]",
                "there is no preconditioner; declare one, for example [RootInverse(Eigh)]");
        else if (attribute is not null)
            CheckUse(attribute, preconditioner!.Name, parsed, grafts, measures);
        if (preconditioner is { Name: "SpectralDescent" } && parsed.TargetDimensionality == 1)
            ReportMerging(attribute, preconditioner);
        return preconditioner is null ? parsed with { LargeDimensions = LargeDimensions.Blocked, PacksSymmetric = false } : parsed;
    }

    private static Preconditioning Parse(AttributeReader attribute, bool hasRefreshes, bool hasStart)
    {
        Preconditioning none = Preconditioning.Default;
        int declared = attribute.Integer("Frequency", none.Frequency, Range.Count), frequency = hasRefreshes ? declared : none.Frequency;
        int start = hasStart ? attribute.Integer("Start", -1, Range.Start) : 1;
        if (!hasStart) attribute.WithoutEffect("Start", "SOAP takes its basis from the first gradient");
        else if (start != -1 && start < frequency)
            attribute.ReportAt("Start", Descriptors.StartBeforeFrequency, Repair.None.Add(Repair.Instead, frequency.ToString(CultureInfo.InvariantCulture)), start, frequency);
        Refresh refresh = RefreshParser.Parse(attribute, hasRefreshes, frequency);
        return new Preconditioning(
            attribute.Integer("MaxDimension", none.MaxDimension, Range.Count),
            attribute.Integer("TargetDimensionality", none.TargetDimensionality, Range.Count),
            frequency,
            start == -1 ? frequency : start,
            attribute.Integer("ToleratedFailures", none.ToleratedFailures, Range.CountOrZero),
            (LargeDimensions)Enum.Parse(typeof(LargeDimensions), attribute.Enum("LargeDimensions", "Blocked", Enum.GetNames(typeof(LargeDimensions)))),
            attribute.Integer("StatisticsInterval", none.StatisticsInterval, Range.Count),
            attribute.Integer("SkipRankBelow", none.SkipRankBelow, Range.CountOrZero),
            attribute.Integer("SkipSizeAbove", none.SkipSizeAbove, Range.Count),
            refresh,
            RefreshParser.Staleness(attribute, refresh, frequency, start == -1 || !hasStart ? frequency : start),
            hasRefreshes && attribute.Flag("SymmetricPacking", false));
    }

    private static bool HasRefreshes(string? preconditioner) => preconditioner is not ("SpectralDescent" or "SignDescent");

    /// <summary>What of the declared numbers the preconditioner uses.</summary>
    private static void CheckUse(AttributeReader attribute, string preconditioner, Preconditioning parsed, bool grafts, bool measures)
    {
        bool hasRefreshes = HasRefreshes(preconditioner), isElementwise = preconditioner == "SignDescent" && !grafts && !measures;
        if (!hasRefreshes)
        {
            attribute.WithoutEffect("Frequency", $"{preconditioner} has nothing to refresh");
            attribute.WithoutEffect("ToleratedFailures", $"{preconditioner} has nothing to refresh");
            attribute.WithoutEffect("Refresh", $"{preconditioner} has nothing to refresh");
            attribute.WithoutEffect("StatisticsInterval", $"{preconditioner} has no factor matrices");
            attribute.WithoutEffect("SymmetricPacking", $"{preconditioner} has no factor matrices");
            if (!grafts) attribute.WithoutEffect("Start", $"{preconditioner} needs no statistics, and nothing else is declared for the steps before");
        }
        else if (parsed is { Frequency: 1, StatisticsInterval: > 1 })
            attribute.WithoutEffect("StatisticsInterval", "a refresh takes in the gradient of its step, and every step is one; declare Frequency, a multiple of it");
        if (parsed.LargeDimensions != LargeDimensions.Blocked && preconditioner != "RootInverse")
            attribute.ReportAt("LargeDimensions", Descriptors.Contradiction, AttributeReader.Removing("LargeDimensions"), $"LargeDimensions = {parsed.LargeDimensions}", preconditioner, WithoutDiagonals(preconditioner));
        if (parsed.PacksSymmetric && preconditioner is ("EigenvalueCorrected" or "Soap"))
            attribute.ReportAt("SymmetricPacking", Descriptors.Contradiction, AttributeReader.Removing("SymmetricPacking"), "SymmetricPacking = true", preconditioner,
                "a factor matrix shares an array with its inverse root; here it has none, and eigenvectors are not symmetric");
        if (preconditioner != "Soap") RefreshParser.CheckStatistics(attribute, parsed);
        foreach (string blocking in new[] { "MaxDimension", "TargetDimensionality" })
            if (isElementwise) attribute.WithoutEffect(blocking, "SignDescent without grafting works on single numbers, whatever blocks they are in");
        if (hasRefreshes || grafts) CheckStart(attribute, parsed, hasRefreshes);
        if (preconditioner != "SignDescent") CheckBlocks(attribute, parsed, hasRefreshes);
    }

    /// <summary>Why only inverse roots have another treatment of large dimensions.</summary>
    private static string WithoutDiagonals(string preconditioner) => preconditioner switch
    {
        "Eigendecomposed" => "where there is no matrix there are no eigenvectors to keep; [RootInverse(Eigh)] has the same direction",
        "EigenvalueCorrected" or "Soap" => "where there is no matrix there are no eigenvectors to rotate by; [IgnoredDimensions] leaves a dimension unrotated, SkipSizeAbove a parameter",
        _ => "it is for dimensions whose factor matrix would be too large, and there are none",
    };

    private static void CheckStart(AttributeReader attribute, Preconditioning parsed, bool hasRefreshes)
    {
        if (parsed.Start < Never) return;
        string cause = parsed.Frequency >= Never ? "Frequency" : "Start";
        attribute.ReportAt(cause, Descriptors.NeverStarts, AttributeReader.Removing(cause), parsed.Start);
        if (!hasRefreshes) return;
        if (cause != "Frequency") attribute.WithoutEffect("Frequency", "preconditioning never starts");
        attribute.WithoutEffect("ToleratedFailures", "preconditioning never starts");
    }

    private static void CheckBlocks(AttributeReader attribute, Preconditioning parsed, bool hasMatrices)
    {
        if (parsed.MaxDimension == 1)
            attribute.ReportAt("MaxDimension", Descriptors.ExtremeBlocks, Repair.None.Add(Repair.Default, Preconditioning.Default.MaxDimension.ToString(CultureInfo.InvariantCulture)),
                "MaxDimension = 1", "cuts every parameter into single numbers: each has matrices of one number, and nothing is gained over grafting alone");
        if (hasMatrices && parsed is { MaxDimension: Preconditioning.Unlimited, TargetDimensionality: 1 })
            attribute.ReportAt("MaxDimension", Descriptors.ExtremeBlocks, Repair.None.Add(Repair.Addition, "TargetDimensionality = 2"),
                "MaxDimension = Unlimited", "merges all dimensions of a parameter into one: n numbers then have a matrix of n × n; declare TargetDimensionality = 2, too");
    }

    /// <summary>At the number if it is declared, else where it can be.</summary>
    private static void ReportMerging(AttributeReader? attribute, AttributeReader preconditioner)
    {
        const string Repaired = "TargetDimensionality = 2";
        if (attribute is null) preconditioner.Report(Descriptors.MergedMatrices, Repair.None.Add(Repair.Companion, $"Preconditioning({Repaired})"));
        else if (attribute.Declares("TargetDimensionality")) attribute.ReportAt("TargetDimensionality", Descriptors.MergedMatrices, Repair.None.Add(Repair.Instead, "2"));
        else attribute.Report(Descriptors.MergedMatrices, Repair.None.Add(Repair.Addition, Repaired));
    }
}
