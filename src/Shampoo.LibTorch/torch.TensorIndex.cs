namespace TorchSharp;

public static partial class torch
{
    internal enum TensorIndexKind
    {
        None, Ellipsis, Bool, Single, Slice, Tensor,
    }

    /// <summary>One index of a tensor: a number, a slice, a mask, a new dimension, or the rest of the dimensions.</summary>
    public struct TensorIndex
    {
        internal TensorIndexKind Kind;
        internal long? Start;
        internal long? Stop;
        internal long? Step;
        internal bool Flag;
        internal Tensor? Value;

        /// <summary>All dimensions that no other index names.</summary>
        public static TensorIndex Ellipsis = new() { Kind = TensorIndexKind.Ellipsis };

        /// <summary>A new dimension of size one.</summary>
        public static TensorIndex None = new() { Kind = TensorIndexKind.None };

        /// <inheritdoc cref="None"/>
        public static TensorIndex Null = new() { Kind = TensorIndexKind.None };

        /// <summary>A whole dimension.</summary>
        public static TensorIndex Colon = new() { Kind = TensorIndexKind.Slice };

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { Kind = TensorIndexKind.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice((int?, int?) range) => Slice(range.Item1, range.Item2);

        public static TensorIndex Slice(Range range) => Slice(From(range.Start), To(range.End));

        public static TensorIndex Bool(bool value) => new() { Kind = TensorIndexKind.Bool, Flag = value };

        public static TensorIndex Single(long? index) => new() { Kind = TensorIndexKind.Single, Start = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { Kind = TensorIndexKind.Tensor, Value = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);
        public static implicit operator TensorIndex((int?, int?) range) => Slice(range);
        public static implicit operator TensorIndex(Range range) => Slice(range);
        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -1L * index.Value : index.Value);

        /// <summary>The dimensions of the indexed tensor that this takes up.</summary>
        internal readonly long Dimensions => Kind switch {
            TensorIndexKind.Single or TensorIndexKind.Slice => 1,
            TensorIndexKind.Tensor => Value!.dtype is ScalarType.Bool ? Value.Dimensions : 1,
            _ => 0,
        };

        private static long From(Index index) => index.IsFromEnd ? -1L * index.Value : index.Value;

        private static long? To(Index index) => !index.IsFromEnd ? index.Value : index.Value == 0 ? null : -1L * index.Value;
    }
}
