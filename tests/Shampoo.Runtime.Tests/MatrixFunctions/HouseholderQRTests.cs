using System.Numerics;
using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

/// <summary>The orthogonal factor by reflections in blocks, against LAPACK's, and against what makes it one.</summary>
public sealed unsafe class HouseholderQRTests
{
    public static TheoryData<int> Sizes => [1, 2, 3, 7, 8, 9, 16, 17, 33, 63, 64, 65, 100, 128, 129, 150];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Is_that_of_LAPACK_signs_included(int n)
    {
        var matrix = Multiply(Flat(RandomOrthogonal(n, seed: n)), Compose(RandomOrthogonal(n, seed: 2 * n), Geometric(n, 10)), n);
        using var scope = torch.NewDisposeScope();
        var (expected, _) = torch.linalg.qr(Data.Tensor(matrix, [n, n]));

        Data.AssertClose(Data.Values(expected), Orthogonalise<double>(matrix, n), 0, 1e-13);
        Data.AssertClose(Data.Values(expected), Orthogonalise<float>(matrix, n), 0, 1e-5);
    }

    /// <summary>Columns that depend on those before, or are zero, leave rounding errors or nothing of themselves.</summary>
    [Theory]
    [MemberData(nameof(Sizes))]
    public void Is_orthogonal_whatever_the_rank(int n)
    {
        var matrix = Data.Normal(n, n * n);
        for (var i = 0; i < n * n; i++)
            matrix[i] = (i % n % 5) switch { 3 => 0, 4 => matrix[i - 3] - 2 * matrix[i - 2], _ => matrix[i] };

        Check(matrix, Orthogonalise<double>(matrix, n), n, 1e-13);
        Check(matrix, Orthogonalise<float>(matrix, n), n, 1e-5);
    }

    /// <summary>Eigenvalues of statistics span the range of a type: squares of what is small are 0 there, of what is large infinite.</summary>
    [Theory]
    [InlineData(1e-30)]
    [InlineData(1e-20)]
    [InlineData(1e20)]
    [InlineData(1e37)]
    public void Does_not_depend_on_the_scale_of_columns(double scale)
    {
        const int n = 70;
        var matrix = Compose(RandomOrthogonal(n, seed: 3), Geometric(n, 10));
        double[] scaled = [.. matrix.Select((value, i) => i % n % 2 == 0 ? value * scale : value)];

        Data.AssertClose(Orthogonalise<float>(matrix, n), Orthogonalise<float>(scaled, n), 0, 1e-5);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 4)]
    [InlineData(3, 6)]
    public void Of_what_is_infinite_is_not_finite(int n, int place)
    {
        var matrix = Flat(Identity(n));
        matrix[place] = double.PositiveInfinity;

        Assert.Contains(Orthogonalise<float>(matrix, n), static value => !double.IsFinite(value));
        Assert.Contains(Orthogonalise<double>(matrix, n), static value => !double.IsFinite(value));
    }

    [Fact]
    public void Of_what_is_diagonal_is_the_identity()
    {
        const int n = 70;
        var diagonal = Compose(Identity(n), [.. Enumerable.Range(0, n).Select(static i => i % 3 - 1.0)]);

        Assert.Equal(Flat(Identity(n)), Orthogonalise<float>(diagonal, n));
        Assert.Equal(Flat(Identity(n)), Orthogonalise<double>(diagonal, n));
    }

    // QᵀQ = I, and QᵀA is 0 below the diagonal.
    private static void Check(double[] matrix, double[] q, int n, double tolerance)
    {
        var transposed = Flat(Transposed(Square(q)));
        Data.AssertClose(Flat(Identity(n)), Multiply(transposed, q, n), 0, tolerance);
        var r = Multiply(transposed, matrix, n);
        var largest = matrix.Max(Math.Abs);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
                Assert.InRange(r[i * n + j], -n * tolerance * largest, n * tolerance * largest);
        }
    }

    // Row by row; the memory that it is given is not clean.
    private static double[] Orthogonalise<T>(double[] matrix, int n) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] columns = [.. Flat(Transposed(Square(matrix))).Select(T.CreateChecked)], q = new T[n * n], memory = new T[HouseholderQR<T>.Elements(n)];
        q.AsSpan().Fill(T.NaN);
        memory.AsSpan().Fill(T.NaN);
        fixed (T* from = columns, to = q, work = memory)
            HouseholderQR<T>.Orthogonalise(from, to, n, work);
        return Flat(Transposed(Square([.. q.Select(double.CreateChecked)])));
    }
}
