using System.Text.Json;

namespace Shampoo.Conformance;

/// <summary>One configuration of the reference, and the parameters after every step.</summary>
/// <param name="Name">The file's name, without its extension.</param>
/// <param name="Configuration">The reference's own option names and values.</param>
/// <param name="Parameters">Which parameters of the problem take part.</param>
/// <param name="MissingGradients">Step, from 0, to the parameters that have no gradient in it.</param>
/// <param name="Steps">[step][parameter][element].</param>
/// <param name="Evaluation">[parameter][element] after the switch to evaluation mode, where there is one.</param>
public sealed record ReferenceTrajectory(
    string Name,
    JsonElement Configuration,
    int[] Parameters,
    IReadOnlyDictionary<int, int[]> MissingGradients,
    double[][][] Steps,
    double[][]? Evaluation)
{
    /// <summary>How far the trajectory of this name may be missed. Eigenvectors of some may differ by sign and order, which costs digits.</summary>
    public static double Tolerance(string name) => name.StartsWith("soap-", StringComparison.Ordinal) || name.StartsWith("spectral-", StringComparison.Ordinal) ? 1e-6 : 1e-9;

    /// <summary>
    /// The learning rate of a step, from 0. The reference of today keeps it in a float32 tensor, whatever the parameters are; that
    /// of 2022–2024 did not.
    /// </summary>
    public double LearningRate(int step)
    {
        JsonElement lr = Configuration.Required("lr");
        double value = lr.ValueKind == JsonValueKind.Array ? lr[step].GetDouble() : lr.GetDouble();
        return IsNewest ? (float)value : value;
    }

    /// <summary>The first learning rate, which the reference takes for the peak of the schedule: a number, in no tensor.</summary>
    public double PeakLearningRate => Configuration.Required("lr") is { ValueKind: JsonValueKind.Array } rates ? rates[0].GetDouble() : Configuration.Required("lr").GetDouble();

    /// <summary>Whether the reference of today wrote it, not that of 2022–2024.</summary>
    public bool IsNewest => Configuration.TryGetProperty("preconditioner", out _);

    /// <summary>Reads a trajectory.</summary>
    public static ReferenceTrajectory Read(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement root = document.RootElement;
        return new ReferenceTrajectory(
            Path.GetFileNameWithoutExtension(file),
            root.Required("config").Clone(),
            root.Required<int[]>("parameters"),
            root.TryGetProperty("missing_gradients", out JsonElement missing)
                ? missing.EnumerateObject().ToDictionary(static p => int.Parse(p.Name), static p => p.Value.Deserialize<int[]>()!)
                : [],
            root.Required<double[][][]>("trajectory"),
            root.TryGetProperty("evaluation_parameters", out JsonElement evaluation) ? evaluation.Deserialize<double[][]>() : null);
    }

    /// <summary>The files of a folder that are trajectories, in the order of their names.</summary>
    public static IReadOnlyList<string> Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.json").Where(static f => Path.GetFileName(f) != "problem.json").Order(StringComparer.Ordinal)];

    /// <summary>Throws unless there is something to compare, and as many numbers of everything as the problem has.</summary>
    /// <exception cref="InvalidDataException">It has no steps, or too many or too few numbers; the message says of what.</exception>
    public void RequireFits(Problem problem)
    {
        if (Steps.Length == 0 || Parameters.Length == 0)
            throw new InvalidDataException($"The trajectory has {Steps.Length} steps of {Parameters.Length} parameters: there is nothing to compare.");
        RequireCount("steps", Steps.Length, problem.Gradients.Length);
        foreach (int parameter in Parameters.Concat(MissingGradients.Values.SelectMany(static p => p)))
            if (parameter < 0 || parameter >= problem.Shapes.Length)
                throw new InvalidDataException($"The problem has no parameter {parameter}.");
        foreach (int step in MissingGradients.Keys)
            if (step < 0 || step >= Steps.Length)
                throw new InvalidDataException($"Gradients are missing in step {step}, which there is not.");
        for (int step = 0; step < Steps.Length; step++)
        {
            RequireCount($"parameters in step {step}", Steps[step].Length, Parameters.Length);
            for (int i = 0; i < Parameters.Length; i++)
                RequireCount($"elements of parameter {Parameters[i]} in step {step}", Steps[step][i].Length, problem.Initial[Parameters[i]].Length);
        }
        if (Configuration.Required("lr") is { ValueKind: JsonValueKind.Array } rates)
            RequireCount("learning rates", rates.GetArrayLength(), Steps.Length);
    }

    private static void RequireCount(string what, int found, int expected)
    {
        if (found != expected) throw new InvalidDataException($"There are {found} {what} where there should be {expected}.");
    }
}
