namespace Shampoo.Runtime;

/// <summary>
/// A = H T Hᵀ by Householder reflections, with T tridiagonal: H = H₀H₁…, Hᵢ = I − τᵢvᵢvᵢᵀ, where vᵢ is 0 up to place i and 1 at i + 1
/// (Golub and Van Loan, Matrix Computations, 8.3; by panels as Dongarra, Sorensen and Hammarling 1989).
/// </summary>
/// <remarks>
/// A is stored row by row, and only the diagonal and what is right of it is read. Within a panel of rows A itself stays as it is: row i is brought
/// up to date when its turn comes, and Avᵢ is corrected by the pairs (v, w) that the panel has already: the matrix is A − Σ(vwᵀ + wvᵀ). What is
/// below the panel is then brought up to date by products.
/// </remarks>
internal static unsafe class Tridiagonalization
{
    private const int PanelRows = 16;

    // Rows that are brought up to date by one product, which computes a few elements left of the diagonal, too.
    private const long UpdatedRows = 64;

    // Of a matrix whose largest element is about 1: what is less than 10⁻¹⁵ is nothing beside it in float32.
    private const float LeastSquare = 1e-30f;

    /// <summary>How many floats <see cref="Reduce"/> computes with: three panels and a row.</summary>
    public static long Workspace(long stride) => (3 * PanelRows + 1) * stride;

    /// <summary>Computes T and H.</summary>
    /// <param name="a">A, n×n; its largest element is about 1. Row i becomes vᵢ, from place i + 1 on.</param>
    /// <param name="n">The size.</param>
    /// <param name="stride">From a row of A to the next one; also that of the workspace.</param>
    /// <param name="diagonal">T's diagonal, n numbers.</param>
    /// <param name="beside">What is beside the diagonal, n − 1 numbers.</param>
    /// <param name="tau">τ, n − 1 numbers.</param>
    /// <param name="workspace">As many floats as <see cref="Workspace"/> says.</param>
    public static void Reduce(float* a, long n, long stride, double* diagonal, double* beside, float* tau, float* workspace)
    {
        for (long start = 0; start < n; start += PanelRows)
        {
            var end = Math.Min(start + PanelRows, n);
            var w = workspace + PanelRows * stride;
            for (var i = start; i < end; i++)
                ReduceRow(a, n, stride, i, new Pairs(a + start * stride, w, n, stride, i - start), diagonal, beside, tau, workspace + 3 * PanelRows * stride);
            if (end < n)
                Update(a, n, stride, end, workspace);
        }
    }

    private static void ReduceRow(float* a, long n, long stride, long i, Pairs pairs, double* diagonal, double* beside, float* tau, float* sums)
    {
        var factors = stackalloc float[2 * PanelRows];
        var row = a + i * stride;
        pairs.Elements(i, factors);
        pairs.SubtractFrom(row, factors, i);
        diagonal[i] = row[i];
        if (i == n - 1)
            return;

        long first = i + 1, count = n - first;
        float* v = row + first, w = pairs.NextW + first;
        (beside[i], tau[i]) = Reflect(v, count);
        // w = u − ½τ(u·v)v of u = τAv
        Rows.MultiplySymmetric(a + first * (stride + 1), stride, count, v, w, sums);
        pairs.Dots(row, factors, first);
        pairs.SubtractFrom(w - first, factors, first);
        Rows.Scale(tau[i], w, count);
        Rows.Add(-0.5f * tau[i] * Rows.Dot(w, v, count), v, w, count);
    }

    // v and τ of the reflection of x to (β, 0, …); v takes the place of x.
    private static (double Beta, float Tau) Reflect(float* x, long count)
    {
        double alpha = x[0], squares = Rows.Dot(x + 1, x + 1, count - 1);
        x[0] = 1;
        if (squares < LeastSquare)
        {
            new Span<float>(x + 1, (int)(count - 1)).Clear();
            return (alpha, 0);
        }
        var beta = -Math.CopySign(Math.Sqrt(alpha * alpha + squares), alpha);
        Rows.Scale((float)(1 / (alpha - beta)), x + 1, count - 1);
        return (beta, (float)((beta - alpha) / beta));
    }

    // A ← A − VᵀW − WᵀV of all v and w of the panel that ends there, as one product: the rows of V, W and V again are neighbours.
    private static void Update(float* a, long n, long stride, long end, float* workspace)
    {
        for (var i = 0; i < PanelRows; i++)
        {
            var v = new ReadOnlySpan<float>(a + (end - PanelRows + i) * stride + end, (int)(n - end));
            v.CopyTo(new Span<float>(workspace + i * stride + end, v.Length));
            v.CopyTo(new Span<float>(workspace + (i + 2 * PanelRows) * stride + end, v.Length));
        }
        var left = new MatrixView<float>(workspace, 2 * PanelRows, n, stride);
        var right = new MatrixView<float>(workspace + PanelRows * stride, 2 * PanelRows, n, stride);
        for (var i = end; i < n; i += UpdatedRows)
        {
            var rows = Math.Min(UpdatedRows, n - i);
            Blas.Multiply(-1f, left.ColumnRange(i, rows).Transposed, right.ColumnRange(i, n - i), 1f, new MatrixView<float>(a + i * (stride + 1), rows, n - i, stride));
        }
    }

    // Rows v and w of a panel. Factors of pairs are those of v₀, w₀, v₁, w₁, …
    private readonly struct Pairs(float* v, float* w, long n, long stride, long count)
    {
        public float* NextW => w + count * stride;

        /// <summary>The factors of the pairs in column i of Σ(vwᵀ + wvᵀ).</summary>
        public void Elements(long i, float* factors)
        {
            for (long pair = 0; pair < count; pair++)
                (factors[2 * pair], factors[2 * pair + 1]) = (w[pair * stride + i], v[pair * stride + i]);
        }

        /// <summary>The factors of the pairs in Σ(vwᵀ + wvᵀ)x, of which no place before the first counts.</summary>
        public void Dots(float* x, float* factors, long first)
        {
            for (long pair = 0; pair < count; pair += 2)
                Rows.Dots(Two(w, v, pair, first), x + first, n - first, factors + 2 * pair);
        }

        /// <summary>y ← y − Σ factor·row, from a place on.</summary>
        public void SubtractFrom(float* y, float* factors, long first)
        {
            if (count % 2 != 0)
                factors[2 * count] = factors[2 * count + 1] = 0;
            for (long pair = 0; pair < count; pair += 2)
                Rows.Subtract(Two(v, w, pair, first), factors + 2 * pair, y + first, n - first);
        }

        // Of an odd number the last one stands twice.
        private FourRows Two(float* one, float* other, long pair, long first)
        {
            long here = pair * stride + first, next = Math.Min(pair + 1, count - 1) * stride + first;
            return new FourRows(one + here, other + here, one + next, other + next);
        }
    }
}
