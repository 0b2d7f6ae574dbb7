namespace Shampoo.Runtime;

internal static unsafe class Symmetry
{
    // Rows that a tile reads and writes: few enough for the first cache, also where their distance is a power of two.
    private const long Tile = 8;

    /// <summary>Copies what lies below the diagonal to its place above it: M_ji ← M_ij for j &lt; i.</summary>
    /// <param name="matrix">M, n×n, row by row.</param>
    /// <param name="n">The size.</param>
    /// <param name="start">The first i.</param>
    /// <param name="end">The i after the last.</param>
    public static void CopyToUpper<T>(T* matrix, long n, long start, long end) where T : unmanaged
    {
        for (var i = start; i < end; i += Tile)
        {
            for (long j = 0; j < end; j += Tile)
                CopyTile(matrix, n, i, Math.Min(i + Tile, end), j, Math.Min(j + Tile, end));
        }
    }

    /// <summary>Copies some rows of a symmetric matrix, of which only the diagonal and what is above it is there.</summary>
    /// <param name="matrix">M, n×n, row by row.</param>
    /// <param name="n">The size.</param>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="rows">Gets them, count×n, row by row.</param>
    public static void CopyRows<T>(T* matrix, long n, long start, long count, T* rows) where T : unmanaged
    {
        for (var i = start; i < start + count; i++)
            new ReadOnlySpan<T>(matrix + i * n + i, (int)(n - i)).CopyTo(new Span<T>(rows + (i - start) * n + i, (int)(n - i)));
        for (var i = start; i < start + count; i += Tile)
        {
            var end = Math.Min(i + Tile, start + count);
            for (long j = 0; j < end; j++)
            {
                for (var row = Math.Max(i, j + 1); row < end; row++)
                    rows[(row - start) * n + j] = matrix[j * n + row];
            }
        }
    }

    private static void CopyTile<T>(T* matrix, long n, long i, long endI, long j, long endJ) where T : unmanaged
    {
        for (; j < endJ; j++)
        {
            for (var row = Math.Max(i, j + 1); row < endI; row++)
                matrix[j * n + row] = matrix[row * n + j];
        }
    }
}
