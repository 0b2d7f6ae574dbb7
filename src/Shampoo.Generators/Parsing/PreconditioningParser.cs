using System.Globalization;
using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Parsing;

/// <summary>Blocking and schedule: every number by itself, and what they do together.</summary>
internal static class PreconditioningParser
{
    /// <summary>A step that no training reaches.</summary>
    private const int Never = 100_000_000;

    public static Preconditioning Parse(AttributeReader? attribute, bool hasPreconditioner, bool hasRoots)
    {
        Preconditioning none = Preconditioning.Default;
        if (attribute is null) return none;
        RejectUnavailable(attribute);
        int frequency = attribute.Integer("Frequency", none.Frequency, Range.Count);
        int start = attribute.Integer("Start", -1, Range.Start);
        if (start != -1 && start < frequency)
            attribute.ReportAt("Start", Descriptors.StartBeforeFrequency, Repair.None.Add(Repair.Instead, frequency.ToString(CultureInfo.InvariantCulture)), start, frequency);
        var parsed = new Preconditioning(
            attribute.Integer("MaxDimension", none.MaxDimension, Range.Count),
            attribute.Integer("TargetDimensionality", none.TargetDimensionality, Range.Count),
            frequency,
            start == -1 ? frequency : start,
            attribute.Integer("ToleratedFailures", none.ToleratedFailures, Range.CountOrZero),
            (LargeDimensions)Enum.Parse(typeof(LargeDimensions), attribute.Enum("LargeDimensions", "Blocked", hasRoots ? Enum.GetNames(typeof(LargeDimensions)) : ["Blocked"])));
        if (hasPreconditioner)
        {
            CheckStart(attribute, parsed.Start, cause: start == -1 ? "Frequency" : "Start");
            CheckBlocks(attribute, parsed);
        }
        else
        {
            attribute.Report(Descriptors.WithoutEffect, AttributeReader.Removing("[Preconditioning]"), "[Preconditioning]",
                "there is no preconditioner; declare one, for example [RootInverse(Eigh)]");
        }
        return parsed;
    }

    private static void RejectUnavailable(AttributeReader attribute)
    {
        attribute.Enum("Refresh", "Together", ["Together"]);
        attribute.Unavailable("StatisticsInterval", 1, "1");
        attribute.Unavailable("SkipRankBelow", 0, "0");
        attribute.Unavailable("SkipSizeAbove", Preconditioning.Unlimited, "Unlimited");
    }

    private static void CheckStart(AttributeReader attribute, int start, string cause)
    {
        if (start < Never) return;
        attribute.ReportAt(cause, Descriptors.NeverStarts, AttributeReader.Removing(cause), start);
        if (cause != "Frequency") attribute.WithoutEffect("Frequency", "preconditioning never starts");
        attribute.WithoutEffect("ToleratedFailures", "preconditioning never starts");
    }

    private static void CheckBlocks(AttributeReader attribute, Preconditioning parsed)
    {
        if (parsed.MaxDimension == 1)
            attribute.ReportAt("MaxDimension", Descriptors.ExtremeBlocks, Repair.None.Add(Repair.Default, Preconditioning.Default.MaxDimension.ToString(CultureInfo.InvariantCulture)),
                "MaxDimension = 1", "cuts every parameter into single numbers: each has matrices of one number, and nothing is gained over grafting alone");
        if (parsed is { MaxDimension: Preconditioning.Unlimited, TargetDimensionality: 1 })
            attribute.ReportAt("MaxDimension", Descriptors.ExtremeBlocks, Repair.None.Add(Repair.Addition, "TargetDimensionality = 2"),
                "MaxDimension = Unlimited", "merges all dimensions of a parameter into one: n numbers then have a matrix of n × n; declare TargetDimensionality = 2, too");
    }
}
