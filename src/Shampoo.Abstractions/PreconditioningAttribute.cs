using System;

namespace Shampoo;

/// <summary>
/// Blocking and schedule of the declared preconditioner. All of it is structure: fixed at compile time, not an argument.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class PreconditioningAttribute : Attribute
{
    /// <summary>
    /// For <see cref="MaxDimension"/>: dimensions are never cut. For <see cref="TargetDimensionality"/>: dimensions are never merged.
    /// For <see cref="Start"/>: never.
    /// </summary>
    public const int Unlimited = int.MaxValue;

    /// <summary>Largest size of a factor matrix, ≥ 1; default 1024. Larger dimensions are treated as <see cref="LargeDimensions"/> says.</summary>
    public int MaxDimension { get; set; } = 1024;

    /// <summary>Small neighbouring dimensions are merged, up to <see cref="MaxDimension"/>, as long as at least this many remain; ≥ 1, default 1.</summary>
    public int TargetDimensionality { get; set; } = 1;

    /// <summary>What becomes of dimensions larger than <see cref="MaxDimension"/>.</summary>
    public LargeDimensions LargeDimensions { get; set; } = LargeDimensions.Blocked;

    /// <summary>
    /// A factor matrix and its inverse root share one array, each in a triangle of it: half of the memory. Of <see cref="RootInverseAttribute"/> and
    /// <see cref="EigendecomposedAttribute"/>; both matrices have the same <see cref="PrecisionAttribute"/>.
    /// </summary>
    public bool SymmetricPacking { get; set; }

    /// <summary>Number of steps from one refresh of the inverse roots to the next, ≥ 1; default 1.</summary>
    public int Frequency { get; set; } = 1;

    /// <summary>
    /// The first step, counted from 1, that is preconditioned; ≥ <see cref="Frequency"/>, or −1 (default) for
    /// <see cref="Frequency"/> itself. Earlier steps take the grafting direction, or Ĝ without grafting.
    /// </summary>
    public int Start { get; set; } = -1;

    /// <summary>When the inverse roots of the blocks are computed anew.</summary>
    public Refresh Refresh { get; set; } = Refresh.Together;

    /// <summary>
    /// With <see cref="Refresh.Overlapped"/>: by how many steps the factor matrices are older than the step in which what was computed of them
    /// is adopted; ≥ 1 and &lt; <see cref="Frequency"/>, or −1 (default) for half of <see cref="Frequency"/>, or less where
    /// <see cref="Start"/> demands it. So many steps have the computation beside them.
    /// </summary>
    public int Staleness { get; set; } = -1;

    /// <summary>
    /// The factor matrices take in the gradient of every step whose number this divides, ≥ 1; default 1. Also of multiples of
    /// <see cref="Frequency"/> and of step <see cref="Start"/>, so that a refresh always knows the gradient of its own step, unless
    /// <see cref="Refresh"/> spreads them. Of <see cref="SoapAttribute"/> steps are a parameter's own, counted from 0.
    /// </summary>
    public int StatisticsInterval { get; set; } = 1;

    /// <summary>A block may fail this many refreshes in a row, keeping its old roots, before it is an error; ≥ 0, default 3.</summary>
    public int ToleratedFailures { get; set; } = 3;

    /// <summary>
    /// Parameters of fewer dimensions than this are not preconditioned, ≥ 0; default 0. Dimensions of size 1 do not count; merging does not matter.
    /// They take the grafting direction, or Ĝ without grafting; of <see cref="EigenvalueCorrectedAttribute"/>
    /// and <see cref="SoapAttribute"/> they are only not rotated.
    /// </summary>
    public int SkipRankBelow { get; set; }

    /// <summary>
    /// Parameters with a dimension larger than this are not preconditioned, as of <see cref="SkipRankBelow"/>, ≥ 1; default
    /// <see cref="Unlimited"/>. Merging does not matter.
    /// </summary>
    public int SkipSizeAbove { get; set; } = Unlimited;
}
