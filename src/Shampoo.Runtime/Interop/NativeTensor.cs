using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>
/// The few functions of TorchSharp's native library that tell what and where a tensor is without making a managed tensor
/// (<c>parameter.grad</c> makes one at every call). A handle is a heap-allocated <c>at::Tensor*</c>.
/// Where one of the functions is missing, <see cref="IsAvailable"/> is false and the operators of TorchSharp take over.
/// </summary>
internal static unsafe class NativeTensor
{
    private static readonly delegate* unmanaged<nint, nint> s_grad;
    private static readonly delegate* unmanaged<nint, void> s_dispose;
    private static readonly delegate* unmanaged<nint, nint> s_data;
    private static readonly delegate* unmanaged<nint, long> s_dimensions;
    private static readonly delegate* unmanaged<nint, long, long> s_size;
    private static readonly delegate* unmanaged<nint, long, long> s_stride;
    private static readonly delegate* unmanaged<nint, sbyte> s_type;
    private static readonly delegate* unmanaged<nint, int> s_deviceType;
    private static readonly delegate* unmanaged<nint, byte> s_isSparse; // bool or int, by version: the low byte is right for both

    static NativeTensor()
    {
        if (!TryLoad(out var library))
            return;
        s_grad = (delegate* unmanaged<nint, nint>)Find(library, "THSTensor_grad");
        s_dispose = (delegate* unmanaged<nint, void>)Find(library, "THSTensor_dispose");
        s_data = (delegate* unmanaged<nint, nint>)Find(library, "THSTensor_data");
        s_dimensions = (delegate* unmanaged<nint, long>)Find(library, "THSTensor_ndimension");
        s_size = (delegate* unmanaged<nint, long, long>)Find(library, "THSTensor_size");
        s_stride = (delegate* unmanaged<nint, long, long>)Find(library, "THSTensor_stride");
        s_type = (delegate* unmanaged<nint, sbyte>)Find(library, "THSTensor_type");
        s_deviceType = (delegate* unmanaged<nint, int>)Find(library, "THSTensor_device_type");
        s_isSparse = (delegate* unmanaged<nint, byte>)Find(library, "THSTensor_is_sparse");
        IsAvailable = s_grad != null && s_dispose != null && s_data != null && s_dimensions != null && s_size != null
            && s_stride != null && s_type != null && s_deviceType != null && s_isSparse != null;
    }

    /// <summary>Whether all of the functions were found. Tests set it to see what happens where they were not.</summary>
    public static bool IsAvailable { get; set; }

    /// <summary>A new handle of the gradient, for the caller to <see cref="Dispose"/>; 0 if there is none.</summary>
    public static nint Grad(nint tensor) => s_grad(tensor);

    public static void Dispose(nint tensor) => s_dispose(tensor);

    /// <summary>The address of the first element, on the tensor's device.</summary>
    public static nint Data(nint tensor) => s_data(tensor);

    /// <summary>The address of the first element where a tensor has one and it can be known; otherwise 0.</summary>
    public static nint DataOf(Tensor tensor) =>
        IsAvailable && tensor.device_type != TorchSharp.DeviceType.META ? Data(tensor.Handle) : 0;

    public static int Dimensions(nint tensor) => (int)s_dimensions(tensor);

    public static long Size(nint tensor, int dimension) => s_size(tensor, dimension);

    public static long Stride(nint tensor, int dimension) => s_stride(tensor, dimension);

    public static int ElementType(nint tensor) => s_type(tensor);

    public static int DeviceType(nint tensor) => s_deviceType(tensor);

    public static bool IsSparse(nint tensor) => s_isSparse(tensor) != 0;

    /// <summary>The address of a function; 0 if there is none.</summary>
    internal static nint Find(nint library, string name) => NativeLibrary.TryGetExport(library, name, out var address) ? address : 0;

    // TorchSharp has loaded its library by now: a tensor exists. Its assembly knows where the library lies.
    internal static bool TryLoad(out nint library) =>
        NativeLibrary.TryLoad("LibTorchSharp", typeof(torch).Assembly, null, out library)
        || NativeLibrary.TryLoad("LibTorchSharp", typeof(NativeTensor).Assembly, null, out library);
}
