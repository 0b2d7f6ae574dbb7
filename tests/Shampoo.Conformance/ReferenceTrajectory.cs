using System.Text.Json;

namespace Shampoo.Conformance;

/// <summary>One configuration of the reference, and the parameters after every step.</summary>
/// <param name="Name">The file's name, without its extension.</param>
/// <param name="Configuration">The reference's own option names and values.</param>
/// <param name="Parameters">Which parameters of the problem take part.</param>
/// <param name="MissingGradients">Step, from 0, to the parameters that have no gradient in it.</param>
/// <param name="Steps">[step][parameter][element].</param>
public sealed record ReferenceTrajectory(
    string Name,
    JsonElement Configuration,
    int[] Parameters,
    IReadOnlyDictionary<int, int[]> MissingGradients,
    double[][][] Steps)
{
    /// <summary>Eigenvectors of these may differ by sign and order, which costs digits.</summary>
    public double Tolerance => Name.StartsWith("soap-", StringComparison.Ordinal) || Name.StartsWith("spectral-", StringComparison.Ordinal) ? 1e-6 : 1e-9;

    /// <summary>
    /// The learning rate of a step, from 0. The reference of today keeps it in a float32 tensor, whatever the parameters are; that
    /// of 2022–2024 did not.
    /// </summary>
    public double LearningRate(int step)
    {
        JsonElement lr = Configuration.GetProperty("lr");
        double value = lr.ValueKind == JsonValueKind.Array ? lr[step].GetDouble() : lr.GetDouble();
        return IsNewest ? (float)value : value;
    }

    /// <summary>Whether the reference of today wrote it, not that of 2022–2024.</summary>
    public bool IsNewest => Configuration.TryGetProperty("preconditioner", out _);

    /// <summary>Reads a trajectory.</summary>
    public static ReferenceTrajectory Read(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement root = document.RootElement;
        return new ReferenceTrajectory(
            Path.GetFileNameWithoutExtension(file),
            root.GetProperty("config").Clone(),
            root.GetProperty("parameters").Deserialize<int[]>()!,
            root.TryGetProperty("missing_gradients", out JsonElement missing)
                ? missing.EnumerateObject().ToDictionary(static p => int.Parse(p.Name), static p => p.Value.Deserialize<int[]>()!)
                : [],
            root.GetProperty("trajectory").Deserialize<double[][][]>()!);
    }

    /// <summary>All trajectories of a folder, by name.</summary>
    public static IReadOnlyList<ReferenceTrajectory> ReadAll(string folder) =>
        Directory.EnumerateFiles(folder, "*.json").Where(static f => Path.GetFileName(f) != "problem.json")
            .Order(StringComparer.Ordinal).Select(Read).ToList();
}
