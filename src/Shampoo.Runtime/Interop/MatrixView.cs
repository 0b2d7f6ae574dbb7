namespace Shampoo.Runtime;

/// <summary>
/// A matrix somewhere in memory: rows of neighbouring elements, <see cref="Stride"/> elements apart, or the transpose of such a matrix.
/// Owns nothing.
/// </summary>
internal readonly unsafe struct MatrixView<T> where T : unmanaged
{
    /// <param name="data">The first element.</param>
    /// <param name="rows">The number of rows in memory.</param>
    /// <param name="columns">The number of elements of a row.</param>
    /// <param name="stride">From the beginning of a row to that of the next one, in elements; ignored for a single row.</param>
    public MatrixView(T* data, long rows, long columns, long stride)
    {
        Data = data;
        Rows = rows;
        Columns = columns;
        // BLAS checks the stride of a single row too.
        Stride = rows == 1 ? columns : stride;
    }

    public T* Data { get; private init; }

    public long Rows { get; private init; }

    public long Columns { get; private init; }

    public long Stride { get; private init; }

    /// <summary>Whether a row of memory is a column.</summary>
    public bool IsTransposed { get; private init; }

    public MatrixView<T> Transposed => this with { Rows = Columns, Columns = Rows, IsTransposed = !IsTransposed };

    /// <summary>Some neighbouring rows.</summary>
    public MatrixView<T> RowRange(long start, long count) =>
        this with { Data = Data + start * (IsTransposed ? 1 : Stride), Rows = count };

    /// <summary>Some neighbouring columns.</summary>
    public MatrixView<T> ColumnRange(long start, long count) =>
        this with { Data = Data + start * (IsTransposed ? Stride : 1), Columns = count };
}
