namespace Shampoo;

/// <summary>When the inverse roots of the blocks are computed anew.</summary>
public enum Refresh
{
    /// <summary>All in the same step, as the references do.</summary>
    Together,

    /// <summary>
    /// Spread over the period, so that every step takes about the same time: each block has an offset of less than
    /// <see cref="PreconditioningAttribute.Frequency"/>, by which it is refreshed earlier than with <see cref="Together"/>.
    /// </summary>
    Staggered,

    /// <summary>
    /// Computed beside the steps, by threads of their own, of the factor matrices as they were <see cref="PreconditioningAttribute.Staleness"/>
    /// steps before, and adopted in the step in which <see cref="Together"/> would compute them. On a GPU on a stream of its own; computed at once, and adopted later, where torch gives none or products are rounded to TF32.
    /// </summary>
    Overlapped,
}
