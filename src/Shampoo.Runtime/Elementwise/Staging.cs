using System.Numerics;
using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>
/// Copies some neighbouring elements of a block between where and how an array stores them and dense memory of <typeparamref name="T"/>.
/// </summary>
/// <typeparam name="T">The type of the arithmetic: float or double.</typeparam>
internal static unsafe class Staging<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>staged ← the elements of the array.</summary>
    /// <param name="type">How the array stores elements.</param>
    /// <param name="block">The first element of the block.</param>
    /// <param name="axes">The elements of the block, from its first one.</param>
    /// <param name="start">The first element to copy, counted in the order of the axes.</param>
    /// <param name="staged">Where to.</param>
    /// <param name="count">How many.</param>
    public static void Load(ScalarType type, nint block, ReadOnlySpan<Axis> axes, long start, T* staged, int count)
    {
        switch (type)
        {
            case ScalarType.Float32: Walk<float, Loading<float>>((float*)block, axes, start, staged, count); break;
            case ScalarType.Float64: Walk<double, Loading<double>>((double*)block, axes, start, staged, count); break;
            case ScalarType.BFloat16: Walk<BFloat16, Loading<BFloat16>>((BFloat16*)block, axes, start, staged, count); break;
            default: Walk<Half, Loading<Half>>((Half*)block, axes, start, staged, count); break;
        }
    }

    /// <summary>the elements of the array ← staged, rounded to nearest, ties to even.</summary>
    /// <inheritdoc cref="Load"/>
    public static void Store(ScalarType type, nint block, ReadOnlySpan<Axis> axes, long start, T* staged, int count)
    {
        switch (type)
        {
            case ScalarType.Float32: Walk<float, Storing<float>>((float*)block, axes, start, staged, count); break;
            case ScalarType.Float64: Walk<double, Storing<double>>((double*)block, axes, start, staged, count); break;
            case ScalarType.BFloat16: Walk<BFloat16, Storing<BFloat16>>((BFloat16*)block, axes, start, staged, count); break;
            default: Walk<Half, Storing<Half>>((Half*)block, axes, start, staged, count); break;
        }
    }

    // Run by run: a run is a part of the last axis.
    private static void Walk<S, TOperation>(S* block, ReadOnlySpan<Axis> axes, long start, T* staged, int count)
        where S : unmanaged
        where TOperation : IStagingOperation<S>
    {
        ref readonly var last = ref axes[^1];
        var (row, from) = Math.DivRem(start, last.Count);
        while (count > 0)
        {
            var run = (int)Math.Min(count, last.Count - from);
            var origin = block + RowOffset(axes, row);
            if (last.Offsets is not null)
                TOperation.Scattered(origin, last.Offsets.AsSpan((int)from, run), staged);
            else if (last.Stride == 1)
                TOperation.Dense(origin + from, staged, run);
            else
                TOperation.Strided(origin + from * last.Stride, last.Stride, staged, run);
            (row, from) = (row + 1, 0);
            staged += run;
            count -= run;
        }
    }

    private static long RowOffset(ReadOnlySpan<Axis> axes, long row)
    {
        long offset = 0;
        for (var k = axes.Length - 2; k > 0; k--)
        {
            (row, var index) = Math.DivRem(row, axes[k].Count);
            offset += axes[k].Offset(index);
        }
        return axes.Length > 1 ? offset + axes[0].Offset(row) : offset;
    }

    private interface IStagingOperation<S> where S : unmanaged
    {
        static abstract void Dense(S* array, T* staged, int count);

        static abstract void Strided(S* array, long stride, T* staged, int count);

        static abstract void Scattered(S* array, ReadOnlySpan<long> offsets, T* staged);
    }

    private readonly struct Loading<S> : IStagingOperation<S> where S : unmanaged
    {
        public static void Dense(S* array, T* staged, int count)
        {
            if (typeof(S) == typeof(T))
            {
                Buffer.MemoryCopy(array, staged, count * sizeof(T), count * sizeof(T));
                return;
            }
            if (typeof(S) == typeof(BFloat16) && typeof(T) == typeof(float))
            {
                BFloat16.Widen((BFloat16*)array, (float*)staged, count);
                return;
            }
            for (var i = 0; i < count; i++)
                staged[i] = Conversion<T, S>.Widen(array[i]);
        }

        public static void Strided(S* array, long stride, T* staged, int count)
        {
            for (var i = 0; i < count; i++)
                staged[i] = Conversion<T, S>.Widen(array[i * stride]);
        }

        public static void Scattered(S* array, ReadOnlySpan<long> offsets, T* staged)
        {
            for (var i = 0; i < offsets.Length; i++)
                staged[i] = Conversion<T, S>.Widen(array[offsets[i]]);
        }
    }

    private readonly struct Storing<S> : IStagingOperation<S> where S : unmanaged
    {
        public static void Dense(S* array, T* staged, int count)
        {
            if (typeof(S) == typeof(T))
            {
                Buffer.MemoryCopy(staged, array, count * sizeof(T), count * sizeof(T));
                return;
            }
            if (typeof(S) == typeof(BFloat16) && typeof(T) == typeof(float))
            {
                BFloat16.Round((float*)staged, (BFloat16*)array, count);
                return;
            }
            for (var i = 0; i < count; i++)
                array[i] = Conversion<T, S>.Round(staged[i]);
        }

        public static void Strided(S* array, long stride, T* staged, int count)
        {
            for (var i = 0; i < count; i++)
                array[i * stride] = Conversion<T, S>.Round(staged[i]);
        }

        public static void Scattered(S* array, ReadOnlySpan<long> offsets, T* staged)
        {
            for (var i = 0; i < offsets.Length; i++)
                array[offsets[i]] = Conversion<T, S>.Round(staged[i]);
        }
    }
}

/// <summary>One element, as <typeparamref name="S"/> stores it and as <typeparamref name="T"/> is computed with.</summary>
internal static class Conversion<T, S>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where S : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Widen(S value) =>
        typeof(S) == typeof(T) ? Unsafe.BitCast<S, T>(value)
        : typeof(S) == typeof(float) ? T.CreateTruncating(Unsafe.BitCast<S, float>(value))
        : typeof(S) == typeof(double) ? T.CreateTruncating(Unsafe.BitCast<S, double>(value))
        : typeof(S) == typeof(BFloat16) ? T.CreateTruncating(Unsafe.BitCast<S, BFloat16>(value).ToSingle())
        : T.CreateTruncating(Unsafe.BitCast<S, Half>(value));

    // 16 bits are reached through float32, from double with two roundings, as torch does it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static S Round(T value) =>
        typeof(S) == typeof(T) ? Unsafe.BitCast<T, S>(value)
        : typeof(S) == typeof(float) ? Unsafe.BitCast<float, S>(float.CreateTruncating(value))
        : typeof(S) == typeof(double) ? Unsafe.BitCast<double, S>(double.CreateTruncating(value))
        : typeof(S) == typeof(BFloat16) ? Unsafe.BitCast<BFloat16, S>(BFloat16.Round(float.CreateTruncating(value)))
        : Unsafe.BitCast<Half, S>((Half)float.CreateTruncating(value));
}
