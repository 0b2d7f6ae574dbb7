namespace Shampoo.Runtime;

internal static class TensorExtensions
{
    /// <summary>Whether a tensor contains neither NaN nor infinity. On a GPU this waits for the device.</summary>
    public static bool IsFinite(this Tensor tensor)
    {
        using var finite = tensor.isfinite();
        using var all = finite.all();
        return all.item<bool>();
    }
}
