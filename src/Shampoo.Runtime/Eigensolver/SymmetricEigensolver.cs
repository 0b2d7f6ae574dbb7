namespace Shampoo.Runtime;

/// <summary>
/// Eigendecompositions of symmetric matrices of float32 by one thread: tridiagonalization, divide and conquer, and the reflections
/// applied, as LAPACK's <c>ssyevd</c> does it.
/// </summary>
/// <remarks>
/// Not LAPACK itself, as a refresh consists of little else: OpenBLAS's takes 1.3 to 1.7 times as long for 128 to 1024 rows, as it reads half a matrix
/// slowly, solves the secular equation one division after the other, applies few reflections together, and asks for new memory every time.
/// </remarks>
internal readonly unsafe struct SymmetricEigensolver
{
    private readonly long _n, _stride;
    private readonly float* _reflections;       // A, and then v
    private readonly float* _tau, _rows, _workspace;
    private readonly double* _diagonal, _beside;
    private readonly DivideAndConquer _division;

    private SymmetricEigensolver(long n, ref Pieces memory)
    {
        (_n, _stride) = (n, Stride(n));
        _reflections = memory.Take<float>(n * _stride);
        _tau = memory.Take<float>(n);
        _rows = memory.Take<float>(n * n);
        _workspace = memory.Take<float>(Math.Max(Tridiagonalization.Workspace(_stride), Reflections.Workspace(n)));
        _diagonal = memory.Take<double>(n);
        _beside = memory.Take<double>(n);
        _division = new DivideAndConquer((int)n, _diagonal, _beside, _rows, ref memory);
    }

    /// <summary>Decomposes a symmetric matrix, A = Q diag(λ) Qᵀ. Needs <see cref="Blas"/>.</summary>
    /// <param name="matrix">A, n×n, of which the diagonal and what is above it are read; finite. Becomes Qᵀ: eigenvectors are rows.</param>
    /// <param name="n">The size, at least 1.</param>
    /// <param name="eigenvalues">λ, n numbers, ascending.</param>
    /// <returns>Whether the algorithm has converged; if not, the contents of both are undefined.</returns>
    public static bool TryDecompose(float* matrix, long n, float* eigenvalues)
    {
        var needed = new Pieces();
        _ = new SymmetricEigensolver(n, ref needed);
        using var memory = ThreadMemory.OfMatrices(needed.Bytes + Pieces.Line);
        var pieces = new Pieces(memory.Address);
        return new SymmetricEigensolver(n, ref pieces).TryDecompose(matrix, eigenvalues);
    }

    private bool TryDecompose(float* matrix, float* eigenvalues)
    {
        var exponent = Exponent(matrix);
        for (long i = 0; i < _n; i++)
            Rows.Scale(MathF.ScaleB(1, -exponent), matrix + i * (_n + 1), _reflections + i * (_stride + 1), _n - i);
        Tridiagonalization.Reduce(_reflections, _n, _stride, _diagonal, _beside, _tau, _workspace);
        if (!_division.TryDecompose())
            return false;
        Reflections.Apply(_reflections, _stride, _tau, _n, _rows, _workspace);
        return TryStore(exponent, matrix, eigenvalues);
    }

    // Rows begin where lines of the cache do, and their distance is no power of two, which would put all of them into few places of it.
    private static long Stride(long n)
    {
        const long line = Pieces.Line / sizeof(float);
        var lines = (n + line - 1) / line;
        return line * (lines % 4 == 0 ? lines + 1 : lines);
    }

    // Of the largest element, 2ᵉ ≤ |a| < 2ᵉ⁺¹, as far as the reciprocal of that is a number, too.
    private int Exponent(float* matrix)
    {
        var largest = 0f;
        for (long i = 0; i < _n; i++)
            largest = Math.Max(largest, Rows.LargestMagnitude(matrix + i * (_n + 1), _n - i));
        return largest == 0 ? 0 : Math.Clamp(Math.ILogB(largest), -126, 126);
    }

    private bool TryStore(int exponent, float* matrix, float* eigenvalues)
    {
        var order = _division.Order();
        for (long i = 0; i < _n; i++)
        {
            eigenvalues[i] = (float)Math.ScaleB(_diagonal[order[i]], exponent);
            if (!float.IsFinite(eigenvalues[i]))
                return false;
            new ReadOnlySpan<float>(_rows + order[i] * _n, (int)_n).CopyTo(new Span<float>(matrix + i * _n, (int)_n));
        }
        return true;
    }
}
