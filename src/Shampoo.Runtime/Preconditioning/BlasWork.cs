namespace Shampoo.Runtime;

/// <summary>
/// Products of matrices for all blocks of a stack, cut into items that do not depend on one another. The cut depends on shapes alone, so
/// results do not depend on the number of threads.
/// </summary>
internal abstract class BlasWork : Work
{
    /// <summary>
    /// The largest number of rows of a result that an item computes: the size of a matrix from which more than one thread helps. BLAS copies the other
    /// factor for every item, so that fewer and larger ones take less time.
    /// </summary>
    public const long PanelRows = 512;

    public static int Panels(long rows) => (int)((rows + PanelRows - 1) / PanelRows);

    public sealed override void Do(int index)
    {
        using (Blas.Threads.OneThreadHere())
            Multiply(index);
    }

    /// <summary>Computes one item.</summary>
    protected abstract void Multiply(int item);

    /// <summary>Computes the items 0 to <paramref name="count"/> − 1.</summary>
    protected void MultiplyAll(int count)
    {
        if (!Blas.Threads.CanBeSet)
        {
            for (var item = 0; item < count; item++)
                Multiply(item);
            return;
        }
        using (Blas.Threads.OneThread())
            Workers.Run(this, count);
    }
}
