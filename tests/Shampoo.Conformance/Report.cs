using System.Globalization;

namespace Shampoo.Conformance;

/// <summary>Writes the verdicts, a line each, and a closing line that counts them.</summary>
public static class Report
{
    /// <summary>Judges all trajectories of a folder.</summary>
    /// <returns>Exit status: 0 if at least one passed and none failed, else 1.</returns>
    public static int Write(string folder, TextWriter output, TextWriter errors)
    {
        int passed = 0, failed = 0;
        try
        {
            foreach (Verdict verdict in ConformanceRun.Run(folder))
            {
                output.WriteLine(Line(verdict));
                _ = verdict.Passed ? passed++ : failed++;
            }
        }
        catch (Exception e)
        {
            errors.WriteLine(e.Message);
            failed++;
        }
        output.WriteLine($"{passed} passed, {failed} failed, 0 skipped");
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    private static string Line(Verdict verdict)
    {
        string deviation = verdict.Reason is null ? verdict.Deviation.ToString("0.0e+00", CultureInfo.InvariantCulture) : "-";
        string outcome = verdict switch
        {
            { Passed: true } => "passed",
            { Reason: not null } => $"FAILED: {verdict.Reason}",
            _ => $"FAILED (allowed: {verdict.Tolerance.ToString(CultureInfo.InvariantCulture)})",
        };
        return $"{verdict.Name,-40} {deviation,9}  {outcome}";
    }
}
