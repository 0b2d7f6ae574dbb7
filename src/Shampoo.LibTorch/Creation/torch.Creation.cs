using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        dtype ??= is_integral(start.Type) && is_integral(stop.Type) && is_integral(step.Type) ? ScalarType.Int64 : _defaultType;
        return Finish(Aten.arange_start_step.Call(start, stop, step, dtype, Arg.None, InitializeDevice(device)), requires_grad, null);
    }

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finish(Aten.linspace.Call(start, end, steps, dtype ?? _defaultType, Arg.None, InitializeDevice(device)), requires_grad, null);

    public static Tensor logspace(double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finish(Aten.logspace.Call(start, end, steps, @base, dtype ?? _defaultType, Arg.None, InitializeDevice(device)), requires_grad, null);

    public static Tensor eye(long rows, long columns = -1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(Aten.eye_m.Call(rows, columns == -1 ? rows : columns, dtype ?? _defaultType, Arg.None, InitializeDevice(device)), requires_grad, names);

    public static Tensor empty_strided(long[] size, long[] strides, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(Aten.empty_strided.Call(size, strides, dtype ?? _defaultType, Arg.None, InitializeDevice(device)), requires_grad, names);

    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        Finish(Aten.randint_low_generator.Call(low, high, size, generator, dtype ?? ScalarType.Int64, Arg.None, InitializeDevice(device)), requires_grad, names);

    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator, names);

    public static Tensor randint(int low, int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(low, high, Array.ConvertAll(size, n => (long)n), dtype, device, requires_grad, generator, names);

    public static Tensor randint(int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator, names);

    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        Finish(Aten.randperm_generator.Call(n, generator, dtype ?? ScalarType.Int64, Arg.None, InitializeDevice(device)), requires_grad, null);

    public static Tensor normal(double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randn(size, dtype, device, false, generator, names).mul_(std).add_(mean).requires_grad_(requires_grad);

    public static Tensor normal(Tensor mean, Tensor std, Generator? generator = null) => Aten.normal_Tensor_Tensor.Call(mean, std, generator);

    /// <summary>A sparse tensor in coordinate format.</summary>
    public static Tensor sparse_coo_tensor(Tensor indices, Tensor values, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(Aten.sparse_coo_tensor_indices_size.Call(indices, values, size, dtype ?? values.dtype, Arg.None, device ?? values.device), requires_grad, names);

    /// <inheritdoc cref="sparse_coo_tensor"/>
    public static Tensor sparse(Tensor indices, Tensor values, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        sparse_coo_tensor(indices, values, size, dtype, device, requires_grad, names);

    /// <summary>A tensor over the memory of an array of any rank, which it keeps in place for as long as it lives.</summary>
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    /// <inheritdoc cref="from_array(Array, Device?)"/>
    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        var size = new long[rawArray.Rank];
        for (int d = 0; d < size.Length; d++) size[d] = rawArray.GetLongLength(d);
        return Shared(rawArray, size, TypeOf(rawArray), dtype, device, requires_grad, names);
    }

    /// <summary>A tensor over a part of the memory of an array.</summary>
    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        var own = TypeOf(rawArray);
        using var all = Shared(rawArray, [rawArray.LongLength], own, null, null, false, null);
        return Finish(all.narrow(0, offset, count < 0 ? rawArray.LongLength - offset : count).to(dtype), requires_grad, null);
    }

    private static unsafe Tensor Create(Operator op, ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
    {
        fixed (long* p = size)
            return Finish(op.Call(Arg.List(p, size.Length), dtype ?? _defaultType, Arg.None, InitializeDevice(device)), requires_grad, names);
    }

    private static unsafe Tensor Random(Operator op, ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad, Generator? generator, string[]? names)
    {
        fixed (long* p = size)
            return Finish(op.Call(Arg.List(p, size.Length), generator, dtype ?? _defaultType, Arg.None, InitializeDevice(device)), requires_grad, names);
    }

    private static unsafe Tensor Full(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
    {
        fixed (long* p = size)
            return Finish(Aten.full.Call(Arg.List(p, size.Length), value, dtype ?? _defaultType, Arg.None, InitializeDevice(device)), requires_grad, names);
    }

    private static Tensor Constant(Scalar value, ScalarType dtype, Device? device, bool requires_grad) =>
        Finish(FromScalar(value, dtype, InitializeDevice(device)), requires_grad, null);

    internal static Tensor FromScalar(Scalar value, ScalarType dtype, Device device) => Aten.scalar_tensor.Call(value, dtype, Arg.None, device);

    private static unsafe Tensor Copied<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> size, ScalarType own, ScalarType? dtype, Device? device, bool requires_grad, string[]? names) where T : unmanaged
    {
        CheckLength(values.Length, size);
        var host = Create(Aten.empty_memory_format, size, own, CPU, false, null);
        fixed (T* source = values) {
            long bytes = host.NumberOfElements * sizeof(T);
            if (bytes > 0) Buffer.MemoryCopy(source, host.DataPointer(), bytes, bytes);
        }
        return Converted(host, own, dtype, device, requires_grad, names);
    }

    private static unsafe Tensor Shared(Array values, ReadOnlySpan<long> size, ScalarType own, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
    {
        CheckLength(values.LongLength, size);
        var pin = GCHandle.Alloc(values, GCHandleType.Pinned);
        IntPtr blob;
        fixed (long* p = size)
            blob = LibTorch.shp_from_blob((void*)pin.AddrOfPinnedObject(), p, size.Length, (int)own, &Unpin, (void*)GCHandle.ToIntPtr(pin));
        if (blob == IntPtr.Zero) {
            pin.Free();
            LibTorch.ThrowLastError();
        }
        return Converted(new Tensor(blob), own, dtype, device, requires_grad, names);
    }

    [UnmanagedCallersOnly]
    private static unsafe void Unpin(void* handle) => GCHandle.FromIntPtr((IntPtr)handle).Free();

    private static Tensor Converted(Tensor host, ScalarType own, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
    {
        var target = InitializeDevice(device);
        if ((dtype is null || dtype == own) && target.type == DeviceType.CPU) return Finish(host, requires_grad, names);
        using (host) return Finish(host.to(dtype ?? own, target), requires_grad, names);
    }

    private static Tensor Finish(Tensor tensor, bool requires_grad, string[]? names)
    {
        if (requires_grad) tensor.requires_grad = true;
        return Named(tensor, names);
    }

    private static Tensor Named(Tensor tensor, string[]? names) =>
        names is null or [] ? tensor : throw new NotSupportedException("Names of dimensions are not supported by Shampoo.LibTorch.");

    private static void CheckLength(long length, ReadOnlySpan<long> size)
    {
        long elements = 1;
        foreach (long n in size) elements *= n;
        if (elements != length) throw new ArgumentException($"mismatched total size creating a tensor from an array: {elements} vs. {length}");
    }

    private static ScalarType TypeOf(Array array) => array switch {
        _ when array.GetType().GetElementType() == typeof(float) => ScalarType.Float32,
        _ when array.GetType().GetElementType() == typeof(double) => ScalarType.Float64,
        _ when array.GetType().GetElementType() == typeof(int) => ScalarType.Int32,
        _ when array.GetType().GetElementType() == typeof(long) => ScalarType.Int64,
        _ when array.GetType().GetElementType() == typeof(short) => ScalarType.Int16,
        _ when array.GetType().GetElementType() == typeof(byte) => ScalarType.Byte,
        _ when array.GetType().GetElementType() == typeof(sbyte) => ScalarType.Int8,
        _ when array.GetType().GetElementType() == typeof(bool) => ScalarType.Bool,
        _ when array.GetType().GetElementType() == typeof(Half) => ScalarType.Float16,
        _ when array.GetType().GetElementType() == typeof(System.Numerics.Complex) => ScalarType.ComplexFloat64,
        _ => throw new NotSupportedException($"An array of {array.GetType().GetElementType()} is no tensor."),
    };
}
