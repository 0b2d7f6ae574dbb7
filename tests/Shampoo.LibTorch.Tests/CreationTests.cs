namespace Shampoo.LibTorch.Tests;

public class CreationTests
{
    [Fact]
    public void Filled()
    {
        Values.Near(new double[6], zeros(2, 3));
        Values.Near([1, 1], ones(2L));
        Values.Near([2.5, 2.5], full(2, 2.5));
        Values.Near([1, 0, 0, 0, 1, 0], eye(2, 3));
        Assert.Equal([2, 3, 4, 5], empty(2, 3, 4, 5).shape);
        Assert.Equal([2, 3], zeros([2, 3]).shape);
        Assert.Equal([], zeros(new long[0]).shape);
        Assert.Equal(ScalarType.Float32, zeros(1).dtype);
        Assert.True(ones(1, requires_grad: true).requires_grad);
        Assert.Equal(ScalarType.Int64, zeros_like(ones(2, ScalarType.Int64)).dtype);
        Assert.Equal(ScalarType.Float64, ones_like(ones(2), ScalarType.Float64).dtype);
        Assert.Equal(ScalarType.Float64, ones(1, ScalarType.Float64).new_zeros(2, 3).dtype);
    }

    [Fact]
    public void Ranges()
    {
        Assert.Equal(ScalarType.Int64, arange(5).dtype);
        Assert.Equal([1L, 3L], arange(1, 5, 2).data<long>().ToArray());
        Assert.Equal(ScalarType.Float32, arange(0.0, 1.0, 0.25).dtype);
        Values.Near([0, 0.25, 0.5, 0.75, 1], linspace(0, 1, 5));
    }

    [Fact]
    public void Copies_of_arrays()
    {
        var array = new[] { 1f, 2, 3, 4 };
        using var copied = tensor(array, [2, 2]);
        array[0] = 9;
        Values.Near([1, 2, 3, 4], copied);
        Assert.Equal(ScalarType.Float64, tensor(array, dtype: ScalarType.Float64).dtype);
        Assert.Equal(ScalarType.Int32, tensor([1, 2]).dtype);
        Assert.Equal(ScalarType.Bool, tensor(new[] { true, false }).dtype);
        Assert.Equal(ScalarType.Float16, tensor(new[] { (Half)1, (Half)2 }).dtype);
        Assert.Equal(ScalarType.Int32, tensor(3).dtype);
        Assert.Equal([], tensor(3).shape);
        Assert.Throws<ArgumentException>(() => tensor(array, [3, 2]));
        Values.Near([1, 2, 3], (Tensor)new double[] { 1, 2, 3 });
        Values.Near(1.5, (Tensor)1.5);
    }

    [Fact]
    public void Shared_arrays()
    {
        var array = new double[,] { { 1, 2 }, { 3, 4 } };
        using var shared = from_array(array);
        array[0, 0] = 9;
        Values.Near([9, 2, 3, 4], shared);
        Assert.Equal([2, 2], shared.shape);
        var flat = new float[] { 1, 2 };
        using var same = as_tensor(flat);
        flat[1] = 5;
        Values.Near([1, 5], same);
    }

    [Fact]
    public void Random_numbers_follow_the_seed()
    {
        manual_seed(7);
        using var a = randn(5);
        manual_seed(7);
        using var b = randn(5);
        Assert.True(a.Equals(b));
        using var one = new Generator(3);
        using var other = new Generator(3);
        Assert.True(rand(4, generator: one).Equals(rand(4, generator: other)));
        Assert.False(rand(4, generator: one).Equals(rand(4)));
        using var state = one.get_state();
        using var first = randn(3, generator: one);
        one.set_state(state);
        Assert.True(first.Equals(randn(3, generator: one)));
        var order = randperm(20).data<long>().ToArray();
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), order.Order());
        var dice = randint(1, 7, new long[] { 500 }).data<long>().ToArray();
        Assert.Equal([1L, 2, 3, 4, 5, 6], dice.Distinct().Order());
    }

    [Fact]
    public void Conversions()
    {
        using var t = tensor([1.75, -2.25]);
        Assert.Equal([1, -2], t.to(ScalarType.Int32).data<int>().ToArray());
        Assert.Equal(ScalarType.Float32, t.@float().dtype);
        using var brain = t.to(ScalarType.BFloat16);
        Assert.Equal(1.75f, brain.ReadCpuBFloat16(0));
        Assert.Equal(-2.25f, t.half().ReadCpuFloat16(1));
        Assert.Equal(-2.25, t[1].ToDouble());
        Assert.Equal(1.75, brain[0].ToDouble());
        Assert.Equal(3, tensor(3L).ToInt32());
        Assert.True(tensor(true).ToBoolean());
        Assert.Equal(2.5f, (float)tensor(2.5));
        Assert.Throws<ArgumentException>(() => t[0].item<float>());
        Assert.Throws<ArgumentException>(() => t.item<double>());
        Assert.Equal(16, t.bytes.Length);
        t.to(ScalarType.Float32, disposeAfter: false).Dispose();
        var gone = t.clone();
        gone.to(ScalarType.Float32, disposeAfter: true).Dispose();
        Assert.True(gone.IsInvalid);
    }

    [Fact]
    public void Devices()
    {
        Assert.Equal("cpu", CPU.ToString());
        Assert.Equal("cuda:1", new Device("cuda:1").ToString());
        Assert.Equal(1, new Device("cuda:1").index);
        Assert.Equal(DeviceType.CPU, zeros(1).device.type);
        Assert.Throws<ArgumentException>(() => new Device("abacus"));
        if (!cuda.is_available()) Assert.Throws<InvalidOperationException>(() => zeros(1, device: new Device("cuda")));
        Assert.Equal("[2x3], type = Float32, device = cpu", zeros(2, 3).ToString());
        Assert.Equal(cuda.is_available(), cuda.device_count() > 0);
        Assert.StartsWith(__version__.Split('.')[0], __version__);
    }

    [Fact]
    public void Default_type()
    {
        var before = get_default_dtype();
        try {
            set_default_dtype(ScalarType.Float64);
            Assert.Equal(ScalarType.Float64, randn(1).dtype);
        } finally {
            set_default_dtype(before);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Bool)]
    public void Files_of_tensors(ScalarType type)
    {
        using var written = (Values.Matrix(300, 7, 8) * 100).to(type).t();
        var stream = new MemoryStream();
        written.Save(stream);
        using var read = new BinaryReader(new MemoryStream(stream.ToArray())).Load()!;
        Assert.Equal(type, read.dtype);
        Assert.True(read.Equals(written));
        using var target = zeros_like(written);
        target.Load(new BinaryReader(new MemoryStream(stream.ToArray())));
        Assert.True(target.Equals(written));
        Assert.Throws<ArgumentException>(() => zeros(7, 300, ScalarType.Float64).Load(new BinaryReader(new MemoryStream(stream.ToArray()))));
        Assert.Throws<ArgumentException>(() => zeros(300, 7, type).Load(new BinaryReader(new MemoryStream(stream.ToArray()))));
        Assert.Throws<EndOfStreamException>(() => new BinaryReader(new MemoryStream(stream.ToArray()[..100])).Load());
    }
}
