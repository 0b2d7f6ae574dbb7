namespace Shampoo.Runtime;

/// <summary>
/// A schedule of refreshes that spreads them over the period, so that all steps take about the same time: every block has an offset, and is
/// refreshed so many steps earlier than it would be if all were refreshed together, at step <c>start</c> and every multiple of
/// <c>frequency</c> after it. So every block has been refreshed before step <c>start</c> is over. Immutable.
/// </summary>
/// <remarks>Offsets follow from the shapes of a parameter group alone, and so are not part of saved state.</remarks>
public sealed class StaggeredRefresh
{
    private readonly int _start;
    private readonly InverseExponents _exponents;
    private readonly IgnoredDimensions _ignored;
    private readonly int _maxDimension;

    /// <summary>Creates the schedule.</summary>
    /// <param name="start">The first step in which what is refreshed is used; at least <paramref name="frequency"/>.</param>
    /// <param name="frequency">The steps from one refresh of a block to the next; at least 1.</param>
    /// <param name="exponents">The exponents of the inverse roots; dimensions of exponent 0 have no matrices. Null for the usual ones.</param>
    /// <param name="ignored">The dimensions without a basis; null for none.</param>
    /// <param name="maxDimension">The largest size of a dimension that has whole matrices.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public StaggeredRefresh(
        int start, int frequency, InverseExponents? exponents = null, IgnoredDimensions? ignored = null, int maxDimension = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frequency, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(start, frequency);
        (_start, Frequency, _maxDimension) = (start, frequency, maxDimension);
        (_exponents, _ignored) = (exponents ?? InverseExponents.Default, ignored ?? IgnoredDimensions.None);
    }

    /// <summary>The steps from one refresh of a block to the next.</summary>
    internal int Frequency { get; }

    /// <summary>Whether a block without an offset is refreshed at step t.</summary>
    internal bool IsDue(long t) => t == _start || (t > _start && t % Frequency == 0);

    /// <summary>What it costs to refresh a block, in proportion: the sum of n³ over its matrices.</summary>
    internal double Cost(BucketPlan bucket)
    {
        var (shape, cost) = (bucket.BlockShape, 0.0);
        if (bucket.IsLarge || bucket.IsSkipped)
            return cost;
        for (var k = 0; k < shape.Length; k++)
        {
            if (shape[k] <= _maxDimension && _exponents.Of(shape.Length, k) > 0 && !_ignored.Contains(shape.Length, k))
                cost += Math.Pow(shape[k], 3);
        }
        return cost;
    }
}
