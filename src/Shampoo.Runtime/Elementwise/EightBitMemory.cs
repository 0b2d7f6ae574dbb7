using System.Numerics;
using System.Runtime.CompilerServices;

namespace Shampoo.Runtime;

/// <summary>Numbers of 8 bits in the memory of the CPU, coded and decoded by all threads: the numbers of <see cref="EightBitCode"/>, bit for bit.</summary>
internal abstract class EightBitMemory : Work
{
    /// <param name="arithmetic">What values are: float32 or float64.</param>
    /// <param name="blocks">The number of blocks.</param>
    /// <param name="blockElements">How many elements each of them has.</param>
    public static EightBitMemory Of(ScalarType arithmetic, long blocks, long blockElements) =>
        arithmetic == ScalarType.Float64 ? new EightBitMemory<double>(blocks, blockElements) : new EightBitMemory<float>(blocks, blockElements);

    /// <summary>values ← the values of the codes. Allocates nothing.</summary>
    /// <param name="codes">The first code, of blocks one after the other.</param>
    /// <param name="scales">The first scale.</param>
    /// <param name="values">The first value.</param>
    public abstract void Decode(nint codes, nint scales, nint values);

    /// <summary>codes, scales ← the codes of the values. Allocates nothing.</summary>
    /// <inheritdoc cref="Decode"/>
    public abstract void Encode(nint codes, nint scales, nint values);
}

/// <inheritdoc cref="EightBitMemory"/>
/// <typeparam name="T">The type of the arithmetic: float or double.</typeparam>
/// <remarks>What goes through groups is optimized before its first call, as sweeps are.</remarks>
internal sealed unsafe class EightBitMemory<T>(long blocks, long blockElements) : EightBitMemory
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Group = EightBitCode.GroupElements;
    private const int GroupsAtATime = Chunks.Elements / Group;

    private readonly long _groupsOfBlock = EightBitCode.Groups(blockElements);
    private readonly long _groups = blocks * EightBitCode.Groups(blockElements);
    private sbyte* _codes;
    private float* _scales;
    private T* _values;
    private bool _encodes;

    public override void Decode(nint codes, nint scales, nint values) => Run(codes, scales, values, encodes: false);

    public override void Encode(nint codes, nint scales, nint values) => Run(codes, scales, values, encodes: true);

    public override void Do(int index)
    {
        var end = Math.Min((index + 1L) * GroupsAtATime, _groups);
        for (var group = (long)index * GroupsAtATime; group < end; group++)
        {
            var (block, groupOfBlock) = Math.DivRem(group, _groupsOfBlock);
            var first = block * blockElements + groupOfBlock * Group;
            var count = (int)Math.Min(Group, blockElements - groupOfBlock * Group);
            if (_encodes)
                _scales[group] = Encode(_codes + first, _values + first, count);
            else
                Decode(_codes + first, _scales[group], _values + first, count);
        }
    }

    private void Run(nint codes, nint scales, nint values, bool encodes)
    {
        _codes = (sbyte*)codes;
        _scales = (float*)scales;
        _values = (T*)values;
        _encodes = encodes;
        Workers.Run(this, checked((int)((_groups + GroupsAtATime - 1) / GroupsAtATime)));
    }

    // Zeros make a shorter group a whole one, and change nothing of it.
    private static float Encode(sbyte* codes, T* values, int count)
    {
        if (count == Group)
            return EncodeGroup(codes, values);
        var whole = stackalloc T[Group];
        var coded = stackalloc sbyte[Group];
        new Span<T>(whole, Group).Clear();
        new Span<T>(values, count).CopyTo(new Span<T>(whole, Group));
        var scale = EncodeGroup(coded, whole);
        new Span<sbyte>(coded, count).CopyTo(new Span<sbyte>(codes, count));
        return scale;
    }

    private static void Decode(sbyte* codes, float scale, T* values, int count)
    {
        if (count == Group)
        {
            DecodeGroup(codes, scale, values);
            return;
        }
        var whole = stackalloc T[Group];
        var coded = stackalloc sbyte[Group];
        new Span<sbyte>(coded, Group).Clear();
        new Span<sbyte>(codes, count).CopyTo(new Span<sbyte>(coded, Group));
        DecodeGroup(coded, scale, whole);
        new Span<T>(whole, count).CopyTo(new Span<T>(values, count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float EncodeGroup(sbyte* codes, T* values)
    {
        var magnitude = Magnitude(values);
        if (!(magnitude >= EightBitCode.LeastScale && float.IsFinite(magnitude)))
        {
            new Span<sbyte>(codes, Group).Clear();
            return magnitude < EightBitCode.LeastScale ? 0 : float.NaN;
        }
        var scale = new Vector<T>(T.CreateTruncating(magnitude));
        var lanes = Vector<int>.Count;
        for (var i = 0; i < Group; i += Vector<sbyte>.Count)
        {
            var first = Vector.Narrow(Codes(values + i, scale), Codes(values + i + lanes, scale));
            var second = Vector.Narrow(Codes(values + i + 2 * lanes, scale), Codes(values + i + 3 * lanes, scale));
            Vector.Narrow(first, second).Store(codes + i);
        }
        return magnitude;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeGroup(sbyte* codes, float scale, T* values)
    {
        var lanes = Vector<int>.Count;
        for (var i = 0; i < Group; i += Vector<sbyte>.Count)
        {
            Vector.Widen(Vector.Load(codes + i), out var first, out var second);
            Vector.Widen(first, out var one, out var two);
            Vector.Widen(second, out var three, out var four);
            Values(one, scale, values + i);
            Values(two, scale, values + i + lanes);
            Values(three, scale, values + i + 2 * lanes);
            Values(four, scale, values + i + 3 * lanes);
        }
    }

    // The bits of magnitudes are in the order of their numbers, with infinity and NaN above all.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Magnitude(T* values)
    {
        if (typeof(T) == typeof(float))
        {
            var greatest = Vector<int>.Zero;
            for (var i = 0; i < Group; i += Vector<int>.Count)
                greatest = Vector.Max(greatest, Vector.Load((int*)values + i) & new Vector<int>(int.MaxValue));
            return BitConverter.Int32BitsToSingle(Greatest(greatest));
        }
        var greatestLong = Vector<long>.Zero;
        for (var i = 0; i < Group; i += Vector<long>.Count)
            greatestLong = Vector.Max(greatestLong, Vector.Load((long*)values + i) & new Vector<long>(long.MaxValue));
        return (float)BitConverter.Int64BitsToDouble(Greatest(greatestLong));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static S Greatest<S>(Vector<S> vector) where S : unmanaged, IBinaryInteger<S>
    {
        var greatest = S.Zero;
        for (var i = 0; i < Vector<S>.Count; i++)
            greatest = S.Max(greatest, vector[i]);
        return greatest;
    }

    // As many as a vector of float32 has: of float64, two vectors of them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Codes(T* values, Vector<T> scale)
    {
        var first = Rounded(Vector.Load(values) / scale * new Vector<T>(T.CreateTruncating(EightBitCode.Largest)));
        if (typeof(T) == typeof(float))
            return Vector.ConvertToInt32(Vector.As<T, float>(first));
        var second = Rounded(Vector.Load(values + Vector<T>.Count) / scale * new Vector<T>(T.CreateTruncating(EightBitCode.Largest)));
        return Vector.ConvertToInt32(Vector.Narrow(Vector.As<T, double>(first), Vector.As<T, double>(second)));
    }

    // 1.5 · 2²³ and 1.5 · 2⁵²: beside them there is no room for fractions.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<T> Rounded(Vector<T> values)
    {
        var large = new Vector<T>(T.CreateTruncating(typeof(T) == typeof(float) ? 3L << 22 : 3L << 51));
        return values + large - large;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Values(Vector<int> codes, float scale, T* values)
    {
        var numbers = Vector.ConvertToSingle(codes);
        if (typeof(T) == typeof(float))
        {
            Store(Vector.As<float, T>(numbers), scale, values);
            return;
        }
        Vector.Widen(numbers, out var first, out var second);
        Store(Vector.As<double, T>(first), scale, values);
        Store(Vector.As<double, T>(second), scale, values + Vector<T>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector<T> codes, float scale, T* values) =>
        (new Vector<T>(T.CreateTruncating(scale)) * (codes / new Vector<T>(T.CreateTruncating(EightBitCode.Largest)))).Store(values);
}
