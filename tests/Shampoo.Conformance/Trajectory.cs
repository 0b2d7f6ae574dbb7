using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Conformance;

/// <summary>Runs a generated optimizer along a reference trajectory, in float64.</summary>
internal static class Trajectory
{
    /// <summary>The parameters after every step, [step][parameter][element].</summary>
    public static double[][][] Run(Type optimizerType, Problem problem, ReferenceTrajectory reference)
    {
        Parameter[] parameters = reference.Parameters.Select(i => new Parameter(Tensor(problem.Initial[i], problem.Shapes[i]))).ToArray();
        using optim.Optimizer optimizer = Create(optimizerType, parameters, reference.LearningRate(0));
        var steps = new double[reference.Steps.Length][][];
        for (int step = 0; step < steps.Length; step++)
        {
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = reference.LearningRate(step);
            SetGradients(problem, reference, parameters, step);
            optimizer.step();
            steps[step] = parameters.Select(static p => p.detach().reshape(-1).data<double>().ToArray()).ToArray();
        }
        foreach (Parameter parameter in parameters)
            parameter.Dispose();
        return steps;
    }

    private static void SetGradients(Problem problem, ReferenceTrajectory reference, Parameter[] parameters, int step)
    {
        int[] missing = reference.MissingGradients.TryGetValue(step, out int[]? list) ? list : [];
        for (int i = 0; i < parameters.Length; i++)
        {
            int index = reference.Parameters[i];
            parameters[i].grad = missing.Contains(index) ? null : Tensor(problem.Gradients[step][index], problem.Shapes[index]);
        }
    }

    private static Tensor Tensor(double[] values, long[] shape) => tensor(values, ScalarType.Float64).reshape(shape);

    /// <summary>Calls the constructor that takes parameters with names; every other number has the default that was declared.</summary>
    private static optim.Optimizer Create(Type type, Parameter[] parameters, double lr)
    {
        IEnumerable<(string, Parameter)> named = parameters.Select(static (p, i) => ($"p{i}", p)).ToArray();
        var constructor = type.GetConstructors().Single(static c => c.GetParameters()[0].ParameterType == typeof(IEnumerable<(string, Parameter)>));
        object?[] arguments = constructor.GetParameters().Select(p => p.Name switch
        {
            "parameters" => named,
            "lr" or "peak_lr" => lr,
            _ => p.DefaultValue,
        }).ToArray();
        return (optim.Optimizer)constructor.Invoke(arguments);
    }
}
