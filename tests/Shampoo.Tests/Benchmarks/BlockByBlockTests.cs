using System.Text.Json;
using Shampoo.Benchmarks.Step;
using Shampoo.Conformance;
using TorchSharp;
using TorchSharp.Modules;

namespace Shampoo.Tests;

/// <summary>What the benchmarks compare with computes what it says.</summary>
public sealed class BlockByBlockTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "vectors");

    [Theory]
    [InlineData("root-inverse-eigen-adam-graft")]
    [InlineData("blocked-3")]
    [InlineData("merge-everything")]
    [InlineData("start-and-frequency")]
    [InlineData("missing-gradients")]
    [InlineData("weight-decay-decoupled")]
    [InlineData("coupled-newton")]
    public void Meets_the_reference(string name)
    {
        var problem = Problem.Read(s_folder);
        var reference = ReferenceTrajectory.Read(Path.Combine(s_folder, name + ".json"));
        var parameters = reference.Parameters.Select(i => (name: $"{i}", parameter: new Parameter(Tensor(problem.Initial[i], problem.Shapes[i])))).ToArray();
        using var optimizer = new BlockByBlock(parameters, Numbers(reference));

        for (var step = 0; step < reference.Steps.Length; step++)
        {
            for (var i = 0; i < parameters.Length; i++)
                parameters[i].parameter.grad = Gradient(problem, reference, step, reference.Parameters[i]);
            optimizer.Step();
            for (var i = 0; i < parameters.Length; i++)
                Rounding.AssertClose(reference.Steps[step][i], parameters[i].parameter.data<double>().ToArray(), 1e-9);
        }
    }

    private static torch.Tensor? Gradient(Problem problem, ReferenceTrajectory reference, int step, int index) =>
        reference.MissingGradients.TryGetValue(step, out var missing) && missing.Contains(index)
            ? null : Tensor(problem.Gradients[step][index], problem.Shapes[index]);

    private static torch.Tensor Tensor(double[] values, long[] shape) => torch.tensor(values).reshape(shape);

    private static BlockByBlockNumbers Numbers(ReferenceTrajectory reference)
    {
        double Of(string name) => reference.Configuration.GetProperty(name).GetDouble();
        var grafting = reference.Configuration.GetProperty("grafting");
        var solver = reference.Configuration.GetProperty("preconditioner").GetProperty("solver");
        return new()
        {
            Lr = reference.LearningRate(0),
            Beta1 = Of("beta1"),
            Beta2 = Of("beta2"),
            Epsilon = Of("epsilon"),
            WeightDecay = Of("weight_decay"),
            GraftingBeta2 = grafting.GetProperty("beta2").GetDouble(),
            GraftingEpsilon = grafting.GetProperty("epsilon").GetDouble(),
            MaxDimension = (int)Of("max_preconditioner_dim"),
            Frequency = (long)Of("precondition_frequency"),
            Start = (long)Of("start_preconditioning_step"),
            Newton = solver.GetProperty("type").GetString() == "coupled_newton",
            Tolerance = solver.TryGetProperty("tolerance", out JsonElement tolerance) ? tolerance.GetDouble() : 1e-6,
        };
    }
}
