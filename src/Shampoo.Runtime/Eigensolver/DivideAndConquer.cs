namespace Shampoo.Runtime;

/// <summary>
/// Eigendecomposition of a tridiagonal matrix, T = Q diag(λ) Qᵀ: T is two smaller ones and a matrix of rank one beside them, and their
/// eigendecompositions are merged by that of diag(d) + ρzzᵀ (Cuppen 1981; Golub and Van Loan, Matrix Computations, 8.4).
/// </summary>
/// <remarks>Numbers are in double, eigenvectors in float; these are the rows of one matrix.</remarks>
internal readonly unsafe struct DivideAndConquer
{
    // Matrices of no more rows are not divided.
    private const int SmallSize = 32;

    // What is taken for 0 in a small matrix: less than what float32 tells apart, beside a largest element of about 1.
    private const double SmallTolerance = 1e-10;

    private readonly int _n;
    private readonly double* _diagonal, _beside;
    private readonly float* _rows;
    private readonly double* _small;    // eigenvectors of a small matrix
    private readonly EigenMerge _merge;

    /// <param name="n">The size.</param>
    /// <param name="diagonal">T's diagonal, n numbers, of a matrix whose largest element is about 1. Becomes λ, in no order.</param>
    /// <param name="beside">What is beside it, n − 1 numbers and one place more. Destroyed.</param>
    /// <param name="rows">Becomes Qᵀ, n×n: eigenvectors are rows.</param>
    /// <param name="memory">What it computes with is taken from there.</param>
    public DivideAndConquer(int n, double* diagonal, double* beside, float* rows, ref Pieces memory)
    {
        _n = n;
        _diagonal = diagonal;
        _beside = beside;
        _rows = rows;
        _small = memory.Take<double>(SmallSize * SmallSize);
        _merge = new EigenMerge(n, diagonal, rows, ref memory);
    }

    /// <summary>Computes λ and Q.</summary>
    /// <returns>Whether the algorithm has converged.</returns>
    public bool TryDecompose() => TryDecompose(0, _n);

    /// <summary>The numbers of the rows, in ascending order of λ.</summary>
    public int* Order() => _merge.Order(0, _n);

    private bool TryDecompose(int start, int end)
    {
        if (end - start <= SmallSize)
            return TryDecomposeSmall(start, end - start);
        var middle = start + (end - start) / 2;
        var coupling = _beside[middle - 1];
        _diagonal[middle - 1] -= Math.Abs(coupling);
        _diagonal[middle] -= Math.Abs(coupling);
        if (!TryDecompose(start, middle) || !TryDecompose(middle, end))
            return false;
        _merge.Run(start, middle, end, coupling);
        return true;
    }

    private bool TryDecomposeSmall(int start, int count)
    {
        if (!ImplicitQL.TryDecompose(_diagonal + start, _beside + start, count, SmallTolerance, _small))
            return false;
        for (var i = 0; i < count; i++)
        {
            var row = _rows + (long)(start + i) * _n + start;
            for (var j = 0; j < count; j++)
                row[j] = (float)_small[i * count + j];
        }
        return true;
    }
}
