namespace Shampoo.Runtime;

/// <summary>
/// The elementwise part of a step in one dialect, for one slice. A sweep is one traversal of the elements of all blocks of the slice.
/// Derived classes have one method for each sweep.
/// </summary>
public abstract class BlockSweeps
{
    /// <summary>Creates the sweeps of a slice.</summary>
    /// <param name="slice">Where derived classes get their arrays and norms from.</param>
    protected BlockSweeps(BlockSlice slice) => ArgumentNullException.ThrowIfNull(slice);
}
