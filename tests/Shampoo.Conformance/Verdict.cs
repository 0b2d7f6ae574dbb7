namespace Shampoo.Conformance;

/// <summary>What became of one reference trajectory.</summary>
/// <param name="Name">The trajectory's name.</param>
/// <param name="Deviation">Worst relative deviation of any number; NaN if it was not run.</param>
/// <param name="Tolerance">What is allowed.</param>
/// <param name="Reason">The diagnostic on its declaration, or null.</param>
public sealed record Verdict(string Name, double Deviation, double Tolerance, string? Reason)
{
    /// <summary>Whether it needs an option that is not available in this version. Any other diagnostic is a failure.</summary>
    public bool Skipped => Reason?.StartsWith("SHMP003", StringComparison.Ordinal) == true;

    /// <summary>Whether every number was met.</summary>
    public bool Passed => Reason is null && Deviation <= Tolerance;
}
