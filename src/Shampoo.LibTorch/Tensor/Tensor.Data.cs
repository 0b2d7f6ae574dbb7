using System.Numerics;
using System.Runtime.CompilerServices;
using Shampoo.LibTorch.Native;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The elements, in memory of the CPU; those of another device are copied first.</summary>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            ValidateType(typeof(T));
            return new TensorAccessor<T>(is_cpu() ? this : cpu());
        }

        /// <summary>The only element.</summary>
        public T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException("Number of elements in the tensor must be 1");
            ValidateType(typeof(T));
            if (is_cpu()) return ReadCpuValue<T>(0);
            using var copy = cpu();
            return copy.ReadCpuValue<T>(0);
        }

        /// <summary>The only element, as a number of any type.</summary>
        public Scalar ToScalar()
        {
            if (NumberOfElements != 1) throw new ArgumentException("Number of elements in the tensor must be 1");
            var value = Aten.item.CallScalar(this);
            return value.Kind switch {
                ScalarKind.Double => Scalar.Floating(dtype, value.Real),
                ScalarKind.Int => Scalar.Integer(dtype, value.Bits),
                _ => value,
            };
        }

        /// <summary>The raw bytes of a contiguous tensor of the CPU; valid while the tensor lives.</summary>
        public unsafe Span<byte> bytes
        {
            get {
                if (!is_contiguous()) throw new NotImplementedException("Bytes() called on non-contiguous tensor.");
                if (!is_cpu()) throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
                long size = NumberOfElements * ElementSize;
                if (size > int.MaxValue) throw new ArgumentException("Span only supports up to int.MaxValue elements.");
                return new Span<byte>(DataPointer(), (int)size);
            }
            set {
                var own = bytes;
                if (own.Length != value.Length) throw new ArgumentException("Mismatched data sizes in SetBytes().");
                value.CopyTo(own);
            }
        }

        /// <summary>The element at position <paramref name="i"/>, counted in row-major order, of a tensor of the CPU.</summary>
        public unsafe T ReadCpuValue<T>(long i) where T : unmanaged
        {
            if (!is_cpu()) throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            ValidateType(typeof(T));
            return ((T*)DataPointer())[OffsetOf(i)];
        }

        public bool ReadCpuBool(long i) => ReadCpuValue<bool>(i);
        public byte ReadCpuByte(long i) => ReadCpuValue<byte>(i);
        public sbyte ReadCpuSByte(long i) => ReadCpuValue<sbyte>(i);
        public short ReadCpuInt16(long i) => ReadCpuValue<short>(i);
        public int ReadCpuInt32(long i) => ReadCpuValue<int>(i);
        public long ReadCpuInt64(long i) => ReadCpuValue<long>(i);
        public float ReadCpuSingle(long i) => ReadCpuValue<float>(i);
        public double ReadCpuDouble(long i) => ReadCpuValue<double>(i);
        public float ReadCpuFloat16(long i) => (float)ReadCpuValue<Half>(i);

        public unsafe float ReadCpuBFloat16(long i)
        {
            if (dtype != ScalarType.BFloat16 || !is_cpu()) throw new ArgumentException($"A {dtype} tensor on {device} is no BFloat16 tensor of the CPU.");
            return BitConverter.UInt32BitsToSingle((uint)((ushort*)DataPointer())[OffsetOf(i)] << 16);
        }

        public static explicit operator float(Tensor value) => value.ToSingle();
        public static explicit operator double(Tensor value) => value.ToDouble();
        public static explicit operator byte(Tensor value) => value.ToByte();
        public static explicit operator sbyte(Tensor value) => value.ToSByte();
        public static explicit operator short(Tensor value) => value.ToInt16();
        public static explicit operator int(Tensor value) => value.ToInt32();
        public static explicit operator long(Tensor value) => value.ToInt64();
        public static explicit operator bool(Tensor value) => value.ToBoolean();

        internal unsafe void* DataPointer()
        {
            void* pointer = LibTorch.THSTensor_data(Handle);
            if (pointer == null) LibTorch.ThrowIfError();
            return pointer;
        }

        /// <summary>Where the element at a row-major position lies in the storage.</summary>
        internal long OffsetOf(long i)
        {
            if (i < 0 || i >= NumberOfElements) throw new ArgumentOutOfRangeException(nameof(i), i, $"The tensor has {NumberOfElements} elements.");
            if (is_contiguous()) return i;
            var sizes = shape;
            var strides = stride();
            long offset = 0;
            for (int d = sizes.Length - 1; d >= 0; d--) {
                i = Math.DivRem(i, sizes[d], out long position);
                offset += position * strides[d];
            }
            return offset;
        }

        internal void ValidateType(Type type)
        {
            var expected = dtype switch {
                ScalarType.Byte => typeof(byte),
                ScalarType.Int8 => typeof(sbyte),
                ScalarType.Int16 => typeof(short),
                ScalarType.Int32 => typeof(int),
                ScalarType.Int64 => typeof(long),
                ScalarType.Float16 => typeof(Half),
                ScalarType.Float32 => typeof(float),
                ScalarType.Float64 => typeof(double),
                ScalarType.Bool => typeof(bool),
                ScalarType.ComplexFloat32 => typeof((float, float)),
                ScalarType.ComplexFloat64 => typeof(Complex),
                _ => null,
            };
            if (type != expected) throw new ArgumentException($"{type.Name} is not compatible with {dtype}");
        }
    }
}
