using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

public sealed class RankDeficiencyTests
{
    public static TheoryData<ScalarType> Types => [ScalarType.Float32, ScalarType.Float64];

    [Theory]
    [MemberData(nameof(Types))]
    public void PerturbBefore_lifts_all_eigenvalues_where_the_smallest_is_below_epsilon(ScalarType type)
    {
        // [.1, 3.1] → [1, 4]; [2, 5] as they are
        Data.AssertClose([1, 0.5, 1 / Math.Sqrt(2), 1 / Math.Sqrt(5)], Roots(new PerturbBefore(1), [0.1, 3.1, 2, 5], 2, 0.5, type), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void PerturbAfter_lifts_negative_eigenvalues_and_adds_epsilon_to_all(ScalarType type)
    {
        // [−.9, 2.1] → [.1, 3.1]; [1, 4] → [1.1, 4.1]
        double[] expected = [.. new[] { 0.1, 3.1, 1.1, 4.1 }.Select(static value => Math.Pow(value, -0.25))];

        Data.AssertClose(expected, Roots(new PerturbAfter(0.1), [-0.9, 2.1, 1, 4], 2, 0.25, type), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void PerturbAfter_keeps_epsilon_beside_large_eigenvalues(ScalarType type) =>
        Data.AssertClose([1e3, 0.1], Roots(new PerturbAfter(1e-12), [0, 1e4], 2, 0.25, type), 1e-6);

    [Theory]
    [MemberData(nameof(Types))]
    public void PseudoInverse_leaves_out_what_is_below_the_relative_tolerance(ScalarType type) =>
        Data.AssertClose([0, 0, 0.5, 0, 1e4, 1], Roots(new PseudoInverse(1e-8), [3.9e-8, -3, 4, 0.9e-8, 1e-8 * 1.0001, 1], 3, 0.5, type), 1e-4);

    [Theory]
    [MemberData(nameof(Types))]
    public void PseudoInverse_leaves_out_what_is_below_the_absolute_tolerance(ScalarType type) =>
        Data.AssertClose([0, 1, 0.5], Roots(new PseudoInverse(1e-8, 0.5), [0.4, 1, 4], 3, 0.5, type), 1e-6);

    [Theory]
    [MemberData(nameof(Types))]
    public void PseudoInverse_takes_the_numerical_rank_where_no_tolerance_is_given(ScalarType type)
    {
        var cutoff = 3 * (type == ScalarType.Float64 ? Math.Pow(2, -52) : Math.Pow(2, -23)); // n·eps·λ_max

        Data.AssertClose([0, 1 / (1.01 * cutoff), 1], Roots(new PseudoInverse(null), [0.99 * cutoff, 1.01 * cutoff, 1], 3, 1, type), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void PseudoInverse_of_no_positive_eigenvalue_is_zero(ScalarType type) =>
        Data.AssertClose([0, 0, 0, 0], Roots(new PseudoInverse(1e-8), [-1, -2, 0, 0], 2, 0.5, type), 0);

    [Theory]
    [MemberData(nameof(Types))]
    public void Roots_of_matrices_of_lower_rank(ScalarType type)
    {
        const int n = 6;
        var q = RandomOrthogonal(n, seed: 1);
        var matrix = Compose(q, [0, 0, 0, 2, 3, 5]);
        double[] inverse = [.. new double[] { 2, 3, 5 }.Select(static value => Math.Pow(value, -0.25))];

        AssertRelative(Compose(q, [0, 0, 0, .. inverse]), Root(new Eigh<PseudoInverse>(new(1e-5)), matrix, n, 0.25, type), 1e-5);
        AssertRelative(Compose(q, [10, 10, 10, .. inverse]), Root(new Eigh<PerturbAfter>(new(1e-4)), matrix, n, 0.25, type), type == ScalarType.Float64 ? 1e-4 : 1e-2);
        AssertRelative(Compose(q, [10, 10, 10, .. inverse]), Root(new Eigh<PerturbBefore>(new(1e-4)), matrix, n, 0.25, type), type == ScalarType.Float64 ? 1e-4 : 1e-2);
    }

    // L^(−1/4) G R^(−1/4) = (GGᵀ)^(−1/2) G for L = GGᵀ and R = GᵀG, which has rank 2.
    [Fact]
    public void Two_fourth_roots_make_the_orthogonal_factor()
    {
        using var scope = torch.NewDisposeScope();
        var solver = new Eigh<PseudoInverse>(new(1e-10));
        var g = Data.Tensor([1, 2, -1, 0.5, -0.25, 3], [1, 2, 3]);
        var transposed = g.transpose(1, 2);

        var direction = solver.InverseRoot(g.bmm(transposed), 0.25).bmm(g).bmm(solver.InverseRoot(transposed.bmm(g), 0.25));

        Data.AssertClose([.478911864, .856123957, -.194152508, .255558395, .075620342, .963831661], Data.Values(direction), 0, 1e-8);
    }

    private static double[] Roots<TRule>(TRule rule, double[] eigenvalues, int n, double exponent, ScalarType type) where TRule : struct, IRankDeficiencyRule
    {
        using var stack = Data.Tensor(eigenvalues, [eigenvalues.Length / n, n], type);
        using var roots = rule.InverseRoots(stack, exponent);
        Assert.Equal(type, roots.dtype);
        return Data.Values(roots);
    }
}
