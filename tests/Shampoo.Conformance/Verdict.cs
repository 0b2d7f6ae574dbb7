namespace Shampoo.Conformance;

/// <summary>What became of one reference trajectory.</summary>
/// <param name="Name">The trajectory's name.</param>
/// <param name="Deviation">Worst relative deviation of any number; NaN if it was not run.</param>
/// <param name="Tolerance">What is allowed.</param>
/// <param name="Reason">Why it was not run, or null.</param>
public sealed record Verdict(string Name, double Deviation, double Tolerance, string? Reason)
{
    /// <summary>Whether this version has the options that the trajectory needs.</summary>
    public bool Skipped => Reason is not null;

    /// <summary>Whether every number was met.</summary>
    public bool Passed => !Skipped && Deviation <= Tolerance;
}
