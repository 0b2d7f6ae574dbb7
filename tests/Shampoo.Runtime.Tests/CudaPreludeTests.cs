namespace Shampoo.Runtime.Tests;

/// <summary>What kernels use, by kernels that use it, in 256 threads that take turns.</summary>
public sealed unsafe class CudaPreludeTests
{
    private const string Text = """
        extern "C" __global__ void load_all(const Arguments a)
        {
            for (long long i = first(a); i < last(a); i += stride())
                ((real*)a.arrays[1])[i] = load(((const PARAMETER*)a.arrays[0])[i]);
        }

        extern "C" __global__ void store_all(const Arguments a)
        {
            for (long long i = first(a); i < last(a); i += stride())
                store(((PARAMETER*)a.arrays[1])[i], ((const real*)a.arrays[0])[i]);
        }

        extern "C" __global__ void halve(const Arguments a)
        {
            const Gradient gradient_ = gradient_of(a);
            const Parameters parameters_ = parameters_of(a);
            for (long long i = first(a); i < last(a); i += stride())
                parameters_[i] = parameters_[i] * (real)0.5 + gradient_[i];
        }

        extern "C" __global__ void take_norm(const Arguments a)
        {
            double squares = 0;
            for (long long i = first(a); i < last(a); i += stride())
                squares += square(((const real*)a.arrays[0])[i]);
            add_squares(a, 1, squares);
        }

        extern "C" __global__ void divide_by_norm(const Arguments a)
        {
            const real scale = (real)(1 / norm(a, 1));
            for (long long i = first(a); i < last(a); i += stride())
                ((real*)a.arrays[0])[i] *= scale;
        }
        """;

    [Fact]
    public void Has_the_layout_of_the_structures()
    {
        Assert.Equal(608, sizeof(Arguments));
        Assert.Equal(128, sizeof(BlockAddress));
    }

    [CudaTheory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Reads_every_number_of_16_bits(ScalarType type)
    {
        var stored = Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits).ToArray();
        var loaded = new float[stored.Length];

        Run("load_all", type, stored, loaded);

        for (var i = 0; i < stored.Length; i++)
        {
            var expected = type == ScalarType.Float16 ? (float)BitConverter.UInt16BitsToHalf(stored[i]) : BitConverter.UInt32BitsToSingle((uint)stored[i] << 16);
            Assert.True(float.IsNaN(expected) ? float.IsNaN(loaded[i]) : expected.Equals(loaded[i]), $"{stored[i]:x4}: {loaded[i]:R}, not {expected:R}");
        }
    }

    [CudaFact]
    public void Rounds_to_float16()
    {
        var (numbers, stored) = (Numbers(), new ushort[Numbers().Length]);

        Run("store_all", ScalarType.Float16, numbers, stored);

        for (var i = 0; i < numbers.Length; i++)
            AssertSame(BitConverter.HalfToUInt16Bits((Half)numbers[i]), stored[i], float.IsNaN(numbers[i]), (stored[i] & 0x7fff) > 0x7c00, numbers[i]);
    }

    // Of the numbers with 16 bits around a float the nearest is meant, and of two the one with an even last digit; distances are exact in double.
    [CudaFact]
    public void Rounds_to_bfloat16()
    {
        var (numbers, stored) = (Numbers(), new ushort[Numbers().Length]);

        Run("store_all", ScalarType.BFloat16, numbers, stored);

        for (var i = 0; i < numbers.Length; i++)
        {
            var below = (ushort)(BitConverter.SingleToUInt32Bits(numbers[i]) >> 16);
            var above = (ushort)(below + 1);
            var (toBelow, toAbove) = (Math.Abs(numbers[i] - Value(below)), Math.Abs(Value(above) - numbers[i]));
            var expected = float.IsInfinity(numbers[i]) || toBelow < toAbove || (toBelow == toAbove && below % 2 == 0) ? below : above;
            AssertSame(expected, stored[i], float.IsNaN(numbers[i]), (stored[i] & 0x7fff) > 0x7f80, numbers[i]);
        }

        // The number after the largest one is where infinity stands, for rounding.
        static double Value(ushort bits) => (bits & 0x7fff) == 0x7f80
            ? (bits < 0x8000 ? 1 : -1) * Math.Pow(2, 128)
            : BitConverter.UInt32BitsToSingle((uint)bits << 16);
    }

    [CudaTheory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Reads_and_writes_blocks_where_they_are(ScalarType type)
    {
        using var fakes = new CudaFakes();
        var kernel = Module(type).Kernel("halve");

        Halve(kernel, type, new Axis(600, 1));
        Halve(kernel, type, new Axis(600, 3));
        Halve(kernel, type, new Axis(20, 50), new Axis(30, 1));
        Halve(kernel, type, new Axis(20, 1), new Axis(30, 20));
        Halve(kernel, type, new Axis(5, 1), new Axis(12, 50), new Axis(10, 5));
        Halve(kernel, type, new Axis(5, 1), new Axis(4, 5), new Axis(3, 200), new Axis(10, 20));
    }

    [Fact]
    public void Cannot_describe_every_block()
    {
        Assert.False(Region.TryDescribe(out _, 0, [new Axis(2, 40), new Axis(2, 20), new Axis(2, 10), new Axis(2, 5), new Axis(2, 1)]));
        Assert.False(Region.TryDescribe(out _, 0, [new Axis(2, 0, [0, 5])]));
        Assert.False(Region.TryDescribe(out _, 0, [new Axis(1 << 16, 1 << 16), new Axis(1 << 15, 1)]));
        Assert.True(Region.TryDescribe(out _, 0, [new Axis(1 << 15, 1 << 16), new Axis((1 << 16) - 1, 1)]));
    }

    [CudaTheory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(256)]
    [InlineData(1000)]
    [InlineData(512 * 300 + 1)]
    public void Takes_norms_of_blocks_of_many_chunks(int elements)
    {
        const int Blocks = 3;
        using var fakes = new CudaFakes();
        var values = Data.Normal(3, Blocks * elements);
        var x = (double[])values.Clone();
        var arguments = new Arguments { Blocks = Blocks, Elements = elements, Chunk = 512 };
        var chunks = (elements + 511) / 512;
        var squares = new double[Blocks * chunks];
        fixed (double* first = x, sums = squares)
        {
            arguments.Arrays[0] = (nint)first;
            arguments.Norms[1] = (nint)sums;
            Module(ScalarType.Float64).Kernel("take_norm").Launch(ref arguments);
            Module(ScalarType.Float64).Kernel("divide_by_norm").Launch(ref arguments);
        }

        for (var block = 0; block < Blocks; block++)
        {
            var part = values[(block * elements)..((block + 1) * elements)];
            var norm = Math.Sqrt(part.Sum(value => value * value));
            Assert.Equal(norm * norm, squares[(block * chunks)..((block + 1) * chunks)].Sum(), 1e-12 * norm * norm);
            Data.AssertClose(part.Select(value => value / norm).ToArray(), x[(block * elements)..((block + 1) * elements)], 1e-14);
        }
    }

    [CudaTheory("clang++")]
    [MemberData(nameof(CudaPrepareTests.Types), MemberType = typeof(CudaPrepareTests))]
    public void Is_cuda_for_a_compiler_of_device_code(ScalarType type, string real, string parameter)
    {
        Assert.NotEqual(ScalarType.Bool, type);
        var folder = Directory.CreateTempSubdirectory("shampoo-clang-").FullName;
        try
        {
            var (source, assembly) = (Path.Combine(folder, "kernels.cu"), Path.Combine(folder, "kernels.ptx"));
            File.WriteAllText(source, Prelude.Text + Text);
            var (status, errors) = CudaFakes.Run(
                Programs.Find("clang++")!, "-x", "cuda", "--cuda-device-only", "--cuda-gpu-arch=sm_80", "-nocudainc", "-nocudalib", "-Wno-unknown-cuda-version",
                "-Xclang", "-target-feature", "-Xclang", "+ptx72", "-std=c++17", "-O2", "-ffp-contract=off", "-include", Path.Combine(CudaFakes.Sources, "device.h"),
                $"-Dreal={real}", $"-DPARAMETER={parameter}", "-S", "-o", assembly, source);
            Assert.True(status == 0, errors);

            var text = File.ReadAllText(assembly);
            foreach (var kernel in (string[])["self_test", "load_all", "store_all", "halve", "take_norm", "divide_by_norm"])
                Assert.Contains($".entry {kernel}(", text);
            Assert.DoesNotContain("fma.rn", text);
            Assert.DoesNotContain(".local", text);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static CudaModule Module(ScalarType type) =>
        Cuda.TryPrepare(Text, new StorageKind((int)type, (int)DeviceType.CPU, -1)) ?? throw new InvalidOperationException("no module");

    private static void Run<TFrom, TTo>(string kernel, ScalarType type, TFrom[] from, TTo[] to) where TFrom : unmanaged where TTo : unmanaged
    {
        using var fakes = new CudaFakes();
        var arguments = new Arguments { Blocks = 1, Elements = from.Length, Chunk = 16384 };
        fixed (TFrom* source = from)
        fixed (TTo* destination = to)
        {
            arguments.Arrays[0] = (nint)source;
            arguments.Arrays[1] = (nint)destination;
            Module(type).Kernel(kernel).Launch(ref arguments);
        }
    }

    // All kinds of exponents, and digits close to where rounding changes its mind.
    private static float[] Numbers()
    {
        var random = new Random(5);
        var numbers = new List<float> { 0, -0f, float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, 65519, 65520, 65521 };
        for (uint high = 0; high < 1 << 16; high += 7)
        {
            foreach (var low in (uint[])[0, 1, 0x0fff, 0x1000, 0x1001, 0x2000, 0x3000, 0x7fff, 0x8000, 0x8001, 0xf000, 0xffff, (uint)random.Next(1 << 16)])
                numbers.Add(BitConverter.UInt32BitsToSingle(high << 16 | low));
        }
        return [.. numbers];
    }

    private static void AssertSame(ushort expected, ushort actual, bool isNaN, bool isStoredNaN, float number) =>
        Assert.True(isNaN ? isStoredNaN : expected == actual, $"{number:R} became {actual:x4}, not {expected:x4}");

    // Small integers and their halves are exact in all types.
    private static void Halve(CudaKernel kernel, ScalarType type, params Axis[] axes)
    {
        var extent = (int)(1 + axes.Sum(axis => (axis.Count - 1) * axis.Stride));
        var gradients = Enumerable.Range(0, extent).Select(i => i % 13.0).ToArray();
        var expected = Enumerable.Range(0, extent).Select(i => i % 7.0).ToArray();
        using Tensor gradient = Data.Tensor(gradients, [extent], type), parameter = Data.Tensor(expected, [extent], type);
        foreach (var i in Offsets(axes))
            expected[i] = 0.5 * expected[i] + gradients[i];

        BlockAddress address = default;
        Assert.True(Region.TryDescribe(out address.Gradient, NativeTensor.Data(gradient.Handle), axes));
        Assert.True(Region.TryDescribe(out address.Parameters, NativeTensor.Data(parameter.Handle), axes));
        var arguments = new Arguments { Blocks = 1, Elements = 600, Chunk = 512, Table = (nint)(&address) };
        kernel.Launch(ref arguments);

        Assert.Equal(expected, Data.Values(parameter));
    }

    private static IEnumerable<long> Offsets(Axis[] axes) => axes.Length == 0
        ? [0]
        : Enumerable.Range(0, (int)axes[0].Count).SelectMany(i => Offsets(axes[1..]).Select(rest => axes[0].Offset(i) + rest));
}
