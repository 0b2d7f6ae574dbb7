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

    /// <summary>M ← Mᵀ, in place.</summary>
    /// <param name="matrix">M, n×n, row by row.</param>
    /// <param name="n">The size.</param>
    public static void Transpose<T>(T* matrix, long n) where T : unmanaged
    {
        for (long i = 0; i < n; i += Tile)
        {
            for (long j = 0; j <= i; j += Tile)
                TransposeTile(matrix, n, i, Math.Min(i + Tile, n), j, Math.Min(j + Tile, n));
        }
    }

    private static void TransposeTile<T>(T* matrix, long n, long i, long endI, long j, long endJ) where T : unmanaged
    {
        for (; j < endJ; j++)
        {
            for (var row = Math.Max(i, j + 1); row < endI; row++)
                (matrix[j * n + row], matrix[row * n + j]) = (matrix[row * n + j], matrix[j * n + row]);
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
