namespace Shampoo.Runtime;

/// <summary>
/// The factor matrices of a stack of blocks: for some dimensions k of a block L_k, a sum of G₍ₖ₎G₍ₖ₎ᵀ over the steps. G₍ₖ₎ is the block as a
/// matrix with the rows of dimension k.
/// </summary>
internal sealed class Factors
{
    private readonly IOuterProducts _statistics;

    /// <param name="source">Of the state that they belong to.</param>
    /// <param name="precision">How they are stored.</param>
    /// <param name="hasMatrix">Which dimensions have one.</param>
    /// <param name="toleratedFailures">How many refreshes of a block may fail one after the other.</param>
    public Factors(StateSource source, Precision precision, Predicate<int> hasMatrix, int toleratedFailures)
    {
        Matrices = new Tensor?[source.BlockShape.Count];
        for (var k = 0; k < Matrices.Length; k++)
            Matrices[k] = hasMatrix(k) ? source.Zeros($"factor_matrices.{k}", k, precision) : null;
        Refresh = new FactorRefresh(source, Matrices, toleratedFailures);
        _statistics = OuterProducts.Choose(source, Matrices);
    }

    /// <summary>L_k, [blocks, d_k, d_k]; null where there is none.</summary>
    public Tensor?[] Matrices { get; }

    /// <summary>How what depends on them is computed anew.</summary>
    public FactorRefresh Refresh { get; }

    /// <summary>For every dimension that has an L_k another matrix, that begins as the identity.</summary>
    public Tensor?[] Identities(StateSource source, string name, Precision precision)
    {
        var identities = new Tensor?[Matrices.Length];
        for (var k = 0; k < identities.Length; k++)
            identities[k] = Matrices[k] is null ? null : source.Identities($"{name}.{k}", k, precision);
        return identities;
    }

    /// <inheritdoc cref="IOuterProducts.Accumulate"/>
    public void Accumulate(BlockArray gradient, double decay, double weight)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        _statistics.Accumulate(gradient, decay, weight);
    }
}
