namespace Shampoo.Runtime;

/// <summary>Runs the prelude's own kernel on two blocks of two chunks and compares it with exact numbers.</summary>
internal static class CudaSelfTest
{
    private const int Blocks = 2;
    private const int Chunk = 512;
    private const int Elements = Chunk + 77;

    /// <summary>Throws a <see cref="CudaException"/> if the device does not count right. Waits for the device.</summary>
    public static void Run(CudaModule module, StorageKind kind)
    {
        using var scope = torch.NewDisposeScope();
        var type = kind.ElementType == (int)ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        var x = torch.full([Blocks, Elements], 9.0, dtype: type, device: kind.Device());
        var squares = torch.zeros([Blocks, 2], dtype: ScalarType.Float64, device: kind.Device());
        Launch(module, x, squares);

        // 2·√9 = 6, and 36 for each element.
        RequireAll(x, 6);
        RequireAll(squares.select(1, 0), 36.0 * Chunk);
        RequireAll(squares.select(1, 1), 36.0 * (Elements - Chunk));
    }

    private static unsafe void Launch(CudaModule module, Tensor x, Tensor squares)
    {
        var arguments = new Arguments { Blocks = Blocks, Elements = Elements, Chunk = Chunk };
        arguments.Arrays[0] = NativeTensor.Data(x.Handle);
        arguments.Norms[0] = NativeTensor.Data(squares.Handle);
        arguments.Numbers[0] = 2;
        module.Kernel("self_test").Launch(ref arguments);
    }

    private static void RequireAll(Tensor tensor, double expected)
    {
        using Scalar value = expected;
        using var equal = tensor.eq(value);
        using var all = equal.all();
        if (!all.item<bool>())
            throw new CudaException("a kernel that was tried out gave wrong numbers");
    }
}
