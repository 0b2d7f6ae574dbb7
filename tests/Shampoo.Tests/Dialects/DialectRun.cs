using System.Reflection;
using Shampoo.Runtime;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests.Dialects;

/// <summary>Runs an optimizer of this folder in a dialect.</summary>
/// <param name="Name">The class.</param>
/// <param name="Dialect">The dialect, which every bucket is required to have.</param>
/// <param name="UsesBlas">Whether the dialects of vectors leave products to BLAS; otherwise all dialects have the same ones.</param>
/// <param name="ReachesMemory">Whether operators get gradients and parameters by address, as a declaration of them does.</param>
internal sealed record DialectRun(string Name, Dialect Dialect, bool UsesBlas = false, bool ReachesMemory = false)
{
    /// <summary>So small that no step comes near the parameters, where digits would cancel.</summary>
    public const double Lr = 1e-3;

    /// <summary>Of factor matrices. So large that they are well conditioned: what is compared is not the solver.</summary>
    public const double Epsilon = 1;

    /// <summary>The dialect of vectors for a dtype.</summary>
    public static Dialect Vector(ScalarType dtype) => dtype == ScalarType.Float64 ? Dialect.Float64 : Dialect.Float32;

    /// <summary>Takes some steps.</summary>
    /// <returns>All values of every parameter and of every array of the state, by name.</returns>
    public IReadOnlyDictionary<string, double[]> Run(Problem problem, int steps)
    {
        bool isAvailable = NativeTensor.IsAvailable, hasBlas = Blas.IsAvailable;
        try
        {
            AppContext.SetSwitch(Cuda.Switch, Dialect == Dialect.Cuda);
            NativeTensor.IsAvailable &= Dialect != Dialect.Torch || ReachesMemory;
            Blas.IsAvailable &= UsesBlas;
            return Train(problem, steps);
        }
        finally
        {
            AppContext.SetSwitch(Cuda.Switch, false);
            (NativeTensor.IsAvailable, Blas.IsAvailable) = (isAvailable, hasBlas);
        }
    }

    /// <summary>The optimizer with its declared defaults, but for the two numbers above.</summary>
    public static OptimizerHelper Create(Type type, (string name, Parameter parameter)[] parameters)
    {
        ConstructorInfo constructor = type.GetConstructors().Single(static c => c.GetParameters()[0].ParameterType == typeof(IEnumerable<(string, Parameter)>));
        object?[] arguments = [.. constructor.GetParameters().Select(p => p.Name switch
        {
            "parameters" => parameters,
            "lr" => Lr,
            "epsilon" when type.IsDefined(typeof(RootInverseAttribute)) => Epsilon,
            _ => p.DefaultValue,
        })];
        return (OptimizerHelper)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    private Dictionary<string, double[]> Train(Problem problem, int steps)
    {
        (string name, Parameter parameter)[] parameters = problem.Parameters();
        using OptimizerHelper optimizer = Create(Covering.Find(Name), parameters);
        Bucket[] buckets = Buckets(optimizer);
        Assert.All(buckets, bucket => Assert.Equal(Dialect, bucket.Dialect));
        for (int step = 1; step <= steps; step++)
        {
            for (int p = 0; p < parameters.Length; p++)
                problem.SetGradient(parameters[p].parameter, p, step);
            optimizer.step();
        }
        var values = parameters.ToDictionary(static p => p.name, static p => Model.Values(p.parameter));
        foreach (Bucket bucket in buckets)
            foreach (StackedArray array in bucket.Arrays)
                values.Add($"{array.Name} of [{string.Join(", ", bucket.BlockShape)}]", [.. Enumerable.Range(0, bucket.Count).SelectMany(i => Block(array, i))]);
        foreach ((_, Parameter parameter) in parameters)
            parameter.Dispose();
        return values;
    }

    private static double[] Block(StackedArray array, int position)
    {
        using Tensor block = array.Block(position);
        return Model.Values(block);
    }

    /// <summary>The buckets of all groups.</summary>
    public static Bucket[] Buckets(OptimizerHelper optimizer) =>
        [.. (IEnumerable<Bucket>)optimizer.GetType().BaseType!.GetProperty("Buckets", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(optimizer)!];
}
