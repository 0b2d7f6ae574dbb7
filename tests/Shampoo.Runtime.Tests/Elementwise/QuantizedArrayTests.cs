namespace Shampoo.Runtime.Tests.Elementwise;

/// <summary>State of 8 bits: values in a slice's turn, codes at all other times.</summary>
public sealed class QuantizedArrayTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Values_are_there_in_a_turn_and_rounded_after_it(bool hasMemory)
    {
        using var _ = new NativeFunctions(hasMemory);
        using var bed = Bed();
        using var numbers = Data.Tensor(Data.Normal(1, 2 * 70), bed.Moment.Stack().shape);
        bed.Moment.Stack().copy_(numbers);
        Assert.Equal(Data.Values(numbers), Data.Values(bed.Moment.Stack()));

        bed.Slice.End();
        Assert.Contains("moment", Assert.Throws<InvalidOperationException>(() => bed.Moment.Stack()).Message);
        bed.Slice.End(); // once more, as a slice that is released does
        bed.Slice.Begin();
        Assert.Equal(Rounded(Data.Values(numbers)), Data.Values(bed.Moment.Stack()));
    }

    [Fact]
    public unsafe void Blocks_are_dense_memory()
    {
        using var bed = Bed();
        bed.Moment.Stack().copy_(Data.Tensor(Data.Normal(1, 2 * 70), bed.Moment.Stack().shape));
        Assert.True(bed.Moment.TryInPlace(1, out var address, out var rowStride));
        Assert.Equal(70, rowStride);
        Assert.Equal(Data.Values(bed.Moment.Stack())[70], *(double*)address);
    }

    [Fact]
    public void A_slice_has_its_own_blocks()
    {
        using var bed = Bed(sliceElements: 70);
        var all = bed.Bucket.Arrays.Single();
        bed.Moment.Stack().copy_(Data.Tensor(Data.Normal(1, 70), bed.Moment.Stack().shape));
        bed.Slice.End();
        var second = bed.Bucket.Slice(1, 1, out var _);
        second.Begin();
        second.End();

        Assert.Equal(Rounded(Data.Normal(1, 70)), Data.Values(all.Block(0)));
        Assert.Equal(new double[70], Data.Values(all.Block(1)));
    }

    [Fact]
    public void Blocks_are_saved_by_their_values()
    {
        using var bed = Bed();
        var array = bed.Bucket.Arrays.Single();
        bed.Slice.End();
        array.Replace(1, block => block.copy_(Data.Tensor(Data.Normal(5, 70), [70])));

        Assert.Equal(ScalarType.Float64, array.SavedType);
        using var saved = array.Block(1);
        Assert.Equal([70], saved.shape);
        Assert.Equal(Rounded(Data.Normal(5, 70)), Data.Values(saved));
        array.Replace(0, block => block.copy_(saved));
        Assert.Equal(Data.Values(saved), Data.Values(array.Block(0)));
    }

    [Fact]
    public void Takes_a_byte_for_an_element_and_four_for_a_group()
    {
        using var bed = Bed();
        Assert.Equal(2 * (70 + 2 * 4), bed.Bucket.Arrays.Single().Bytes);
    }

    [Fact]
    public void Moves_with_its_scales()
    {
        using var bed = Bed();
        bed.Slice.End();
        var bytes = bed.Bucket.Arrays.Single().Bytes;
        bed.Bucket.Move(torch.META);

        var array = bed.Bucket.Arrays.Single();
        Assert.Equal(DeviceType.META, array.Tensor.device_type);
        Assert.Equal(bytes, array.Bytes);
        using var block = array.Block(1); // by operators, which want codes and scales on one device
        Assert.Equal(DeviceType.META, block.device_type);
        Assert.Equal(ScalarType.Float64, block.dtype);
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        var before = Data.LiveTensors();
        using (var parameter = Data.Parameter(1, 70))
        {
            Data.SetGradient(parameter, Data.Normal(2, 70));
            using (var bed = new SweepBed([parameter], precision: Precision.EightBit))
            using (var block = bed.Bucket.Arrays.Single().Block(0))
                Assert.Equal(70, block.numel());
            Data.SetGradient(parameter, null);
        }
        Assert.Equal(before, Data.LiveTensors());
    }

    private static SweepBed Bed(long? sliceElements = null)
    {
        Parameter[] parameters = [Data.Parameter(1, 70), Data.Parameter(2, 70)];
        foreach (var parameter in parameters)
            Data.SetGradient(parameter, Data.Normal(3, 70));
        return new SweepBed(parameters, precision: Precision.EightBit, sliceElements: sliceElements);
    }

    /// <summary>Blocks of 70 elements: groups of 64 and 6.</summary>
    private static double[] Rounded(double[] values) => [.. values.Chunk(70).SelectMany(block => block.Chunk(64)).SelectMany(static group =>
    {
        double a = (float)group.Max(Math.Abs);
        return group.Select(x => a * (Math.Round(x / a * 127, MidpointRounding.ToEven) / 127));
    })];

    private sealed class NativeFunctions : IDisposable
    {
        private readonly bool _before = NativeTensor.IsAvailable;

        public NativeFunctions(bool areAvailable) => NativeTensor.IsAvailable = areAvailable;

        public void Dispose() => NativeTensor.IsAvailable = _before;
    }
}
