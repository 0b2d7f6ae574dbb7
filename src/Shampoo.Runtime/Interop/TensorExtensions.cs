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
        if (NativeTensor.IsAvailable && tensor.device_type == DeviceType.CPU && (tensor.is_contiguous() || tensor.ArePacked()) && tensor.dtype is ScalarType.Float32 or ScalarType.Float64)
            return tensor.dtype == ScalarType.Float32 ? IsFinite<float>(tensor) : IsFinite<double>(tensor);
        using var wide = tensor.to_type(tensor.dtype.Arithmetic());
        using var finite = wide.isfinite();
        using var all = finite.all();
        return all.item<bool>();
    }

    private static unsafe bool IsFinite<T>(Tensor tensor) where T : unmanaged, INumberBase<T>
    {
        // Of packed matrices every one is n² numbers on end.
        var (count, distance) = tensor.is_contiguous() ? (1, 0) : (tensor.size(0), tensor.stride(0));
        var search = new SearchNonFinite<T>();
        for (long i = 0; i < count && !search.Found; i++)
            search.Run((T*)NativeTensor.Data(tensor.Handle) + i * distance, new Axis(tensor.numel() / count, 1), null);
        return !search.Found;
    }
}
