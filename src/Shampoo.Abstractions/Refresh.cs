namespace Shampoo;

/// <summary>When the inverse roots of the blocks are computed anew.</summary>
public enum Refresh
{
    /// <summary>All in the same step, as the references do.</summary>
    Together,

    /// <summary>Spread over the period, so that every step takes the same time.</summary>
    Staggered,

    /// <summary>Beside the following steps, from a snapshot, adopted a fixed number of steps later.</summary>
    Overlapped,
}
