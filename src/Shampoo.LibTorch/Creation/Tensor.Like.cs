using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    // New tensors like another one in shape, or in element type and device.
    public partial class Tensor
    {
        public Tensor new_empty(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.empty_memory_format, size, dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_empty(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.empty_memory_format, [dim0, dim1, dim2, dim3], dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_empty(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.empty_memory_format, [dim0, dim1, dim2], dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_empty(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.empty_memory_format, [rows, columns], dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_empty(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.empty_memory_format, [size], dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.empty_memory_format, size, dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_full(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Full(size, value, dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_full(long dim0, long dim1, long dim2, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Full([dim0, dim1, dim2], value, dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_full(long dim0, long dim1, long dim2, long dim3, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Full([dim0, dim1, dim2, dim3], value, dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_full(long rows, long columns, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Full([rows, columns], value, dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_full(long size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Full([size], value, dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Full(size, value, dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_ones(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.ones, [dim0, dim1, dim2, dim3], dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_ones(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.ones, [dim0, dim1, dim2], dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_ones(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.ones, [rows, columns], dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_ones(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.ones, [size], dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.zeros, size, dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_zeros(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.zeros, [dim0, dim1, dim2, dim3], dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_zeros(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.zeros, [dim0, dim1, dim2], dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_zeros(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.zeros, [rows, columns], dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_zeros(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.zeros, [size], dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor new_zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Create(Aten.zeros, size, dtype ?? this.dtype, device ?? this.device, requires_grad, null);
        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.zeros_like, dtype, device, requires_grad);
        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.ones_like, dtype, device, requires_grad);
        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.empty_like, dtype, device, requires_grad);
        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.rand_like, dtype, device, requires_grad);
        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.randn_like, dtype, device, requires_grad);
        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Finish(Aten.full_like.Call(this, value, dtype, Arg.None, device), requires_grad, null);
        public Tensor randint_like(long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Finish(Aten.randint_like_low_dtype.Call(this, low, high, dtype, Arg.None, device), requires_grad, null);

        private Tensor Like(Operator op, ScalarType? dtype, Device? device, bool requires_grad) =>
            Finish(op.Call(this, dtype, Arg.None, device), requires_grad, null);
    }

    public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Named(input.empty_like(dtype, device, requires_grad), names);
    public static Tensor full_like(Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Named(input.full_like(value, dtype, device, requires_grad), names);
    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Named(input.ones_like(dtype, device, requires_grad), names);
    public static Tensor rand_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => input.rand_like(dtype, device, requires_grad);
    public static Tensor randint_like(Tensor input, long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => input.randint_like(low, high, dtype, device, requires_grad);
    public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => input.randn_like(dtype, device, requires_grad);
    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => Named(input.zeros_like(dtype, device, requires_grad), names);
}
