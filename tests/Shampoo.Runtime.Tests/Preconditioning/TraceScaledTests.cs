namespace Shampoo.Runtime.Tests;

public sealed class TraceScaledTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Takes_the_root_of_the_scaled_matrix(double exponent)
    {
        // Diagonal: (aᵢ·tr^(−s) + ε)^(−1/2) is the whole truth. The third trace is below its bound.
        double[] diagonals = [1, 8, 30, 10, 1e-4, 1e-4];
        using var matrices = Data.Tensor([1, 0, 0, 8, 30, 0, 0, 10, 1e-4, 0, 0, 1e-4], [3, 2, 2]);
        double[] traces = [9, 40, 1e-2];

        using var roots = new TraceScaled<Eigh>(new(1e-3), exponent, epsilon: 1e-2).InverseRoot(matrices, 0.5);

        var expected = new double[12];
        for (var i = 0; i < 6; i++)
            expected[i / 2 * 4 + i % 2 * 3] = 1 / Math.Sqrt(diagonals[i] * Math.Pow(traces[i / 2], -exponent) + 1e-3);
        Data.AssertClose(expected, Data.Values(roots), 1e-13, 1e-15);
    }

    [Fact]
    public void Gives_eigenvalues_to_a_rule_after_scaling()
    {
        // tr = 9, and 9^(−1/2) = 1/3: the rule sees 1/3 and 8/3, and adds what it adds.
        using var matrices = Data.Tensor([1, 0, 0, 8], [1, 2, 2]);
        var rule = new TraceScaledRule<PerturbAfter>(new(0.25), 0.5, epsilon: 1e-2);

        rule.BeforeDecomposition(matrices);
        using var eigenvalues = Data.Tensor([1 / 3d, 8 / 3d], [1, 2]);
        using var roots = rule.InverseRoots(eigenvalues, 0.5);

        Data.AssertClose([1 / 3d, 0, 0, 8 / 3d], Data.Values(matrices), 1e-13, 1e-15);
        Data.AssertClose([1 / Math.Sqrt(1 / 3d + 0.25), 1 / Math.Sqrt(8 / 3d + 0.25)], Data.Values(roots), 1e-13, 1e-15);
    }

    [Fact]
    public void Leaves_a_matrix_of_trace_zero_where_nothing_bounds_the_trace()
    {
        // What the pseudo-inverse needs, which has no ε. 8·8^(−1) = 1 beside it shows that the other matrix is scaled.
        using var matrices = Data.Tensor([0, 0, 0, 0, 4, 0, 0, 4], [2, 2, 2]);

        using var roots = new TraceScaled<Eigh<PseudoInverse>>(new(new(1e-8)), 1, epsilon: 0).InverseRoot(matrices, 0.5);

        double[] expected = [0, 0, 0, 0, Math.Sqrt(2), 0, 0, Math.Sqrt(2)];
        Data.AssertClose(expected, Data.Values(roots), 1e-13, 1e-15);
    }
}
