using System.Reflection;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Conformance;

/// <summary>Runs a generated optimizer along a reference trajectory.</summary>
internal static class Trajectory
{
    /// <summary>The parameters after every step, [step][parameter][element], and in evaluation mode after the last one if the reference has that.</summary>
    public static double[][][] Run(Type optimizerType, Problem problem, ReferenceTrajectory reference)
    {
        Parameter[] parameters = reference.Parameters.Select(i => new Parameter(Tensor(problem, problem.Initial[i], problem.Shapes[i]))).ToArray();
        try
        {
            return Run(optimizerType, problem, reference, parameters);
        }
        finally
        {
            foreach (Parameter parameter in parameters)
                parameter.Dispose();
        }
    }

    private static double[][][] Run(Type optimizerType, Problem problem, ReferenceTrajectory reference, Parameter[] parameters)
    {
        using optim.Optimizer optimizer = Create(optimizerType, parameters, reference);
        var steps = new double[reference.Steps.Length][][];
        for (int step = 0; step < steps.Length; step++)
        {
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = reference.LearningRate(step);
            SetGradients(problem, reference, parameters, step);
            optimizer.step();
            steps[step] = parameters.Select(Values).ToArray();
        }
        if (reference.Evaluation is null) return steps;
        optimizerType.GetMethod("eval")!.Invoke(optimizer, BindingFlags.DoNotWrapExceptions, null, [], null);
        return [.. steps, parameters.Select(Values).ToArray()];
    }

    private static void SetGradients(Problem problem, ReferenceTrajectory reference, Parameter[] parameters, int step)
    {
        int[] missing = reference.MissingGradients.TryGetValue(step, out int[]? list) ? list : [];
        for (int i = 0; i < parameters.Length; i++)
        {
            int index = reference.Parameters[i];
            using Tensor? gradient = missing.Contains(index) ? null : Tensor(problem, problem.Gradients[step][index], problem.Shapes[index]);
            parameters[i].grad = gradient;
        }
    }

    private static Tensor Tensor(Problem problem, double[] values, long[] shape) => tensor(values, Dtype(problem)).reshape(shape);

    private static ScalarType Dtype(Problem problem) => problem.Dtype.Split('.')[^1] switch
    {
        "float64" or "double" => ScalarType.Float64,
        "float32" or "float" => ScalarType.Float32,
        var other => throw new NotSupportedException($"The problem's dtype is '{other}'; this runner knows float32 and float64."),
    };

    private static double[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return [.. tensor.detach().to(ScalarType.Float64).reshape(-1).data<double>()];
    }

    /// <summary>Calls the constructor that takes parameters with names; every other number has the default that was declared.</summary>
    private static optim.Optimizer Create(Type type, Parameter[] parameters, ReferenceTrajectory reference)
    {
        IEnumerable<(string, Parameter)> named = parameters.Select(static (p, i) => ($"p{i}", p)).ToArray();
        var constructor = type.GetConstructors().Single(static c => c.GetParameters()[0].ParameterType == typeof(IEnumerable<(string, Parameter)>));
        object?[] arguments = constructor.GetParameters().Select(p => p.Name switch
        {
            "parameters" => named,
            "lr" => reference.LearningRate(0),
            "peak_lr" => reference.PeakLearningRate,
            _ => p.DefaultValue,
        }).ToArray();
        return (optim.Optimizer)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }
}
