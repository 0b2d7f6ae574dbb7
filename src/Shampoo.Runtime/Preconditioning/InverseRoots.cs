namespace Shampoo.Runtime;

/// <summary>The inverse roots X_k of factor matrices, and what they are for: P = Ĝ ×₁ X₁ … ×_d X_d, and the statistics of KL-Shampoo.</summary>
internal sealed class InverseRoots
{
    private readonly StateSource _source;
    private readonly double[] _exponents;
    private readonly IModeProducts _preconditioning;
    private readonly IKullbackLeibler _statistics;

    public InverseRoots(StateSource source, Factors factors, Precision precision, double[] exponents)
    {
        (_source, _exponents) = (source, exponents);
        Matrices = factors.Identities(source, "inverse_roots", precision);
        _preconditioning = ModeProducts.Choose(source, Matrices);
        _statistics = KullbackLeibler.Choose(source, factors.Matrices, Matrices);
    }

    /// <summary>X_k, [blocks, d_k, d_k]; null where there is no L_k.</summary>
    public Tensor?[] Matrices { get; }

    /// <summary>The exponents of all dimensions of a block; 0 for those that are not preconditioned.</summary>
    public static double[] ExponentsOf(StateSource source, InverseExponents? exponents)
    {
        var order = source.BlockShape.Count;
        return [.. Enumerable.Range(0, order).Select(k => (exponents ?? InverseExponents.Default).Of(order, k))];
    }

    /// <summary>e of X_k = L_k^(−e).</summary>
    public double Exponent(int dimension) => _exponents[dimension];

    /// <inheritdoc cref="IModeProducts.Multiply"/>
    public void Precondition(BlockArray source, BlockArray destination)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        _preconditioning.Multiply(source, destination);
    }

    /// <inheritdoc cref="IKullbackLeibler.Accumulate"/>
    public void AccumulateKullbackLeibler(BlockArray gradient, double decay, double weight)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        _statistics.Accumulate(gradient, decay, weight);
    }

    /// <summary>Takes over the roots of some neighbouring blocks.</summary>
    /// <exception cref="NotFiniteNumberException">One of them contains NaN or infinity.</exception>
    public void Adopt(Tensor roots, int dimension, int firstBlock)
    {
        _source.RequireFinite(roots, $"inverse root of dimension {dimension}", firstBlock);
        using var destination = Matrices[dimension]!.narrow(0, firstBlock, roots.shape[0]);
        destination.copy_(roots);
    }
}
