using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Shampoo.LibTorch.Native;

/// <summary>The functions of native/torch.cpp. A tensor is an <c>at::Tensor*</c>; a failure is a null, a -1 or a false, and <see cref="ThrowLastError"/>.</summary>
internal static unsafe class LibTorch
{
    private const string Library = "LibTorchSharp";

    [DllImport(Library)] internal static extern IntPtr shp_operator(byte* name, byte* overload);
    [DllImport(Library)] internal static extern int shp_call(IntPtr op, Value* arguments, int count, Value* results, int capacity);
    [DllImport(Library)] internal static extern void shp_free(void* memory);
    [DllImport(Library)] internal static extern byte* shp_last_error();
    [DllImport(Library)] internal static extern byte* shp_version();

    [DllImport(Library), SuppressGCTransition] internal static extern int shp_sizes(IntPtr tensor, long* sizes, int capacity);
    [DllImport(Library), SuppressGCTransition] internal static extern int shp_strides(IntPtr tensor, long* strides, int capacity);
    [DllImport(Library), SuppressGCTransition] internal static extern long shp_storage_offset(IntPtr tensor);
    [DllImport(Library)] internal static extern IntPtr shp_alias(IntPtr tensor);
    [DllImport(Library)] internal static extern IntPtr shp_from_blob(void* data, long* sizes, int dims, int dtype, delegate* unmanaged<void*, void> release, void* context);

    [DllImport(Library)] internal static extern int shp_requires_grad(IntPtr tensor);
    [DllImport(Library)] internal static extern int shp_set_requires_grad(IntPtr tensor, int value);
    [DllImport(Library)] internal static extern int shp_is_leaf(IntPtr tensor);
    [DllImport(Library)] internal static extern int shp_set_grad(IntPtr tensor, IntPtr grad);
    [DllImport(Library)] internal static extern int shp_retain_grad(IntPtr tensor);
    [DllImport(Library)] internal static extern int shp_backward(IntPtr tensor, IntPtr gradient, int retainGraph, int createGraph, IntPtr* inputs, int count);
    [DllImport(Library), SuppressGCTransition] internal static extern int shp_grad_mode();
    [DllImport(Library), SuppressGCTransition] internal static extern void shp_set_grad_mode(int enabled);
    [DllImport(Library), SuppressGCTransition] internal static extern int shp_inference_mode();
    [DllImport(Library)] internal static extern IntPtr shp_inference_guard(int enabled);
    [DllImport(Library)] internal static extern void shp_inference_guard_dispose(IntPtr guard);

    [DllImport(Library)] internal static extern int shp_manual_seed(long seed);
    [DllImport(Library)] internal static extern IntPtr shp_generator_default(int type, int index);
    [DllImport(Library)] internal static extern IntPtr shp_generator_new(int type, int index);
    [DllImport(Library)] internal static extern void shp_generator_dispose(IntPtr generator);
    [DllImport(Library)] internal static extern int shp_generator_seed(IntPtr generator, long seed);
    [DllImport(Library)] internal static extern long shp_generator_reseed(IntPtr generator);
    [DllImport(Library)] internal static extern long shp_generator_initial_seed(IntPtr generator);
    [DllImport(Library)] internal static extern IntPtr shp_generator_state(IntPtr generator);
    [DllImport(Library)] internal static extern int shp_generator_set_state(IntPtr generator, IntPtr state);

    [DllImport(Library)] internal static extern int shp_get_num_threads();
    [DllImport(Library)] internal static extern int shp_set_num_threads(int count);
    [DllImport(Library)] internal static extern int shp_get_num_interop_threads();
    [DllImport(Library)] internal static extern int shp_set_num_interop_threads(int count);
    [DllImport(Library)] internal static extern long shp_cuda_device_count();
    [DllImport(Library)] internal static extern int shp_cuda_has_cudnn();
    [DllImport(Library)] internal static extern int shp_cuda_synchronize(long index);
    [DllImport(Library)] internal static extern int shp_allow_tf32();
    [DllImport(Library)] internal static extern int shp_set_allow_tf32(int value);

    [DllImport(Library)] internal static extern void* THSTensor_data(IntPtr tensor);
    [DllImport(Library)] internal static extern IntPtr THSTensor_grad(IntPtr tensor);
    [DllImport(Library)] internal static extern void THSTensor_dispose(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long THSTensor_ndimension(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long THSTensor_numel(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long THSTensor_element_size(IntPtr tensor);
    [DllImport(Library)] internal static extern long THSTensor_size(IntPtr tensor, long dim);
    [DllImport(Library)] internal static extern long THSTensor_stride(IntPtr tensor, long dim);
    [DllImport(Library), SuppressGCTransition] internal static extern sbyte THSTensor_type(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int THSTensor_device_type(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int THSTensor_device_index(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int THSTensor_is_sparse(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int THSTensor_is_contiguous(IntPtr tensor);

    /// <summary>Throws what the last failed call on this thread left behind, if it left anything.</summary>
    internal static void ThrowIfError()
    {
        byte* message = shp_last_error();
        if (message != null) throw new ExternalException(Marshal.PtrToStringUTF8((IntPtr)message));
    }

    /// <summary>The exception for a call that is known to have failed.</summary>
    internal static void ThrowLastError()
    {
        ThrowIfError();
        throw new ExternalException("libtorch failed without a message.");
    }

    internal static int Check(int result)
    {
        if (result < 0) ThrowLastError();
        return result;
    }

    internal static IntPtr Check(IntPtr result)
    {
        if (result == IntPtr.Zero) ThrowLastError();
        return result;
    }
}
