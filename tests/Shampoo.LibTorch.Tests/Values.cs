[assembly: CollectionBehavior(DisableTestParallelization = true)] // tensors are counted for the whole process

namespace Shampoo.LibTorch.Tests;

/// <summary>Tensors from and to plain numbers.</summary>
internal static class Values
{
    /// <summary>Numbers without a pattern, the same on every machine, in (-1, 1).</summary>
    internal static double[] Of(int count, int seed = 1)
    {
        var random = new Random(seed);
        var values = new double[count];
        for (int i = 0; i < count; i++) values[i] = 2 * random.NextDouble() - 1;
        return values;
    }

    internal static Tensor Matrix(int rows, int columns, int seed = 1) => tensor(Of(rows * columns, seed), [rows, columns]);

    /// <summary>A symmetric matrix whose eigenvalues are at least one.</summary>
    internal static Tensor Positive(int n, int seed = 1)
    {
        using var a = Matrix(n, n, seed);
        return a.mm(a.t()).add(eye(n, dtype: ScalarType.Float64));
    }

    internal static double[] Doubles(Tensor tensor)
    {
        using var converted = tensor.to(ScalarType.Float64);
        return converted.data<double>().ToArray();
    }

    internal static void Near(double expected, Tensor actual, double tolerance = 1e-12) => Near([expected], actual, tolerance);

    internal static void Near(double[] expected, Tensor actual, double tolerance = 1e-12)
    {
        var values = Doubles(actual);
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
            Assert.True(Math.Abs(expected[i] - values[i]) <= tolerance * (1 + Math.Abs(expected[i])), $"[{i}]: {expected[i]:R} was expected, {values[i]:R} came");
    }

    internal static void Near(Tensor expected, Tensor actual, double tolerance = 1e-12)
    {
        Assert.Equal(expected.shape, actual.shape);
        Near(Doubles(expected), actual, tolerance);
    }

    /// <summary>The product of two row-major matrices, the plain way.</summary>
    internal static double[] Product(double[] a, double[] b, int rows, int inner, int columns)
    {
        var c = new double[rows * columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                for (int k = 0; k < inner; k++) c[i * columns + j] += a[i * inner + k] * b[k * columns + j];
        return c;
    }
}
