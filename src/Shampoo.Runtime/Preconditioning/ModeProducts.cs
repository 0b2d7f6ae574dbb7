using System.Buffers;
using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>The products of a stack of blocks with a matrix for every dimension, M_k  [blocks, d_k, d_k]; dimensions without one stay as they are.</summary>
internal interface IModeProducts
{
    /// <summary>destination ← source ×₁ M₁ … ×_d M_d, or the same with the transposes. Without any matrix it is a copy.</summary>
    /// <param name="source">[blocks, …]</param>
    /// <param name="destination">[blocks, …]: a workspace other than the source.</param>
    /// <param name="isTransposed">Whether the transposes are meant.</param>
    void Multiply(BlockArray source, BlockArray destination, bool isTransposed = false);
}

internal static class ModeProducts
{
    /// <summary>BLAS where it can work on the matrices as they are stored, and operators everywhere else.</summary>
    /// <param name="source">Of the state that the matrices belong to.</param>
    /// <param name="matrices">M_k; null where there is none.</param>
    public static IModeProducts Choose(StateSource source, Tensor?[] matrices) => source.ArithmeticType switch
    {
        ScalarType.Float32 when source.CanUseBlas(matrices) => new BlasModeProducts<float>(source.BlockShape, source.Count, matrices),
        ScalarType.Float64 when source.CanUseBlas(matrices) => new BlasModeProducts<double>(source.BlockShape, source.Count, matrices),
        _ => new TorchModeProducts(source, matrices),
    };

    /// <summary>stack ← stack ×₁ M₁ᵀ … ×_d M_dᵀ, for some blocks.</summary>
    /// <param name="source">Of the state that the blocks belong to.</param>
    /// <param name="stack">[blocks, …]</param>
    /// <param name="matrices">M_k, [blocks, d_k, d_k]; null where there is none.</param>
    public static void MultiplyTransposed(StateSource source, Tensor stack, Tensor?[] matrices)
    {
        switch (source.CanUseBlas(matrices) && stack.is_contiguous() && stack.dtype == source.ArithmeticType ? stack.dtype : (ScalarType?)null)
        {
            case ScalarType.Float32: MultiplyTransposed<float>(source.BlockShape, stack, matrices); break;
            case ScalarType.Float64: MultiplyTransposed<double>(source.BlockShape, stack, matrices); break;
            default:
                using (FullPrecision.For(stack))
                using (var products = new TorchModeProducts(source, matrices).Multiply(stack, isTransposed: true))
                    stack.copy_(products);
                break;
        }
    }

    // What a refresh allocates does not depend on the number of blocks.
    private static void MultiplyTransposed<T>(IReadOnlyList<long> blockShape, Tensor stack, Tensor?[] matrices) where T : unmanaged, INumberBase<T>
    {
        var (blocks, pool) = ((int)stack.shape[0], ArrayPool<BlockMemory>.Shared);
        BlockMemory[] source = pool.Rent(blocks), destination = pool.Rent(blocks);
        new BlasModeProducts<T>(blockShape, blocks, matrices, source, destination).MultiplyTransposed(stack);
        pool.Return(source);
        pool.Return(destination);
    }

    /// <summary>
    /// Whether BLAS can work on matrices: they are beside the blocks in the memory of the CPU, and of the arithmetic's dtype. Packed ones also need a
    /// function that leaves alone what is above the diagonal.
    /// </summary>
    public static bool CanUseBlas(this StateSource source, Tensor?[] matrices) =>
        Blas.IsAvailable && source.Dialect.IsVector()
        && Array.TrueForAll(matrices, matrix => matrix is null
            || (matrix.device_type == DeviceType.CPU && matrix.dtype == source.ArithmeticType && (Blas.HasSyrk || !matrix.ArePacked())));
}
