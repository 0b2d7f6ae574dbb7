using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

/// <summary>A step of simultaneous iteration in place, against the same one by operators, and against its definition in double.</summary>
public sealed class SimultaneousIterationTests
{
    [Theory]
    [InlineData(1, ScalarType.Float64, 1e-12)]
    [InlineData(5, ScalarType.Float64, 1e-12)]
    [InlineData(70, ScalarType.Float64, 1e-12)]
    [InlineData(260, ScalarType.Float64, 1e-11)]
    [InlineData(17, ScalarType.Float32, 1e-4)]
    [InlineData(70, ScalarType.Float32, 1e-4)]
    public void Sorts_the_columns_and_takes_one_step(int n, ScalarType type, double tolerance)
    {
        const int matrices = 3;
        double[][] a = [.. Enumerable.Range(0, matrices).Select(i => Compose(RandomOrthogonal(n, seed: n + i), Geometric(n, 20)))];
        double[][] q = [.. Enumerable.Range(0, matrices).Select(i => Flat(RandomOrthogonal(n, seed: 2 * n + i)))];
        foreach (var isAvailable in (bool[])[true, false])
        {
            using var restoring = new BlasAvailability(isAvailable);
            using var scope = torch.NewDisposeScope();
            Tensor stack = Data.Tensor([.. a.SelectMany(static x => x)], [matrices, n, n], type), basis = Data.Tensor([.. q.SelectMany(static x => x)], [matrices, n, n], type);
            var kept = basis.clone();
            var (next, columns) = SimultaneousIteration.Step(stack, basis);
            Assert.Equal(isAvailable, NativeTensor.Data(next.Handle) == NativeTensor.Data(stack.Handle));
            Assert.Equal(Data.Values(kept), Data.Values(basis));

            for (var i = 0; i < matrices; i++)
            {
                var (expected, order) = Step(a[i], q[i], n);
                Assert.Equal(order, columns.select(0, i).data<long>().ToArray());
                Data.AssertClose(expected, Data.Values(next.select(0, i)), 0, tolerance);
            }
        }
    }

    /// <summary>What comes out of a matrix does not depend on those beside it.</summary>
    [Fact]
    public void Does_not_depend_on_the_length_of_the_stack()
    {
        using var scope = torch.NewDisposeScope();
        var all = torch.randn(4, 20, 20);
        var stack = all.bmm(all.transpose(1, 2));
        var (basis, _) = torch.linalg.qr(torch.randn(4, 20, 20));
        basis = basis.contiguous();
        var alone = SimultaneousIteration.Step(stack.narrow(0, 2, 1).clone(), basis.narrow(0, 2, 1)).Basis;
        var together = SimultaneousIteration.Step(stack, basis).Basis;

        Assert.Equal(Data.Values(alone), Data.Values(together.narrow(0, 2, 1)));
    }

    // Products and sums one by one in double; signs are those of LAPACK.
    private static (double[] Basis, long[] Order) Step(double[] a, double[] q, int n)
    {
        var products = Multiply(a, q, n);
        double[] quotients = [.. Enumerable.Range(0, n).Select(j => Enumerable.Range(0, n).Sum(i => q[i * n + j] * products[i * n + j]))];
        long[] order = [.. Enumerable.Range(0, n).Select(static j => (long)j).OrderByDescending(j => quotients[j])];
        using var scope = torch.NewDisposeScope();
        double[] sorted = [.. Enumerable.Range(0, n * n).Select(i => products[i / n * n + order[i % n]])];
        var (basis, _) = torch.linalg.qr(Data.Tensor(sorted, [n, n]));
        return (Data.Values(basis), order);
    }
}
