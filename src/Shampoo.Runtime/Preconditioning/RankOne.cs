using System.Numerics;

namespace Shampoo.Runtime;

internal static unsafe class RankOne
{
    /// <summary>M ← decay·M + weight·ggᵀ, for some rows of M, or for what of them is not above the diagonal. A symmetric M stays so, to the last bit.</summary>
    /// <param name="matrix">M, n×n, row by row.</param>
    /// <param name="g">g, n elements.</param>
    /// <param name="n">The size.</param>
    /// <param name="start">The first row.</param>
    /// <param name="end">The row after the last.</param>
    /// <param name="decay">The factor of M.</param>
    /// <param name="weight">The factor of the product.</param>
    /// <param name="isPacked">Whether what is above the diagonal is none of M.</param>
    public static void Add<T>(T* matrix, T* g, long n, long start, long end, T decay, T weight, bool isPacked) where T : unmanaged, INumberBase<T>
    {
        Vector<T> decays = new(decay), weights = new(weight);
        for (var i = start; i < end; i++)
        {
            var row = matrix + i * n;
            var factors = new Vector<T>(g[i]);
            long j = 0, columns = isPacked ? i + 1 : n;
            // weight·(gᵢgⱼ): the same number for ij and ji.
            for (; j <= columns - Vector<T>.Count; j += Vector<T>.Count)
                (decays * Vector.Load(row + j) + weights * (factors * Vector.Load(g + j))).Store(row + j);
            for (; j < columns; j++)
                row[j] = decay * row[j] + weight * (g[i] * g[j]);
        }
    }
}
