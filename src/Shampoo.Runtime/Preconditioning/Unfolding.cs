namespace Shampoo.Runtime;

/// <summary>
/// A block as [Before, Size, After]: the dimensions before k, k itself, and those after it. Its unfolding G₍ₖ₎ are
/// <c>Before</c> matrices [Size, After] side by side, the <i>parts</i>.
/// </summary>
/// <param name="Dimension">k</param>
/// <param name="Before">The product of the sizes of the dimensions before k.</param>
/// <param name="Size">d_k</param>
/// <param name="After">The product of the sizes of the dimensions after k.</param>
internal readonly record struct Unfolding(int Dimension, long Before, long Size, long After)
{
    /// <summary>The unfoldings of all dimensions of a block.</summary>
    public static Unfolding[] All(IReadOnlyList<long> shape)
    {
        var unfoldings = new Unfolding[shape.Count];
        long before = 1, after = shape.Aggregate(1L, (product, size) => product * size);
        for (var k = 0; k < unfoldings.Length; k++)
        {
            after /= shape[k];
            unfoldings[k] = new Unfolding(k, before, shape[k], after);
            before *= shape[k];
        }
        return unfoldings;
    }

    /// <summary>Whether the block as it lies is one matrix, the transpose of G₍ₖ₎, and not several or one row of parts.</summary>
    public bool IsOneMatrix => After == 1 && Before > 1;

    /// <summary>One of the parts of G₍ₖ₎, [Size, After].</summary>
    public unsafe MatrixView<T> Part<T>(in BlockMemory block, long part) where T : unmanaged =>
        new((T*)block.Data + part * Size * After, Size, After, Dimension == 0 ? block.Stride : After);

    /// <summary>The transpose of G₍ₖ₎, [Before, Size], of the last dimension.</summary>
    public unsafe MatrixView<T> Transpose<T>(in BlockMemory block) where T : unmanaged =>
        new((T*)block.Data, Before, Size, Dimension == 1 ? block.Stride : Size);
}
