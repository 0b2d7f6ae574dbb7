using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

public sealed class DeflationTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Drops_what_is_at_most_the_square_of_a_rounding_error(ScalarType type)
    {
        var square = Math.Pow(type == ScalarType.Float32 ? Math.Pow(2, -24) : Math.Pow(2, -53), 2);
        double[] matrix = [square / 2, 1.01 * square, square, -square, 1, -1.01 * square, double.NaN, 0.99 * square, 0];
        using var scope = torch.NewDisposeScope();
        var tensor = Data.Tensor(matrix, [1, 3, 3], type);
        var expected = Data.Values(tensor);
        foreach (var dropped in (int[])[2, 3, 7])
            expected[dropped] = 0;

        Deflation.OfOrthogonal(tensor);

        Assert.Equal(expected, Data.Values(tensor));
    }

    // Against the geometric mean of the diagonal, of each matrix its own.
    [Fact]
    public void Keeps_what_counts_for_small_eigenvalues()
    {
        var u = Math.Pow(2, -53);
        double[] graded = [4, 2.2e-10 * u * u, 1.8e-10 * u * u, 1e-20], large = [4, 1e3 * u * u, 1.9e3 * u * u, 1e6];
        using var scope = torch.NewDisposeScope();
        var tensor = Data.Tensor([.. graded, .. large], [2, 2, 2], ScalarType.Float64);

        Deflation.OfSymmetric(tensor);

        Assert.Equal([4, 2.2e-10 * u * u, 0, 1e-20, 4, 0, 0, 1e6], Data.Values(tensor));
    }

    [Fact]
    public void Takes_diagonals_of_either_sign_and_none()
    {
        var x = 1e-9 * Math.Pow(2, -106);
        using var scope = torch.NewDisposeScope();
        var tensor = Data.Tensor([-4, x, x, 1e-20, 0, 1, 1, 0], [2, 2, 2], ScalarType.Float64);

        Deflation.OfSymmetric(tensor);

        Assert.Equal([-4, x, x, 1e-20, 0, 1, 1, 0], Data.Values(tensor));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1e-28)]
    public void Keeps_subnormal_numbers_out_of_an_iteration(double scale)
    {
        const int n = 96;
        using var scope = torch.NewDisposeScope();
        double[] eigenvalues = [.. Geometric(n, 1e9).Select(value => value * scale)];
        var matrix = Data.Tensor(Compose(RandomOrthogonal(n, seed: 1), eigenvalues), [1, n, n], ScalarType.Float32);
        var (_, basis) = torch.linalg.eigh(matrix);
        var stacks = new CoupledStacks(basis.clone(), Eigenbases.Rotate(matrix, basis));
        var (tiny, subnormal) = (0, 0);
        for (var iteration = 0; iteration < 12; iteration++)
        {
            tiny += Data.Values(QRBasis.Rotation(stacks.Second)).Count(static value => value != 0 && Math.Abs(value) < Math.Pow(2, -48));
            QRBasis.Iterate(stacks);
            // Eigenvalues stay what they are.
            subnormal += Data.Values(stacks.Second).Where(static (_, i) => i % (n + 1) > 0).Concat(Data.Values(stacks.First)).Count(static value => float.IsSubnormal((float)value));
        }

        Assert.Equal((0, 0), (tiny, subnormal));
        var rotated = Eigenbases.Rotate(matrix, stacks.First);
        Assert.InRange(rotated.sub(stacks.Second).abs().max().item<float>(), 0, 1e-5 * scale);
    }
}
