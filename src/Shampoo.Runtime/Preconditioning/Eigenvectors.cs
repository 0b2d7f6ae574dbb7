namespace Shampoo.Runtime;

/// <summary>The eigenvectors of factor matrices: for every dimension k that has one Q_k, whose columns they are; the identity at first.</summary>
internal sealed class Eigenvectors
{
    private readonly StateSource _source;

    public Eigenvectors(StateSource source, Factors factors, Precision precision)
    {
        _source = source;
        Matrices = factors.Identities(source, "eigenvectors", precision);
    }

    /// <summary>Q_k, [blocks, d_k, d_k]; null where there is no L_k.</summary>
    public Tensor?[] Matrices { get; }

    /// <summary>
    /// Those of some neighbouring blocks, for a solver to start from: orthogonal to the precision of its dtype, and of the same signs as they are stored.
    /// </summary>
    /// <returns>[matrices, d_k, d_k]: a fresh tensor of the dispose scope.</returns>
    public Tensor Of(Tensor factors, int dimension, int firstBlock)
    {
        var stored = Matrices[dimension]!.narrow(0, firstBlock, factors.shape[0]);
        var typed = stored.As(factors.dtype);
        return stored.ElementSize < factors.ElementSize ? Orthogonalised(typed) : typed;
    }

    // Columns of a decomposition may come out with the other sign.
    private static Tensor Orthogonalised(Tensor nearly)
    {
        var (q, r) = torch.linalg.qr(nearly);
        return q.mul(r.diagonal(0, -2, -1).sign().unsqueeze(-2));
    }

    /// <summary>Takes over those of some neighbouring blocks.</summary>
    public void Adopt(Tensor eigenvectors, int dimension, int firstBlock)
    {
        using var destination = Matrices[dimension]!.narrow(0, firstBlock, eigenvectors.shape[0]);
        destination.copy_(eigenvectors);
    }

    /// <summary>Throws if any of them contains NaN or infinity.</summary>
    public void RequireFinite(Tensor eigenvectors, int dimension, int firstBlock) =>
        _source.RequireFinite(eigenvectors, $"eigenbasis of dimension {dimension}", firstBlock);
}
