namespace Shampoo.Runtime;

/// <summary>The directions of spectral descent: orthogonal factors of blocks that are matrices.</summary>
public static class OrthogonalFactors
{
    /// <summary>destination ← scale·UVᵀ, where USVᵀ is the singular value decomposition of a block of the source.</summary>
    /// <typeparam name="TSolver">The solver, known at compile time.</typeparam>
    /// <param name="solver">How the factors are computed, exactly or nearly.</param>
    /// <param name="source">Ĝ, [blocks, m, n].</param>
    /// <param name="destination">[blocks, m, n]: a workspace other than the source.</param>
    /// <param name="scale">A factor, such as one that depends on m and n.</param>
    /// <exception cref="ArgumentException">The blocks are no matrices.</exception>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">The solver failed.</exception>
    public static void Compute<TSolver>(in TSolver solver, BlockArray source, BlockArray destination, double scale = 1)
        where TSolver : struct, IOrthogonalFactorSolver
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        if (source.BlockShape.Count != 2)
            throw new ArgumentException($"Only matrices have orthogonal factors, but the blocks are [{string.Join(", ", source.BlockShape)}].", nameof(source));
        using var scope = torch.NewDisposeScope();
        using Scalar factor = scale;
        destination.Adopt(solver.OrthogonalFactor(source.Stack().As(destination.ElementType)).mul_(factor));
    }
}
