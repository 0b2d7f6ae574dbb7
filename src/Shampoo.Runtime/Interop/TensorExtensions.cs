namespace Shampoo.Runtime;

internal static class TensorExtensions
{
    /// <summary>Bytes of an element.</summary>
    public static int Size(this ScalarType type) => type switch
    {
        ScalarType.Float64 => 8,
        ScalarType.Float32 => 4,
        ScalarType.BFloat16 or ScalarType.Float16 => 2,
        _ => throw new NotSupportedException($"Arrays of {type} are not supported."),
    };

    /// <summary>Whether a tensor contains neither NaN nor infinity. On a GPU this waits for the device.</summary>
    public static bool IsFinite(this Tensor tensor)
    {
        using var wide = tensor.to_type(tensor.dtype.Arithmetic());
        using var finite = wide.isfinite();
        using var all = finite.all();
        return all.item<bool>();
    }
}
