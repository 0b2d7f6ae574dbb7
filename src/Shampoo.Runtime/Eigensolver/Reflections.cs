namespace Shampoo.Runtime;

/// <summary>
/// The reflections of <see cref="Tridiagonalization"/>, applied: those that come after each other together (<see cref="CompactWY{T}"/>).
/// </summary>
internal static unsafe class Reflections
{
    private const int Together = 64;

    /// <summary>How many floats <see cref="Apply"/> computes with.</summary>
    public static long Workspace(long n) => 3 * Together * n + 3 * Together * Together / 2;

    /// <summary>R ← RHᵀ: rows that are eigenvectors of T become those of A = H T Hᵀ.</summary>
    /// <param name="a">vᵢ, from place i + 1 of row i on.</param>
    /// <param name="stride">From a row of those to the next one.</param>
    /// <param name="tau">τ, n − 1 numbers.</param>
    /// <param name="n">The size.</param>
    /// <param name="rows">R, n×n.</param>
    /// <param name="workspace">As many floats as <see cref="Workspace"/> says.</param>
    public static void Apply(float* a, long stride, float* tau, long n, float* rows, float* workspace)
    {
        if (n < 2)
            return;
        for (var start = (n - 2) / Together * Together; start >= 0; start -= Together)
        {
            long first = start + 1, length = n - first, count = Math.Min(Together, n - 1 - start);
            var v = new MatrixView<float>(workspace, count, length, length);
            var tv = new MatrixView<float>(workspace + Together * n, count, length, length);
            var products = new MatrixView<float>(workspace + 2 * Together * n, n, count, count);
            var t = new MatrixView<float>(workspace + 3 * Together * n, count, count, count);
            CopyVectors(a + start * stride + first, stride, v);
            new Span<float>(t.Data, (int)(count * count)).Clear();
            CompactWY<float>.ComputeTriangle(v, tau + start, t, workspace + 3 * Together * n + Together * Together);
            // R(I − VTVᵀ)ᵀ = R − (RV)(TᵀVᵀ)
            Blas.Multiply(1f, t.Transposed, v, 0f, tv);
            var part = new MatrixView<float>(rows + first, n, length, n);
            Blas.Multiply(1f, part, v.Transposed, 0f, products);
            Blas.Multiply(-1f, products, tv, 1f, part);
        }
    }

    private static void CopyVectors(float* from, long stride, in MatrixView<float> v)
    {
        for (long i = 0; i < v.Rows; i++)
        {
            var row = new Span<float>(v.Data + i * v.Stride, (int)v.Columns);
            row[..(int)i].Clear();
            new ReadOnlySpan<float>(from + i * stride + i, row.Length - (int)i).CopyTo(row[(int)i..]);
        }
    }
}
