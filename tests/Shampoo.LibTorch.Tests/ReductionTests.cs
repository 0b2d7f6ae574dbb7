namespace Shampoo.LibTorch.Tests;

public class ReductionTests
{
    private static readonly double[] X = Values.Of(24, 3);
    private static readonly Tensor T = tensor(X, [2, 3, 4]);

    [Fact]
    public void Sums_and_means()
    {
        Values.Near(X.Sum(), T.sum());
        Values.Near(X.Average(), T.mean());
        var rows = X.Chunk(4).Select(r => r.Sum()).ToArray();
        Values.Near(rows, T.sum(-1));
        Values.Near(rows, T.sum([2L]));
        Assert.Equal([2, 3, 1], T.sum(2, keepdim: true).shape);
        Values.Near(X.Chunk(12).Select(r => r.Sum()).ToArray(), T.sum(1, 2));
        Values.Near(X.Chunk(12).Select(r => r.Average()).ToArray(), T.mean([1, 2]));
        Assert.Equal(ScalarType.Float32, T.sum(ScalarType.Float32).dtype);
    }

    [Fact]
    public void Extremes()
    {
        Values.Near(X.Max(), T.max());
        Values.Near(X.Min(), T.min());
        var (values, indices) = T.max(2);
        Values.Near(X.Chunk(4).Select(r => r.Max()).ToArray(), values);
        Assert.Equal(X.Chunk(4).Select(r => (long)Array.IndexOf(r, r.Max())), indices.data<long>().ToArray());
        Values.Near(X.Chunk(12).Select(r => r.Max()).ToArray(), T.amax(1, 2));
        Values.Near(X.Chunk(12).Select(r => r.Min()).ToArray(), T.amin([1, 2], keepdim: true));
        Assert.Equal(Array.IndexOf(X, X.Max()), T.argmax().item<long>());
        using var target = empty(2, dtype: ScalarType.Float64);
        Assert.Same(target, T.amax([1, 2], false, target));
        Values.Near(X.Chunk(12).Select(r => r.Max()).ToArray(), target);
    }

    [Fact]
    public void Norms()
    {
        double two = Math.Sqrt(X.Sum(x => x * x));
        Values.Near(two, T.norm());
        Values.Near(two, linalg.vector_norm(T));
        Values.Near(two, linalg.norm(T.flatten()));
        Values.Near(X.Sum(Math.Abs), linalg.vector_norm(T, 1));
        Values.Near(X.Max(Math.Abs), linalg.vector_norm(T, double.PositiveInfinity));
        Values.Near(X.Chunk(12).Select(r => Math.Sqrt(r.Sum(x => x * x))).ToArray(), linalg.matrix_norm(T));
        Values.Near(X.Chunk(4).Select(r => Math.Sqrt(r.Sum(x => x * x))).ToArray(), T.norm(2));
        Values.Near(X.Chunk(12).Select(r => Math.Sqrt(r.Sum(x => x * x))).ToArray(), linalg.vector_norm(T, 2, [1, 2], keepdim: true));
    }

    [Fact]
    public void Deviations()
    {
        double mean = X.Average(), variance = X.Sum(x => (x - mean) * (x - mean));
        Values.Near(variance / 23, T.var());
        Values.Near(Math.Sqrt(variance / 23), T.std());
        Values.Near(variance / 24, T.var(unbiased: false));
        var rows = X.Chunk(4).Select(r => { double m = r.Average(); return r.Sum(x => (x - m) * (x - m)) / 3; }).ToArray();
        Values.Near(rows, T.var(2));
        Values.Near(rows.Select(Math.Sqrt).ToArray(), T.std([2L]));
    }

    [Fact]
    public void Products_and_running_sums()
    {
        Values.Near(X.Aggregate((a, b) => a * b), T.prod());
        double sum = 0;
        Values.Near(X.Select(x => sum += x).ToArray(), T.flatten().cumsum(0));
        Values.Near(Math.Log(X.Sum(Math.Exp)), T.flatten().logsumexp(0));
    }

    [Fact]
    public void Booleans_and_counts()
    {
        using var positive = T > 0;
        Assert.Equal(X.Count(x => x > 0), positive.count_nonzero().item<long>());
        Assert.True(positive.any().item<bool>());
        Assert.False(positive.all().item<bool>());
        Values.Near(X.Chunk(4).Select(r => r.All(x => x > 0) ? 1.0 : 0).ToArray(), positive.all(-1));
        Assert.True(T.allclose(T + 1e-12));
        Assert.False(T.allclose(T + 1));
        Assert.True(T.Equals(T.clone()));
        Assert.False(T.Equals(T + 1));
    }
}
