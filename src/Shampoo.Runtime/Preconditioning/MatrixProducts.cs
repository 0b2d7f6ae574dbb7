namespace Shampoo.Runtime;

/// <summary>The products of a stack of blocks with the matrices that it has for every dimension, M_k  [blocks, d_k, d_k].</summary>
internal abstract class MatrixProducts
{
    /// <summary>M_k ← decay·M_k + weight·G₍ₖ₎G₍ₖ₎ᵀ, for every dimension k.</summary>
    public abstract void Accumulate(BlockArray gradient, double decay, double weight);

    /// <summary>destination ← source ×₁ M₁ … ×_d M_d, where all M_k are symmetric.</summary>
    public abstract void Multiply(BlockArray source, BlockArray destination);

    /// <summary>BLAS where it can work on the matrices as they are stored, and operators everywhere else.</summary>
    /// <param name="source">Of the state that the matrices belong to.</param>
    /// <param name="matrices">M_k</param>
    public static MatrixProducts Choose(StateSource source, Tensor[] matrices)
    {
        var type = source.ParameterType;
        var isUsable = Blas.IsAvailable && source.Dialect.IsVector()
            && matrices.All(matrix => matrix.device_type == DeviceType.CPU && matrix.dtype == type);
        return type switch
        {
            ScalarType.Float32 when isUsable => new BlasProducts<float>(source, matrices),
            ScalarType.Float64 when isUsable => new BlasProducts<double>(source, matrices),
            _ => new TorchProducts(source, matrices),
        };
    }
}
