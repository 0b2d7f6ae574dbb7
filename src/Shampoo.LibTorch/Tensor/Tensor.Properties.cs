using System.Globalization;
using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private const int CommonDimensions = 8;

        public long Dimensions => LibTorch.THSTensor_ndimension(Handle);
        public long dim() => Dimensions;
        public long ndim => Dimensions;
        public long NumberOfElements => LibTorch.THSTensor_numel(Handle);
        public long numel() => NumberOfElements;
        public long ElementSize => LibTorch.THSTensor_element_size(Handle);
        public long element_size() => ElementSize;

        public ScalarType dtype => (ScalarType)LibTorch.THSTensor_type(Handle);
        public DeviceType device_type => (DeviceType)LibTorch.THSTensor_device_type(Handle);
        public int device_index => LibTorch.THSTensor_device_index(Handle);

        /// <summary>The device; a new object at each call, except for the CPU.</summary>
        public Device device
        {
            get {
                var type = device_type;
                return type == DeviceType.CPU ? CPU : new Device(type, device_index);
            }
        }

        public bool is_cpu() => device_type == DeviceType.CPU;
        public bool is_cuda => device_type == DeviceType.CUDA;
        public bool is_meta => device_type == DeviceType.META;
        public bool is_sparse => LibTorch.THSTensor_is_sparse(Handle) != 0;
        public bool is_contiguous() => LibTorch.THSTensor_is_contiguous(Handle) != 0;
        public bool is_floating_point() => torch.is_floating_point(dtype);
        public bool is_complex() => torch.is_complex(dtype);
        public bool is_integral() => torch.is_integral(dtype);
        public bool is_nonzero() => Aten.is_nonzero.CallBool(this);
        public bool is_pinned() => Aten.is_pinned.CallBool(this);

        public long[] shape => size();

        public unsafe long[] size()
        {
            long* sizes = stackalloc long[CommonDimensions];
            int dims = LibTorch.Check(LibTorch.shp_sizes(Handle, sizes, CommonDimensions));
            var result = new long[dims];
            if (dims <= CommonDimensions) new ReadOnlySpan<long>(sizes, dims).CopyTo(result);
            else fixed (long* p = result) _ = LibTorch.Check(LibTorch.shp_sizes(Handle, p, dims));
            return result;
        }

        public unsafe long[] stride()
        {
            long* strides = stackalloc long[CommonDimensions];
            int dims = LibTorch.Check(LibTorch.shp_strides(Handle, strides, CommonDimensions));
            var result = new long[dims];
            if (dims <= CommonDimensions) new ReadOnlySpan<long>(strides, dims).CopyTo(result);
            else fixed (long* p = result) _ = LibTorch.Check(LibTorch.shp_strides(Handle, p, dims));
            return result;
        }

        public long size(int dim)
        {
            long size = LibTorch.THSTensor_size(Handle, dim);
            if (size == 0) LibTorch.ThrowIfError();
            return size;
        }

        public long stride(int dim)
        {
            long stride = LibTorch.THSTensor_stride(Handle, dim);
            if (stride == 0) LibTorch.ThrowIfError();
            return stride;
        }

        public long storage_offset() => LibTorch.shp_storage_offset(Handle);

        /// <summary>Shape, element type and device, as in <c>[2x3], type = Float32, device = cpu</c>.</summary>
        public override string ToString()
        {
            if (IsInvalid) return "[disposed]";
            string sizes = string.Join("x", shape.Select(n => n.ToString(CultureInfo.InvariantCulture)));
            return $"[{sizes}], type = {dtype}, device = {device}";
        }
    }

    public static long numel(Tensor input) => input.numel();
    public static bool is_nonzero(Tensor input) => input.is_nonzero();
    public static bool is_tensor(object obj) => obj is Tensor;
}
