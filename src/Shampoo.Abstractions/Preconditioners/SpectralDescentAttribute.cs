using System;

namespace Shampoo;

/// <summary>Steps along the orthogonal factor of Ĝ (Muon). Matrices only, unless <see cref="PreconditioningAttribute.SkipRankBelow"/> leaves out vectors. No state but the first moment.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class SpectralDescentAttribute : Attribute
{
    /// <param name="solver">How the orthogonal factor is computed: NewtonSchulz or SVD.</param>
    public SpectralDescentAttribute(Solver solver) => Solver = solver;

    /// <summary>How the orthogonal factor is computed.</summary>
    public Solver Solver { get; }

    /// <summary>Number of Newton–Schulz steps, ≥ 1; default 5.</summary>
    public int Iterations { get; set; } = 5;

    /// <summary>Whether the direction is scaled by the nuclear norm; default false. SVD only.</summary>
    public bool ScaleByNuclearNorm { get; set; }

    /// <summary>A factor of the direction that depends on the shape of the block; default <see cref="SpectralScaling.Unscaled"/>.</summary>
    public SpectralScaling Scaling { get; set; }
}
