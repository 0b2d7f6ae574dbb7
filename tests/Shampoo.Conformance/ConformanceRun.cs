namespace Shampoo.Conformance;

/// <summary>Runs the reference trajectories of a folder through declared, generated optimizers.</summary>
public static class ConformanceRun
{
    /// <summary>The verdict on every trajectory of the folder, in the order of their names.</summary>
    public static IEnumerable<Verdict> Run(string folder)
    {
        Problem problem = Problem.Read(folder);
        return ReferenceTrajectory.Files(folder).Select(file => Judge(problem, file));
    }

    /// <summary>
    /// The worst |a − e| / |e|. Where the reference is zero, the number itself counts: such elements have no relative deviation.
    /// A number that is not finite deviates infinitely, and so does everything if there are more or less numbers than expected, or none.
    /// </summary>
    public static double Deviation(double[][][] actual, double[][][] expected)
    {
        if (expected.Length == 0 || actual.Length != expected.Length) return double.PositiveInfinity;
        return actual.Zip(expected, Deviation).Max();
    }

    private static double Deviation(double[][] actual, double[][] expected)
    {
        if (expected.Length == 0 || actual.Length != expected.Length) return double.PositiveInfinity;
        return actual.Zip(expected, Deviation).Max();
    }

    /// <summary>Of one parameter, which may have no elements.</summary>
    private static double Deviation(double[] actual, double[] expected) =>
        actual.Length != expected.Length ? double.PositiveInfinity : actual.Zip(expected, Relative).Append(0).Max();

    private static double Relative(double actual, double expected)
    {
        double deviation = Math.Abs(actual - expected) / (expected == 0 ? 1 : Math.Abs(expected));
        return double.IsNaN(deviation) ? double.PositiveInfinity : deviation;
    }

    /// <summary>Whatever goes wrong with one trajectory is its own failure: the others are judged all the same.</summary>
    private static Verdict Judge(Problem problem, string file)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        try
        {
            return Judge(problem, ReferenceTrajectory.Read(file));
        }
        catch (Exception e)
        {
            return Verdict.NotRun(name, e.Message);
        }
    }

    private static Verdict Judge(Problem problem, ReferenceTrajectory reference)
    {
        reference.RequireFits(problem);
        var optimizer = new DeclaredOptimizer(DeclarationWriter.Write(reference, problem));
        if (optimizer.Errors.FirstOrDefault() is { } error)
            return Verdict.NotRun(reference.Name, $"{error.Id}: {error.GetMessage()}");
        return Verdict.Run(reference.Name, Deviation(Trajectory.Run(optimizer.Load(), problem, reference), reference.Evaluation is { } evaluation ? [.. reference.Steps, evaluation] : reference.Steps));
    }
}
