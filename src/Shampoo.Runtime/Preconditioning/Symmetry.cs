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
        for (var i = start; i < end; i += Tiles.Size)
        {
            var endI = Math.Min(i + Tiles.Size, end);
            var whole = i - i % Tiles.Size;
            for (long j = 0; j < whole; j += Tiles.Size)
                Tiles.Transpose(matrix + i * n + j, n, matrix + j * n + i, n, endI - i, Tiles.Size);
            CopyTile(matrix, n, i, endI, whole, endI);
        }
    }

    /// <summary>M ← Mᵀ, in place.</summary>
    /// <param name="matrix">M, n×n, row by row.</param>
    /// <param name="n">The size.</param>
    public static void Transpose<T>(T* matrix, long n) where T : unmanaged
    {
        for (long i = 0; i < n; i += Tiles.Size)
        {
            var rows = Math.Min(Tiles.Size, n - i);
            for (long j = 0; j < i; j += Tiles.Size)
                ExchangeTile(matrix + i * n + j, matrix + j * n + i, n, rows);
            ExchangeTile(matrix + i * n + i, matrix + i * n + i, n, rows, rows);
        }
    }

    /// <summary>D ← Sᵀ.</summary>
    /// <param name="source">S, n×n, row by row.</param>
    /// <param name="destination">D, n×n, row by row, elsewhere.</param>
    /// <param name="n">The size.</param>
    public static void Transpose<T>(T* source, T* destination, long n) where T : unmanaged
    {
        for (long i = 0; i < n; i += Tiles.Size)
        {
            for (long j = 0; j < n; j += Tiles.Size)
                Tiles.Transpose(source + i * n + j, n, destination + j * n + i, n, Math.Min(Tiles.Size, n - i), Math.Min(Tiles.Size, n - j));
        }
    }

    // A tile below the diagonal, or on it, and its counterpart.
    private static void ExchangeTile<T>(T* lower, T* upper, long n, long rows, long columns = Tiles.Size) where T : unmanaged
    {
        var transposed = stackalloc T[(int)(Tiles.Size * Tiles.Size)];
        Tiles.Transpose(upper, n, transposed, Tiles.Size, columns, rows);
        if (lower != upper)
            Tiles.Transpose(lower, n, upper, n, rows, columns);
        for (long i = 0; i < rows; i++)
            new ReadOnlySpan<T>(transposed + i * Tiles.Size, (int)columns).CopyTo(new Span<T>(lower + i * n, (int)columns));
    }

    /// <summary>D ← S, symmetric, of which only the diagonal and what is below it is there, or what is above it.</summary>
    /// <param name="source">S, n×n, row by row.</param>
    /// <param name="sourceStride">From a row of S to the next one, in elements.</param>
    /// <param name="destination">D, n×n, row by row.</param>
    /// <param name="destinationStride">The same of D.</param>
    /// <param name="n">The size.</param>
    /// <param name="isLower">Whether it is what is below.</param>
    public static void Fill<T>(T* source, long sourceStride, T* destination, long destinationStride, long n, bool isLower) where T : unmanaged
    {
        CopyTriangle(source, sourceStride, destination, destinationStride, n, isLower);
        TransposeTriangle(source, sourceStride, destination, destinationStride, n, isLower);
    }

    /// <summary>D ← S, for the diagonal and what is below it, or what is above it.</summary>
    /// <inheritdoc cref="Fill"/>
    public static void CopyTriangle<T>(T* source, long sourceStride, T* destination, long destinationStride, long n, bool isLower) where T : unmanaged
    {
        for (long i = 0; i < n; i++)
        {
            var (start, end) = isLower ? (0, i + 1) : (i, n);
            new ReadOnlySpan<T>(source + i * sourceStride + start, (int)(end - start)).CopyTo(new Span<T>(destination + i * destinationStride + start, (int)(end - start)));
        }
    }

    /// <summary>D ← Sᵀ, for the diagonal of S and what is below it, or what is above it.</summary>
    /// <inheritdoc cref="Fill"/>
    public static void TransposeTriangle<T>(T* source, long sourceStride, T* destination, long destinationStride, long n, bool isLower) where T : unmanaged
    {
        for (long i = 0; i < n; i += Tile)
        {
            var end = Math.Min(i + Tile, n);
            var (firstColumn, endColumn) = isLower ? (0, end) : (i, n);
            for (var j = firstColumn; j < endColumn; j++)
            {
                var (firstRow, endRow) = isLower ? (Math.Max(i, j), end) : (i, Math.Min(end, j + 1));
                for (var row = firstRow; row < endRow; row++)
                    destination[j * destinationStride + row] = source[row * sourceStride + j];
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
