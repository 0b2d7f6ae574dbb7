using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>Some rows of a square matrix M, in up to three pieces side by side: of a packed one, two are where they are.</summary>
/// <param name="start">The first column of <paramref name="middle"/>.</param>
/// <param name="left">The columns before it; none where <paramref name="start"/> is 0.</param>
/// <param name="middle">The columns from there on.</param>
/// <param name="right">The columns after them; may have none.</param>
internal readonly unsafe struct MatrixRows<T>(long start, MatrixView<T> left, MatrixView<T> middle, MatrixView<T> right) where T : unmanaged, INumberBase<T>
{
    /// <summary>Rows that are in one piece.</summary>
    public static MatrixRows<T> Of(in MatrixView<T> rows) => new(0, default, rows, default);

    /// <summary>Rows of a symmetric matrix, of which only the diagonal and what is above it is there.</summary>
    /// <param name="matrix">M</param>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="memory">Of count² elements, for those around the diagonal.</param>
    public static MatrixRows<T> OfUpper(in MatrixView<T> matrix, long start, long count, T* memory)
    {
        var (rows, end) = (matrix.RowRange(start, count), start + count);
        Symmetry.Fill(rows.ColumnRange(start, count).Data, matrix.Stride, memory, count, count, isLower: false);
        return new(
            start,
            matrix.RowRange(0, start).ColumnRange(start, count).Transposed,
            new MatrixView<T>(memory, count, count, count),
            rows.ColumnRange(end, matrix.Columns - end));
    }

    /// <summary>C ← these rows · B</summary>
    /// <param name="b">B</param>
    /// <param name="c">C: no memory of B.</param>
    public void Multiply(in MatrixView<T> b, in MatrixView<T> c)
    {
        var end = start + middle.Columns;
        Blas.Multiply(T.One, middle, b.RowRange(start, middle.Columns), T.Zero, c);
        if (start > 0)
            Blas.Multiply(T.One, left, b.RowRange(0, start), T.One, c);
        if (right.Columns > 0)
            Blas.Multiply(T.One, right, b.RowRange(end, right.Columns), T.One, c);
    }
}
