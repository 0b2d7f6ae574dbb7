namespace Shampoo.Runtime;

/// <summary>Where a solver says that a result may be less accurate than it should be.</summary>
internal static class SolverWarnings
{
    /// <summary>Takes one line of text; called from any thread.</summary>
    public static Action<string> Handler { get; set; } = static line => ShampooLog.Warning(line);

    public static void Report(string warning) => Handler(warning);

    /// <summary>An iteration has reached its limit of iterations.</summary>
    public static void ReportLimit(string iteration, int matrices, int iterations) =>
        Report($"The {iteration} has not converged for {matrices} matrices in {iterations} iterations.");
}
