namespace Shampoo.Runtime.Tests;

/// <summary>Eigendecompositions of float32, against residuals in double and LAPACK's eigenvalues in double, for spectra that are hard for one part or another.</summary>
public sealed unsafe class SymmetricEigensolverTests
{
    // Of float32: the distance from 1 to the next number.
    private const double Epsilon = 1.1920929e-7;

    // Below, at and above what is not divided, a register, a panel, and reflections that are applied together.
    private static readonly int[] s_sizes = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 33, 34, 47, 48, 63, 64, 65, 66, 96, 127, 128, 129, 200, 257];

    private static readonly Dictionary<string, Func<int, Random, Func<int, int, double>>> s_kinds = new()
    {
        ["zero"] = static (_, _) => static (_, _) => 0,
        ["identity"] = static (_, _) => static (i, j) => i == j ? 3 : 0,
        ["ones"] = static (_, _) => static (_, _) => 2,
        ["diagonal, nearly equal"] = static (_, _) => static (i, j) => i != j ? 0 : i % 2 == 0 ? 1 : 1 + 1e-7,
        ["diagonal, descending"] = static (n, _) => (i, j) => i == j ? n - i : 0,
        ["Laplacian"] = static (_, _) => static (i, j) => i == j ? 2 : i - j == 1 ? -1 : 0,
        ["Wilkinson"] = static (n, _) => (i, j) => i == j ? Math.Abs(i - (n - 1) / 2.0) : i - j == 1 ? 1 : 0,
        ["Wilkinson, glued"] = static (_, _) => static (i, j) => i == j ? Math.Abs(i % 21 - 10) : i - j != 1 ? 0 : i % 21 == 0 ? 1e-6 : 1,
        ["blocks of ones"] = static (_, _) => static (i, j) => i / 7 != j / 7 ? 0 : i == j ? 1.1 : 1,
        ["indefinite"] = static (_, random) => (_, _) => random.NextDouble() - 0.5,
        ["graded down"] = static (_, random) => (i, j) => (random.NextDouble() - 0.5) * Math.Exp(-0.3 * (i + j)),
        ["graded up"] = static (n, random) => (i, j) => (random.NextDouble() - 0.5) * Math.Exp(0.3 * (i + j - 2 * n)),
        ["statistics"] = static (n, random) => Gram(n, n, 1, random),
        ["statistics, of half the rank"] = static (n, random) => Gram(n, Math.Max(1, n / 2), 1, random),
        ["statistics, of rank one"] = static (n, random) => Gram(n, 1, 1, random),
        ["statistics, huge"] = static (n, random) => Gram(n, n, 1e36, random),
        ["statistics, tiny"] = static (n, random) => Gram(n, n, 1e-36, random),
    };

    public static TheoryData<string> Kinds => [.. s_kinds.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decomposes(string kind)
    {
        foreach (var n in s_sizes)
        {
            var matrix = Symmetric(n, s_kinds[kind](n, new Random(n)));
            var (values, rows) = Decompose(matrix, n);

            var expected = EigenvaluesInDouble(matrix, n);
            var norm = expected.Max(Math.Abs);
            Assert.Equal(values.Order(), values);
            AssertAtMost(20 * Epsilon * norm, values.Select((value, i) => Math.Abs(value - expected[i])).Max(), $"an eigenvalue of {n} rows");
            AssertAtMost(20 * Epsilon * norm, LargestResidual(matrix, values, rows, n), $"Aq − λq of {n} rows");
            AssertAtMost(50 * Epsilon, LargestProduct(rows, n), $"QᵀQ − I of {n} rows");
        }
    }

    [Fact]
    public void Reads_only_what_is_above_the_diagonal()
    {
        const int n = 70;
        var matrix = Symmetric(n, Gram(n, n, 1, new Random(1)));
        var (values, rows) = Decompose(matrix, n);
        for (var i = 0; i < n; i++)
            Array.Fill(matrix, float.NaN, i * n, i);

        var (sameValues, sameRows) = Decompose(matrix, n);

        Assert.Equal(values, sameValues);
        Assert.Equal(rows, sameRows);
    }

    [Fact]
    public void Does_not_depend_on_where_the_matrix_lies()
    {
        const int n = 61;
        var matrix = Symmetric(n, Gram(n, n, 1, new Random(2)));
        var (values, rows) = Decompose(matrix, n);
        var memory = new float[n * n + 16];
        for (var start = 1; start <= 16; start++)
        {
            matrix.CopyTo(memory, start);
            var shifted = new float[n];
            fixed (float* a = memory, lambda = shifted)
                Assert.True(SymmetricEigensolver.TryDecompose(a + start, n, lambda));
            Assert.Equal(values, shifted);
            Assert.Equal(rows, memory[start..(start + n * n)]);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Says_that_what_is_not_finite_has_no_eigenvalues(float value)
    {
        foreach (var n in s_sizes)
        {
            foreach (var place in (int[])[0, n - 1, n / 2 * (n + 1), n * n - 1])
            {
                foreach (var kind in (string[])["statistics", "identity"])
                {
                    var matrix = Symmetric(n, s_kinds[kind](n, new Random(3)));
                    matrix[place] = value;
                    fixed (float* a = matrix, lambda = new float[n])
                        Assert.False(SymmetricEigensolver.TryDecompose(a, n, lambda), $"{kind} of {n} rows, element {place}");
                }
            }
        }
    }

    /// <summary>More memory than a thread keeps.</summary>
    [Fact]
    public void Decomposes_large_matrices()
    {
        const int n = 1500;
        var random = new Random(6);
        float[] diagonal = [.. Enumerable.Range(0, n).Select(_ => (float)random.NextDouble())];
        var vector = new float[n];
        for (var i = 0; i < n; i++)
            vector[i] = (float)random.NextDouble() - 0.5f;
        var matrix = Symmetric(n, (i, j) => (i == j ? diagonal[i] : 0) + vector[i] * vector[j]);
        var (values, rows) = Decompose(matrix, n);

        var expected = EigenvaluesInDouble(matrix, n);
        var norm = expected.Max(Math.Abs);
        AssertAtMost(20 * Epsilon * norm, values.Select((value, i) => Math.Abs(value - expected[i])).Max(), "an eigenvalue");
        foreach (var i in (int[])[0, 1, n / 2, n - 2, n - 1])
        {
            AssertAtMost(20 * Epsilon * norm, LargestResidual(matrix, values, rows, n, i), $"Aq − λq of row {i}");
            AssertAtMost(50 * Epsilon, LargestProduct(rows, n, i), $"row {i} of QᵀQ − I");
        }
    }

    /// <summary>Of numbers that differ by 1.4e-45 the eigenvalues are not known better than that.</summary>
    [Fact]
    public void Decomposes_what_is_nearly_nothing()
    {
        const int n = 65;
        var matrix = Symmetric(n, Gram(n, n, 1e-43, new Random(7)));
        var (values, rows) = Decompose(matrix, n);

        var expected = EigenvaluesInDouble(matrix, n);
        AssertAtMost(8 * float.Epsilon, values.Select((value, i) => Math.Abs(value - expected[i])).Max(), "an eigenvalue");
        AssertAtMost(50 * Epsilon, LargestProduct(rows, n), "QᵀQ − I");
    }

    [Fact]
    public void Takes_memory_only_once()
    {
        const int n = 96;
        var matrix = Symmetric(n, Gram(n, n, 1, new Random(4)));
        var copy = new float[n * n];
        fixed (float* from = matrix, a = copy, lambda = new float[n])
        {
            for (var i = 0; i < 3; i++)
                Run(from, a, lambda);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Run(from, a, lambda);
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }

        static void Run(float* from, float* a, float* lambda)
        {
            Buffer.MemoryCopy(from, a, n * n * sizeof(float), n * n * sizeof(float));
            Assert.True(SymmetricEigensolver.TryDecompose(a, n, lambda));
        }
    }

    /// <summary>The roots of 1/ρ + Σ z²/(d − λ), where two d are as close, and a z² is as small, as is not deflated.</summary>
    [Fact]
    public void Roots_of_the_secular_equation_are_where_it_changes_its_sign()
    {
        const int count = 21;
        const double rho = 0.7;
        var random = new Random(5);
        double[] d = [.. Enumerable.Range(0, count).Select(i => i % 5 == 4 ? i - 0.9 + 1e-6 : i % 5 == 3 ? i + 0.1 : i + 0.1 * random.NextDouble()), .. Enumerable.Repeat(1e3, 16)];
        double[] squares = [.. Enumerable.Range(0, count).Select(i => i % 3 == 0 ? 1e-13 : random.NextDouble() / count), .. new double[16]];
        fixed (double* poles = d, weights = squares)
        {
            var equation = new SecularEquation(poles, weights, count, rho);
            for (var i = 0; i < count; i++)
            {
                var (origin, tau) = equation.Root(i);
                Assert.True(origin + tau >= d[i] && (i == count - 1 || origin + tau <= d[i + 1]), $"root {i}");
                Assert.True(Value(origin, tau * (1 - Math.Sign(tau) * 1e-9)) < 0, $"before root {i}");
                Assert.True(Value(origin, tau * (1 + Math.Sign(tau) * 1e-9)) > 0, $"after root {i}");
            }
        }

        double Value(double origin, double tau) => 1 / rho + Enumerable.Range(0, count).Sum(j => squares[j] / (d[j] - origin - tau));
    }

    // cGGᵀ, of a random G with so many columns.
    private static Func<int, int, double> Gram(int n, int columns, double factor, Random random)
    {
        var g = new double[n, columns];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < columns; j++)
                g[i, j] = random.NextDouble() + random.NextDouble() - 1;
        }
        return (i, j) => factor / n * Enumerable.Range(0, columns).Sum(k => g[i, k] * g[j, k]);
    }

    private static float[] Symmetric(int n, Func<int, int, double> element)
    {
        var matrix = new float[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
                matrix[i * n + j] = matrix[j * n + i] = (float)element(i, j);
        }
        return matrix;
    }

    private static (float[] Values, float[] Rows) Decompose(float[] matrix, int n)
    {
        float[] rows = [.. matrix], values = new float[n];
        fixed (float* a = rows, lambda = values)
            Assert.True(SymmetricEigensolver.TryDecompose(a, n, lambda));
        return (values, rows);
    }

    private static double[] EigenvaluesInDouble(float[] matrix, int n)
    {
        double[] wide = [.. matrix.Select(static value => (double)value)], values = new double[n];
        fixed (double* a = wide, lambda = values)
            Assert.True(Lapack.TryDecompose(a, n, lambda));
        return values;
    }

    private static double LargestResidual(float[] matrix, float[] values, float[] rows, int n) =>
        Enumerable.Range(0, n).Max(i => LargestResidual(matrix, values, rows, n, i));

    // Of one eigenvector.
    private static double LargestResidual(float[] matrix, float[] values, float[] rows, int n, int i)
    {
        var largest = 0.0;
        for (var j = 0; j < n; j++)
        {
            var sum = -(double)values[i] * rows[i * n + j];
            for (var k = 0; k < n; k++)
                sum += (double)matrix[j * n + k] * rows[i * n + k];
            largest = Math.Max(largest, Math.Abs(sum));
        }
        return largest;
    }

    private static double LargestProduct(float[] rows, int n) => Enumerable.Range(0, n).Max(i => LargestProduct(rows, n, i));

    // Of one eigenvector with itself and those before it.
    private static double LargestProduct(float[] rows, int n, int i)
    {
        var largest = 0.0;
        for (var j = 0; j <= i; j++)
        {
            var sum = i == j ? -1.0 : 0;
            for (var k = 0; k < n; k++)
                sum += (double)rows[i * n + k] * rows[j * n + k];
            largest = Math.Max(largest, Math.Abs(sum));
        }
        return largest;
    }

    private static void AssertAtMost(double limit, double value, string what) => Assert.True(value <= limit, $"{what}: {value:g3}, but at most {limit:g3}.");
}
