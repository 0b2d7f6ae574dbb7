using System.Text.Json;

namespace Shampoo.Conformance;

/// <summary>The problem that all trajectories of a folder share: <c>problem.json</c>.</summary>
/// <param name="Dtype">The parameters' dtype, as the reference writes it.</param>
/// <param name="Shapes">Shape of each parameter.</param>
/// <param name="Initial">Initial value of each parameter, row-major.</param>
/// <param name="Gradients">Gradient of each parameter in each step, row-major: [step][parameter][element].</param>
public sealed record Problem(string Dtype, long[][] Shapes, double[][] Initial, double[][][] Gradients)
{
    /// <summary>Reads <c>problem.json</c> of a folder.</summary>
    public static Problem Read(string folder)
    {
        string file = Path.Combine(folder, "problem.json");
        if (!File.Exists(file))
            throw new FileNotFoundException($"'{folder}' is no folder of reference trajectories: there is no problem.json in it.", file);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement root = document.RootElement;
        return new Problem(
            root.TryGetProperty("dtype", out JsonElement dtype) ? dtype.GetString()! : "float64",
            root.Required<long[][]>("shapes"),
            root.Required<double[][]>("initial"),
            root.Required<double[][][]>("gradients"));
    }
}
