using System.Text.Json;
using Shampoo.Conformance;

namespace Shampoo.Tests;

/// <summary>Configurations whose steps are short enough to be written down, number by number.</summary>
public sealed class ConformanceNumbersTests : IDisposable
{
    private const double Lr = 0.5, Epsilon = 0.25;

    private static readonly double[][] G = [[3, -1], [1, 2]];

    private readonly string _folder = Directory.CreateTempSubdirectory("trajectories-").FullName;

    /// <summary>Configuration, and the direction of both steps.</summary>
    public static TheoryData<string, double[], double[]> Steps
    {
        get
        {
            double[] adam = [.. Each(i => G[1][i] / (Math.Sqrt((0.25 * G[0][i] * G[0][i] + 0.5 * G[1][i] * G[1][i]) / 0.75) + Epsilon))];
            double[] first = [.. Each(static i => G[0][i] / (Math.Abs(G[0][i]) + Epsilon))];
            double[] adagrad = [.. Each(static i => G[1][i] / (Math.Sqrt(G[0][i] * G[0][i] + G[1][i] * G[1][i]) + Epsilon))];
            const string Never = "\"start_preconditioning_step\": \"inf\"", Numbers = "\"beta2\": 0.5, \"epsilon\": 0.25", Whole = "\"beta2\": 1, \"epsilon\": 0.25";
            return new()
            {
                // Before its start SOAP is Adam.
                { $$"""{ "preconditioner": { "type": "eigenvalue_corrected" }, {{Never}}, {{Numbers}} }""", first, adam },
                { $$"""{ "preconditioner": { "type": "eigenvalue_corrected", "inverse_exponent_override": { "1": 1 } }, {{Never}}, {{Whole}} }""",
                    [.. Each(static i => G[0][i] / (G[0][i] * G[0][i] + Epsilon))], [.. Each(static i => G[1][i] / (G[0][i] * G[0][i] + G[1][i] * G[1][i] + Epsilon))] },
                { $$"""{ "preconditioner": { "type": "adam", {{Numbers}} }, "beta2": 1, {{Never}} }""", first, adam },
                { $$"""{ "preconditioner": { "type": "adagrad", "epsilon": 0.25 } }""", first, adagrad },
                { $$"""{ "preconditioner": { "type": "root_inverse" }, "grafting": { "type": "adam", {{Whole}} }, {{Never}}, {{Numbers}} }""", first, adagrad },
                { $$"""{ "preconditioner": { "type": "sign_descent", "scale_fn": "l1_norm" } }""", [4, -4], [3, 3] },
                // Each number is a block, and its normalised gradient ±1.
                { $$"""{ "betas": [0, 1], "epsilon": 1, "grafting_type": "adagrad_normalized", "grafting_epsilon": 0.25, "max_preconditioner_dim": 1, {{Never}} }""",
                    [.. Each(static i => G[0][i] / (1 + Epsilon))], [.. Each(static i => G[1][i] / (Math.Sqrt(2) + Epsilon))] },
                // A block of a number g has the factor g².
                { """{ "betas": [0, 1], "epsilon": 0.25, "grafting_type": "none", "max_preconditioner_dim": 1, "exponent_override": [1, 8] }""",
                    [.. Each(static i => G[0][i] / (G[0][i] * G[0][i] + Epsilon))], [.. Each(static i => G[1][i] / (G[0][i] * G[0][i] + G[1][i] * G[1][i] + Epsilon))] },
                { $$"""{ "betas": [0, 1], "grafting_config": { "type": "sgd" }, "momentum": 0.5, "dampening": 0.25, {{Never}} }""",
                    [.. Each(static i => 0.75 * G[0][i])], [.. Each(static i => 0.375 * G[0][i] + 0.75 * G[1][i])] },
                { $$"""{ "betas": [0.5, 1], "beta3": 0, "grafting_config": { "type": "sgd" }, {{Never}}, "use_bias_correction": false }""", G[0], G[1] },
            };
        }
    }

    [Theory, MemberData(nameof(Steps))]
    public void StepsAreThoseOfTheFormula(string configuration, double[] first, double[] second)
    {
        double[] one = [.. Each(i => 1 - Lr * first[i])], two = [.. Each(i => one[i] - Lr * second[i])];
        Write("problem", $$"""{ "shapes": [[2]], "initial": [[1, 1]], "gradients": [[{{Text(G[0])}}], [{{Text(G[1])}}]] }""");
        Write("step", $$"""{ "config": { "lr": 0.5, {{configuration.TrimStart('{')}}, "parameters": [0], "trajectory": [[{{Text(one)}}], [{{Text(two)}}]] }""");
        Verdict verdict = ConformanceRun.Run(_folder).Single();
        Assert.Null(verdict.Reason);
        Assert.InRange(verdict.Deviation, 0, 1e-12);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static IEnumerable<double> Each(Func<int, double> number) => Enumerable.Range(0, 2).Select(number);

    private static string Text(double[] numbers) => JsonSerializer.Serialize(numbers);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, $"{name}.json"), text);
}
