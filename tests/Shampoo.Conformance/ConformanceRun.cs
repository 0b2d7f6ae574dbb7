namespace Shampoo.Conformance;

/// <summary>Runs the reference trajectories of a folder through declared, generated optimizers.</summary>
public static class ConformanceRun
{
    /// <summary>The verdict on every trajectory of the folder, by name.</summary>
    public static IEnumerable<Verdict> Run(string folder)
    {
        Problem problem = Problem.Read(folder);
        IReadOnlyList<ReferenceTrajectory> references = ReferenceTrajectory.ReadAll(folder);
        var optimizers = new DeclaredOptimizers(references.ToDictionary(static r => ClassName(r.Name), DeclarationWriter.Write));
        return references.Select(reference => Judge(optimizers, problem, reference));
    }

    /// <summary>
    /// The worst |a − e| / |e|. Where the reference is zero, the number itself counts: such elements have no relative deviation.
    /// A number that is not finite deviates infinitely.
    /// </summary>
    public static double Deviation(double[][][] actual, double[][][] expected)
    {
        double worst = 0;
        for (int step = 0; step < expected.Length; step++)
            for (int parameter = 0; parameter < expected[step].Length; parameter++)
                for (int i = 0; i < expected[step][parameter].Length; i++)
                    worst = Math.Max(worst, Relative(actual[step][parameter][i], expected[step][parameter][i]));
        return worst;
    }

    private static double Relative(double actual, double expected)
    {
        double deviation = Math.Abs(actual - expected) / (expected == 0 ? 1 : Math.Abs(expected));
        return double.IsNaN(deviation) ? double.PositiveInfinity : deviation;
    }

    private static Verdict Judge(DeclaredOptimizers optimizers, Problem problem, ReferenceTrajectory reference)
    {
        string name = ClassName(reference.Name);
        // The gravest first: an option that is not available excuses no other mistake.
        if (optimizers.Errors(name).OrderBy(static e => e.StartsWith("SHMP003", StringComparison.Ordinal)).FirstOrDefault() is { } error)
            return new Verdict(reference.Name, double.NaN, reference.Tolerance, error);
        double deviation = Deviation(Trajectory.Run(optimizers[name], problem, reference), reference.Steps);
        return new Verdict(reference.Name, deviation, reference.Tolerance, null);
    }

    private static string ClassName(string name) => "_" + string.Concat(name.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}
