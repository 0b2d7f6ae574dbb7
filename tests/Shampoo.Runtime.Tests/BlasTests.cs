namespace Shampoo.Runtime.Tests;

public sealed unsafe class BlasTests
{
    [Fact]
    public void Finds_a_library() => Assert.True(Blas.IsAvailable && Blas.HasSyrk && Blas.Threads.CanBeSet);

    [Fact]
    public void Can_be_switched_off()
    {
        Assert.True(Blas.IsSwitchedOn);
        using (new SwitchedOff(Blas.Switch))
            Assert.False(Blas.IsSwitchedOn);
    }

    public static TheoryData<int, int, int, bool, bool> Products
    {
        get
        {
            var data = new TheoryData<int, int, int, bool, bool>();
            (int, int, int)[] sizes = [(1, 1, 1), (1, 5, 3), (4, 1, 3), (4, 5, 1), (2, 3, 4), (17, 9, 33)];
            foreach (var (rows, columns, inner) in sizes)
            {
                for (var transposed = 0; transposed < 4; transposed++)
                    data.Add(rows, columns, inner, transposed % 2 == 1, transposed / 2 == 1);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Products))]
    public void Multiplies_matrices_in_rows_that_are_apart(int rows, int columns, int inner, bool isLeftTransposed, bool isRightTransposed)
    {
        Memory left = new(1, rows, inner, isLeftTransposed), right = new(2, inner, columns, isRightTransposed), result = new(3, rows, columns, false);
        var before = result.Copy();

        fixed (double* a = left.Values, b = right.Values, c = result.Values)
            Blas.Multiply(0.5, left.View(a), right.View(b), -2, result.View(c));

        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                var sum = -2 * before[i, j];
                for (var k = 0; k < inner; k++)
                    sum += 0.5 * left[i, k] * right[k, j];
                Assert.Equal(sum, result[i, j], 1e-12);
            }
        }
        Assert.True(result.HasGaps(before));
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(1, 4, true)]
    [InlineData(4, 1, false)]
    [InlineData(4, 1, true)]
    [InlineData(9, 17, false)]
    [InlineData(17, 9, true)]
    public void Multiplies_by_the_transpose_with_and_without_a_function_for_it(int size, int inner, bool isTransposed)
    {
        foreach (var hasSyrk in (bool[])[true, false])
        {
            Memory left = new(1, size, inner, isTransposed), result = new(3, size, size, false);
            var before = result.Copy();
            Blas.HasSyrk = hasSyrk;
            try
            {
                fixed (double* a = left.Values, c = result.Values)
                    Blas.MultiplyByTranspose(0.5, left.View(a), -2, result.View(c));
            }
            finally
            {
                Blas.HasSyrk = true;
            }
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j <= i; j++)
                    Assert.Equal(0.5 * Enumerable.Range(0, inner).Sum(k => left[i, k] * left[j, k]) - 2 * before[i, j], result[i, j], 1e-12);
            }
            Assert.True(result.HasGaps(before));
        }
    }

    [Fact]
    public void Does_not_read_what_it_replaces()
    {
        Memory left = new(1, 3, 4, false), right = new(2, 4, 5, false), result = new(3, 3, 5, false);
        Array.Fill(result.Values, double.NaN);

        fixed (double* a = left.Values, b = right.Values, c = result.Values)
            Blas.Multiply(1, left.View(a), right.View(b), 0, result.View(c));

        Assert.Equal(Enumerable.Range(0, 4).Sum(k => left[2, k] * right[k, 4]), result[2, 4], 1e-12);
    }

    /// <summary>A matrix with three elements between its rows, or the transpose of one.</summary>
    private sealed class Memory(int seed, int rows, int columns, bool isTransposed)
    {
        private const int Gap = 3;

        private readonly int _length = isTransposed ? rows : columns;

        public double[] Values { get; init; } = Data.Normal(seed, (isTransposed ? columns : rows) * ((isTransposed ? rows : columns) + Gap));

        public double this[int i, int j] => isTransposed ? Values[j * (_length + Gap) + i] : Values[i * (_length + Gap) + j];

        public Memory Copy() => new(seed, rows, columns, isTransposed) { Values = [.. Values] };

        public MatrixView<double> View(double* data) => isTransposed
            ? new MatrixView<double>(data, columns, rows, _length + Gap).Transposed
            : new MatrixView<double>(data, rows, columns, _length + Gap);

        /// <summary>Whether nothing has been written between the rows.</summary>
        public bool HasGaps(Memory before) =>
            Enumerable.Range(0, Values.Length).All(i => i % (_length + Gap) < _length || Values[i] == before.Values[i]);
    }
}
