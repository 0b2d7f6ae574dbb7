namespace Shampoo.Runtime;

/// <summary>The inverse roots X_k of factor matrices, and what they are for: P = Ĝ ×₁ X₁ … ×_d X_d, and the statistics of KL-Shampoo.</summary>
internal sealed class InverseRoots
{
    private readonly StateSource _source;
    private readonly double[] _exponents;
    private readonly bool _hasDiagonalsInMemory;
    private readonly IModeProducts _preconditioning;
    private readonly IKullbackLeibler _statistics;

    /// <param name="source">Of the state that they belong to.</param>
    /// <param name="factors">What they are the roots of.</param>
    /// <param name="precision">How they are stored.</param>
    /// <param name="exponents">Of all dimensions.</param>
    /// <param name="isNext">Whether they are not in use yet.</param>
    public InverseRoots(StateSource source, Factors factors, Precision precision, double[] exponents, bool isNext = false)
    {
        (_source, _exponents) = (source, exponents);
        Matrices = isNext ? factors.Identities(source, "next_inverse_roots", precision, hasDiagonals: false) : factors.Roots(source, "inverse_roots", precision);
        _hasDiagonalsInMemory = source.ArithmeticType is ScalarType.Float32 or ScalarType.Float64
            && source.CanUseBlas(factors.Matrices) && source.CanUseBlas(Matrices);
        _preconditioning = ModeProducts.Choose(source, Matrices);
        _statistics = KullbackLeibler.Choose(source, factors.Matrices, Matrices);
    }

    /// <summary>X_k, [blocks, d_k, d_k], or its diagonal, [blocks, d_k]; null where there is no L_k.</summary>
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

    /// <inheritdoc cref="FactorMatrices.RefreshDiagonals"/>
    public void RefreshDiagonals(Factors factors, double epsilon, double biasCorrection)
    {
        for (var k = 0; k < Matrices.Length; k++)
        {
            if (Matrices[k] is { } roots && roots.AreDiagonals())
                RefreshDiagonal(factors.Matrices[k]!, roots, k, epsilon, biasCorrection);
        }
    }

    private void RefreshDiagonal(Tensor diagonals, Tensor roots, int k, double epsilon, double biasCorrection)
    {
        var count = _source.Count * _source.BlockShape[k];
        if (_hasDiagonalsInMemory && _source.ArithmeticType == ScalarType.Float32)
            Diagonals.TakeRoots<float>(diagonals, roots, count, biasCorrection, epsilon, _exponents[k]);
        else if (_hasDiagonalsInMemory)
            Diagonals.TakeRoots<double>(diagonals, roots, count, biasCorrection, epsilon, _exponents[k]);
        else
            Diagonals.TakeRoots(diagonals, roots, biasCorrection, epsilon, _exponents[k]);
    }

    /// <summary>Takes over the roots of some neighbouring blocks.</summary>
    /// <param name="roots">[matrices, d_k, d_k]</param>
    /// <param name="dimension">k</param>
    /// <param name="firstBlock">Which block the first one belongs to.</param>
    /// <param name="marksFailures">Whether NaN and infinity stand for failures, whose blocks keep their roots.</param>
    /// <returns>For each of the roots whether it is a failure; null if none is.</returns>
    /// <exception cref="NotFiniteNumberException">One of them contains NaN or infinity, and they stand for no failures.</exception>
    public bool[]? Adopt(Tensor roots, int dimension, int firstBlock, bool marksFailures = false)
    {
        using var destination = Matrices[dimension]!.narrow(0, firstBlock, roots.shape[0]);
        var computed = roots.As(destination.dtype.Arithmetic());
        var failures = marksFailures ? computed.Failures() : null;
        if (!marksFailures)
            _source.RequireFinite(computed, $"inverse root of dimension {dimension}", firstBlock);
        destination.Store(failures is null ? computed : computed.where(computed.AreFinite(), destination.Whole().As(computed.dtype)));
        if (destination.dtype == ScalarType.Float16)
            _source.RequireFinite(destination, $"inverse root of dimension {dimension}, rounded to Float16, which ends at 65504,", firstBlock);
        return failures;
    }
}
