namespace Shampoo.Runtime.Tests;

/// <summary>Reproducible numbers, and tensors of them.</summary>
internal static class Data
{
    /// <summary>How many tensors there are, once those that earlier tests left to the finalizer are gone.</summary>
    public static long LiveTensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }

    public static double[] Normal(int seed, int count, double scale = 1)
    {
        var random = new Random(seed);
        var numbers = new double[count];
        for (var i = 0; i < count; i++)
            numbers[i] = scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return numbers;
    }

    public static Tensor Tensor(double[] values, long[] shape, ScalarType type = ScalarType.Float64)
    {
        using var doubles = torch.tensor(values, shape, dtype: ScalarType.Float64);
        return doubles.to_type(type);
    }

    public static Parameter Parameter(double[] values, long[] shape, ScalarType type = ScalarType.Float64) => new(Tensor(values, shape, type));

    public static Parameter Parameter(int seed, params long[] shape) => Parameter(Normal(seed, Elements(shape)), shape);

    public static int Elements(long[] shape) => (int)shape.Aggregate(1L, (product, size) => product * size);

    public static void SetGradient(Parameter parameter, double[]? values)
    {
        using var gradient = values is null ? null : Tensor(values, parameter.shape, parameter.dtype);
        parameter.grad = gradient!;
    }

    public static double[] Values(Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        return tensor.detach().to_type(ScalarType.Float64).reshape(-1).data<double>().ToArray();
    }

    public static void AssertClose(double[] expected, double[] actual, double relative, double absolute = 0)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var tolerance = relative * Math.Abs(expected[i]) + absolute;
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"element {i}: expected {expected[i]:R}, but was {actual[i]:R}");
        }
    }
}
