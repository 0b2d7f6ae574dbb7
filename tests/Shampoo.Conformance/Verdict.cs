namespace Shampoo.Conformance;

/// <summary>What became of one reference trajectory.</summary>
/// <param name="Name">The trajectory's name.</param>
/// <param name="Deviation">Worst relative deviation of any number; NaN if it was not run.</param>
/// <param name="Tolerance">What is allowed.</param>
/// <param name="Reason">Why it was not run to its end, or null.</param>
public sealed record Verdict(string Name, double Deviation, double Tolerance, string? Reason)
{
    /// <summary>Whether every number was met.</summary>
    public bool Passed => Reason is null && Deviation <= Tolerance;

    /// <summary>The trajectory was run.</summary>
    public static Verdict Run(string name, double deviation) => new(name, deviation, ReferenceTrajectory.Tolerance(name), null);

    /// <summary>The trajectory was not run, or not to its end.</summary>
    public static Verdict NotRun(string name, string reason) => new(name, double.NaN, ReferenceTrajectory.Tolerance(name), reason);
}
