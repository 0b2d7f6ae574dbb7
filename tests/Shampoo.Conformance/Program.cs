using System.Globalization;
using Shampoo.Conformance;

if (args is not [var folder])
{
    Console.Error.WriteLine("usage: Shampoo.Conformance FOLDER    a folder of reference trajectories, with its problem.json");
    return 2;
}

try
{
    int passed = 0, failed = 0, skipped = 0;
    foreach (Verdict verdict in ConformanceRun.Run(folder))
    {
        string deviation = verdict.Reason is null ? verdict.Deviation.ToString("0.0e+00", CultureInfo.InvariantCulture) : "-";
        string outcome = verdict switch
        {
            { Passed: true } => "passed",
            { Skipped: true } => $"skipped: {verdict.Reason}",
            { Reason: not null } => $"FAILED: {verdict.Reason}",
            _ => $"FAILED (allowed: {verdict.Tolerance.ToString(CultureInfo.InvariantCulture)})",
        };
        Console.WriteLine($"{verdict.Name,-40} {deviation,9}  {outcome}");
        _ = verdict.Skipped ? skipped++ : verdict.Passed ? passed++ : failed++;
    }
    Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
    return failed == 0 && passed > 0 ? 0 : 1;
}
catch (Exception e) when (e is IOException or NotSupportedException or System.Text.Json.JsonException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
