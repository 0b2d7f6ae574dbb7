using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.LibTorch.Native;

/// <summary>What a <see cref="Value"/> holds; the same numbers as in native/torch.cpp.</summary>
internal enum Tag
{
    None, Default, Tensor, Int, Double, Bool, Complex, IntList, DoubleList, TensorList, OptionalTensorList, String, Device, Generator, BoolList,
}

/// <summary>An argument or a result as native code sees it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct Value
{
    [FieldOffset(0)] internal Tag Tag;
    [FieldOffset(4)] internal int Count;
    [FieldOffset(8)] internal long Integer;
    [FieldOffset(8)] internal double Real;
    [FieldOffset(8)] internal IntPtr Pointer;
}

/// <summary>
/// An argument as C# passes it: anything an operator takes converts to one implicitly. It holds the managed object, which
/// is thereby alive until the call has returned, and becomes a <see cref="Value"/> in <see cref="Write"/>.
/// </summary>
internal readonly unsafe struct Arg
{
    internal readonly object? Source;
    private readonly long _bits;
    private readonly int _count;
    private readonly Tag _tag;

    private Arg(Tag tag, object? source = null, long bits = 0, int count = 0)
    {
        Source = source;
        _bits = bits;
        _count = count;
        _tag = tag;
    }

    /// <summary>An optional argument that is absent.</summary>
    internal static Arg None => default;

    /// <summary>The default of the operator's schema.</summary>
    internal static Arg Default => new(Tag.Default);

    public static implicit operator Arg(Tensor? value) => value is null ? None : new(Tag.Tensor, value);
    public static implicit operator Arg(long value) => new(Tag.Int, bits: value);
    public static implicit operator Arg(long? value) => value is long v ? v : None;
    public static implicit operator Arg(double value) => new(Tag.Double, bits: BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(double? value) => value is double v ? v : None;
    public static implicit operator Arg(bool value) => new(Tag.Bool, bits: value ? 1 : 0);
    public static implicit operator Arg(bool? value) => value is bool v ? v : None;
    public static implicit operator Arg(ScalarType value) => new(Tag.Int, bits: (long)value);
    public static implicit operator Arg(ScalarType? value) => value is ScalarType v ? v : None;
    public static implicit operator Arg(string? value) => value is null ? None : new(Tag.String, value);
    public static implicit operator Arg(long[]? value) => value is null ? None : new(Tag.IntList, value);
    public static implicit operator Arg(double[]? value) => value is null ? None : new(Tag.DoubleList, value);
    public static implicit operator Arg(Tensor[] value) => new(Tag.TensorList, value);
    public static implicit operator Arg(Generator? value) => value is null ? None : new(Tag.Generator, value);
    public static implicit operator Arg(Device? value) => value is null ? None : new(Tag.Device, null, (long)value.type, value.index);

    public static implicit operator Arg(Scalar? value) => value is null ? None : value.Kind switch {
        ScalarKind.Int => new(Tag.Int, bits: value.Bits),
        ScalarKind.Bool => new(Tag.Bool, bits: value.Bits),
        ScalarKind.Double => new(Tag.Double, bits: value.Bits),
        _ => new(Tag.Complex, value),
    };

    /// <summary>A list in memory that stays in place for the call (the caller has fixed it).</summary>
    internal static Arg List(long* values, int count) => new(Tag.IntList, null, (long)values, count);

    /// <summary>A list of tensors some of which may be absent, as indices are.</summary>
    internal static Arg OptionalList(Tensor?[] tensors) => new(Tag.OptionalTensorList, tensors);

    internal void Write(out Value value, ref Scratch scratch)
    {
        value.Tag = _tag;
        value.Count = _count;
        Unsafe.SkipInit(out value.Real);
        Unsafe.SkipInit(out value.Pointer);
        value.Integer = _bits;
        switch (_tag) {
            case Tag.Tensor:
                value.Pointer = Unsafe.As<Tensor>(Source)!.Handle;
                break;
            case Tag.Generator:
                value.Pointer = Unsafe.As<Generator>(Source)!.Handle;
                break;
            case Tag.IntList when Source is long[] list:
                value.Count = list.Length;
                value.Pointer = scratch.Copy<long>(list);
                break;
            case Tag.DoubleList when Source is double[] list:
                value.Count = list.Length;
                value.Pointer = scratch.Copy<double>(list);
                break;
            case Tag.Complex:
                var scalar = Unsafe.As<Scalar>(Source)!;
                value.Pointer = scratch.Copy<double>([scalar.Real, scalar.Imaginary]);
                break;
            case Tag.TensorList:
            case Tag.OptionalTensorList:
                var tensors = Unsafe.As<Tensor?[]>(Source)!;
                var handles = scratch.Take<IntPtr>(tensors.Length);
                for (int i = 0; i < tensors.Length; i++) {
                    handles[i] = tensors[i] is Tensor t ? t.Handle
                        : _tag == Tag.OptionalTensorList ? IntPtr.Zero
                        : throw new ArgumentNullException(nameof(tensors), $"Tensor {i} of a list is null.");
                }
                value.Count = tensors.Length;
                value.Pointer = (IntPtr)handles;
                break;
            case Tag.String:
                var text = Unsafe.As<string>(Source)!;
                int room = Encoding.UTF8.GetMaxByteCount(text.Length);
                byte* bytes = scratch.Take<byte>(room);
                value.Count = Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, room));
                value.Pointer = (IntPtr)bytes;
                break;
        }
    }
}

/// <summary>Memory for the lists of one call: the caller's stack while it lasts, the native heap after that.</summary>
internal unsafe ref struct Scratch
{
    private byte* _next;
    private readonly byte* _end;
    private List<IntPtr>? _heap;

    internal Scratch(byte* start, int size)
    {
        _next = start;
        _end = start + size;
    }

    internal T* Take<T>(int count) where T : unmanaged
    {
        long size = ((long)count * sizeof(T) + 7) & ~7L;
        if (size <= _end - _next) {
            var taken = (T*)_next;
            _next += size;
            return taken;
        }
        void* memory = NativeMemory.Alloc((nuint)size);
        (_heap ??= []).Add((IntPtr)memory);
        return (T*)memory;
    }

    internal IntPtr Copy<T>(scoped ReadOnlySpan<T> values) where T : unmanaged
    {
        T* memory = Take<T>(values.Length);
        values.CopyTo(new Span<T>(memory, values.Length));
        return (IntPtr)memory;
    }

    internal readonly void Free()
    {
        if (_heap is null) return;
        foreach (var memory in _heap) NativeMemory.Free((void*)memory);
    }
}
