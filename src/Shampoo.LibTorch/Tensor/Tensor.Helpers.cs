using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>How a quotient is rounded.</summary>
    public enum RoundingMode
    {
        None,
        trunc,
        floor,
    }

    public partial class Tensor
    {
        public Tensor T => Aten.numpy_T.Call(this);
        public Tensor mT => Aten.mT.Call(this);
        public Tensor H => Aten.matrix_H.Call(this);
        public Tensor mH => Aten.mH.Call(this);

        /// <summary>The indices of a sparse tensor.</summary>
        public Tensor SparseIndices => Aten._indices.Call(this);

        /// <summary>The values of a sparse tensor.</summary>
        public Tensor SparseValues => Aten._values.Call(this);

        private unsafe Tensor Over(Operator op, ReadOnlySpan<long> dims, bool keepdim)
        {
            fixed (long* p = dims) return op.Call(this, Arg.List(p, dims.Length), keepdim);
        }

        private unsafe Tensor Over(Operator op, ReadOnlySpan<long> dims, bool keepdim, ScalarType? type)
        {
            fixed (long* p = dims) return op.Call(this, Arg.List(p, dims.Length), keepdim, type);
        }

        private unsafe Tensor Over(Operator op, ReadOnlySpan<long> dims, bool keepdim, Tensor result)
        {
            fixed (long* p = dims) op.Run(this, Arg.List(p, dims.Length), keepdim, result);
            return result;
        }

        private unsafe Tensor Deviation(Operator op, ReadOnlySpan<long> dims, bool unbiased, bool keepdim, ScalarType? type)
        {
            fixed (long* p = dims) {
                if (type is not ScalarType wanted || wanted == dtype) return op.Call(this, Arg.List(p, dims.Length), unbiased, keepdim);
                using var converted = to_type(wanted);
                return op.Call(converted, Arg.List(p, dims.Length), unbiased, keepdim);
            }
        }

        private Tensor Moved(Tensor result, bool disposeAfter)
        {
            if (disposeAfter) Dispose();
            return result;
        }

        private static long[] FirstDimensions(long count)
        {
            var dims = new long[count];
            for (int i = 0; i < dims.Length; i++) dims[i] = i;
            return dims;
        }

        private static long[] LastDimensions(long count)
        {
            var dims = new long[count];
            for (int i = 0; i < dims.Length; i++) dims[i] = i - count;
            return dims;
        }
    }
}
