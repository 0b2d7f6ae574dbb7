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
    /// <param name="maxDimension">The largest size of a dimension that has a whole matrix; of larger ones there is the diagonal.</param>
    /// <param name="toleratedFailures">How many refreshes of a block may fail one after the other.</param>
    /// <param name="isPacked">Whether there are <see cref="Roots"/>, which share the memory of whole matrices.</param>
    public Factors(
        StateSource source, Precision precision, Predicate<int> hasMatrix, int toleratedFailures, int maxDimension = int.MaxValue, bool isPacked = false)
    {
        Matrices = new Tensor?[source.BlockShape.Count];
        for (var k = 0; k < Matrices.Length; k++)
        {
            if (!hasMatrix(k))
                continue;
            var isDiagonal = source.BlockShape[k] > maxDimension;
            Matrices[k] = isPacked && !isDiagonal ? source.PackedZeros(Name(k), k, precision) : source.Zeros(Name(k), k, precision, isDiagonal);
        }
        Refresh = new FactorRefresh(source, Matrices, toleratedFailures);
        _statistics = OuterProducts.Choose(source, Matrices);
    }

    /// <summary>L_k, [blocks, d_k, d_k], or its diagonal, [blocks, d_k]; null where there is none.</summary>
    public Tensor?[] Matrices { get; }

    /// <summary>How what depends on them is computed anew.</summary>
    public FactorRefresh Refresh { get; }

    /// <summary>For every dimension that has an L_k another matrix, or the diagonal of one, that begins as the identity.</summary>
    /// <param name="source">Of the state that they belong to.</param>
    /// <param name="name">What they are.</param>
    /// <param name="precision">How they are stored.</param>
    /// <param name="hasDiagonals">Whether there are diagonals, too.</param>
    public Tensor?[] Identities(StateSource source, string name, Precision precision, bool hasDiagonals = true)
    {
        return ForEach(k => hasDiagonals || !Matrices[k]!.AreDiagonals() ? source.Identities($"{name}.{k}", k, precision, Matrices[k]!.AreDiagonals()) : null);
    }

    /// <summary>For every dimension that has an L_k its root, or the diagonal of one, that begins as the identity.</summary>
    /// <param name="source">Of the state that they belong to.</param>
    /// <param name="name">What they are.</param>
    /// <param name="precision">How they are stored where the L_k are not packed.</param>
    public Tensor?[] Roots(StateSource source, string name, Precision precision)
    {
        return ForEach(k => Matrices[k]!.ArePacked()
            ? source.PackedIdentities($"{name}.{k}", Name(k))
            : source.Identities($"{name}.{k}", k, precision, Matrices[k]!.AreDiagonals()));
    }

    /// <summary>For every dimension that has an L_k another tensor.</summary>
    public Tensor?[] ForEach(Func<int, Tensor?> make)
    {
        var tensors = new Tensor?[Matrices.Length];
        for (var k = 0; k < tensors.Length; k++)
            tensors[k] = Matrices[k] is null ? null : make(k);
        return tensors;
    }

    /// <inheritdoc cref="IOuterProducts.Accumulate"/>
    public void Accumulate(BlockArray gradient, double decay, double weight)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        _statistics.Accumulate(gradient, decay, weight);
    }

    private static string Name(int dimension) => $"factor_matrices.{dimension}";
}
