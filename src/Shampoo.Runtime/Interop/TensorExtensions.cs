using System.Numerics;

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
        if (tensor.dim() == 3 && !tensor.is_contiguous())
            return AreFinite(tensor);
        if (NativeTensor.IsAvailable && tensor.device_type == DeviceType.CPU && tensor.is_contiguous() && tensor.dtype is ScalarType.Float32 or ScalarType.Float64)
            return tensor.dtype == ScalarType.Float32 ? IsFinite<float>(tensor) : IsFinite<double>(tensor);
        using var wide = tensor.to_type(tensor.dtype.Arithmetic());
        using var finite = wide.isfinite();
        using var all = finite.all();
        return all.item<bool>();
    }

    // Matrices that share their array with others, one by one.
    private static bool AreFinite(Tensor matrices)
    {
        for (long i = 0; i < matrices.shape[0]; i++)
        {
            using var matrix = matrices.select(0, i);
            if (!matrix.IsFinite())
                return false;
        }
        return true;
    }

    private static unsafe bool IsFinite<T>(Tensor tensor) where T : unmanaged, INumberBase<T>
    {
        var search = new SearchNonFinite<T>();
        search.Run((T*)NativeTensor.Data(tensor.Handle), new Axis(tensor.numel(), 1), null);
        return !search.Found;
    }
}
