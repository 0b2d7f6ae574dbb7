namespace Shampoo.Runtime.Tests.Elementwise;

public sealed unsafe class BlockArrayTests
{
    // The shape, how it is laid out, the largest block; the expected distance of rows, or 0 where a block cannot be read in place.
    public static TheoryData<long[], string, int, long> Layouts => new()
    {
        { [6, 8], "dense", 8, 8 },
        { [8, 8], "dense", 4, 8 },
        { [8, 8], "transposed", 4, 0 },
        { [8, 8], "transposed", 8, 0 },
        { [8, 8], "part of rows", 4, 24 },
        { [8, 8], "part of rows", 8, 24 },
        { [8], "dense", 8, 8 },
        { [16], "dense", 8, 8 },
        { [8], "every second", 8, 0 },
        { [4, 3, 2], "dense", 4, 2 },
        { [4, 4, 4], "dense", 2, 0 },
        { [4, 6], "transposed", int.MaxValue, 0 },
        { [8, 8], "repeated", 8, 0 },
        { [4, 1, 8], "part of rows", 8, 24 },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Tells_which_blocks_can_be_read_in_place(long[] shape, string layout, int max, long expectedStride)
    {
        var parameter = Data.Parameter(1, shape);
        parameter.grad = Lay(layout, Data.Tensor(Data.Normal(2, Data.Elements(shape)), shape));
        using var bed = new SweepBed([parameter], max);
        var gradient = bed.Slice.Gradient;
        var stack = Data.Values(gradient.Stack());
        var rowLength = bed.Slice.BlockShape[^1];
        for (var block = 0; block < bed.Slice.Count; block++)
        {
            Assert.Equal(expectedStride > 0, gradient.TryInPlace(block, out var address, out var rowStride));
            if (expectedStride == 0)
                continue;
            Assert.Equal(expectedStride, rowStride);
            for (var i = 0; i < bed.Slice.BlockElements; i++)
                Assert.Equal(stack[block * bed.Slice.BlockElements + i], ((double*)address)[i / rowLength * rowStride + i % rowLength]);
        }
    }

    [Fact]
    public void State_and_workspaces_can_be_read_in_place()
    {
        using var bed = Bed();
        var workspace = bed.Slice.Workspace("workspace");
        bed.Slice.Begin();
        foreach (var array in (BlockArray[])[bed.Moment, workspace])
        {
            using var numbers = Data.Tensor(Data.Normal(1, 24), array.Stack().shape);
            array.Stack().copy_(numbers);
            for (var block = 0; block < 2; block++)
            {
                Assert.True(array.TryInPlace(block, out var address, out var rowStride));
                Assert.Equal(4, rowStride);
                Assert.Equal(address, array.Address(block));
                Assert.Equal(Data.Values(numbers)[12 * block], *(double*)address);
            }
        }
    }

    [Fact]
    public void A_workspace_has_the_tensor_that_it_adopts_until_the_turn_ends()
    {
        using var bed = Bed();
        var workspace = bed.Slice.Workspace("workspace");
        bed.Slice.Begin();
        var memory = workspace.Address(0);
        var before = Data.LiveTensors();
        using var numbers = Data.Tensor([.. Enumerable.Range(0, 24).Select(i => (double)i)], [2, 4, 3]);
        workspace.Adopt(torch.ones(2, 3, 4, dtype: ScalarType.Float64));
        workspace.Adopt(numbers.transpose(1, 2));

        Assert.Equal(3, ((double*)workspace.Address(0))[1]);
        Assert.Equal(12, *(double*)workspace.Address(1));
        Assert.Equal(24, workspace.Stack().numel());

        bed.Slice.End();
        bed.Slice.Begin();
        Assert.Equal(memory, workspace.Address(0));
        numbers.Dispose();
        Assert.Equal(before, Data.LiveTensors());
    }

    [Fact]
    public void Workspaces_of_one_name_are_one()
    {
        using var bed = Bed();
        var (a, b) = (bed.Slice.Workspace("a"), bed.Slice.Workspace("b"));
        bed.Slice.Begin();

        Assert.Same(a, bed.Slice.Workspace("a"));
        Assert.NotEqual(a.Address(0), b.Address(0));
        Assert.Same(bed.Slice.Norms("a"), bed.Slice.Norms("a"));
    }

    [Fact]
    public void Refuses_what_an_array_cannot_do()
    {
        using var bed = Bed();
        using Scalar one = 1.0;
        using var fits = torch.ones(2, 3, 4, dtype: ScalarType.Float64);
        using var narrow = torch.ones(2, 3, 4);
        using var small = torch.ones(1, 3, 4, dtype: ScalarType.Float64);
        var workspace = bed.Slice.Workspace("workspace");

        Assert.Throws<InvalidOperationException>(() => bed.Moment.Adopt(fits));
        Assert.Throws<InvalidOperationException>(() => bed.Slice.Parameters.Adopt(fits));
        Assert.Throws<InvalidOperationException>(() => bed.Moment.Add(fits, one));
        Assert.Throws<InvalidOperationException>(() => bed.Slice.Gradient.Add(fits, one));
        Assert.Throws<InvalidOperationException>(() => bed.Slice.Norms("norms").Tensor);
        Assert.Contains("must be [2, 3, 4] of Float64", Assert.Throws<ArgumentException>(() => workspace.Adopt(narrow)).Message);
        Assert.Throws<ArgumentException>(() => workspace.Adopt(small));
        Assert.Throws<ArgumentException>(() => bed.Slice.Parameters.Add(small, one));
    }

    [Fact]
    public void Adds_to_the_parameters()
    {
        var parameter = Data.Parameter(1, 8, 4);
        Data.SetGradient(parameter, new double[32]);
        using var bed = new SweepBed([parameter], max: 4, sliceElements: 16);
        using var direction = torch.ones(1, 1, 4, dtype: ScalarType.Float64);
        using Scalar two = 2.0;
        var before = Data.Values(parameter);
        Assert.Equal(before[..16], Data.Values(bed.Slice.Parameters.Stack()));
        bed.Slice.Parameters.Add(direction.expand(1, 4, 4), two);

        Assert.Equal(before[..16].Select(w => w + 2), Data.Values(bed.Slice.Parameters.Stack()));
        Assert.Equal([.. before[..16].Select(w => w + 2), .. before[16..]], Data.Values(parameter));
    }

    // Blocks, the elements of each, the number of threads; the number of blocks in a slice.
    public static TheoryData<int, int, int, int> Slices => new()
    {
        { 10, 1 << 18, 1, 2 },
        { 10, 1 << 18, 4, 8 },
        { 9, 1 << 18, 4, 8 },
        { 20, 1 << 18, 4, 8 },
        { 72, 3 << 14, 2, 10 },
        { 72, 9 << 14, 2, 4 },
        { 72, 9 << 14, 16, 32 },
        { 3, 1 << 20, 1, 1 },
        { 3, 1 << 20, 8, 3 },
        { 40, 100, 2, 40 },
    };

    [Theory]
    [MemberData(nameof(Slices))]
    public void Cuts_buckets_into_slices_that_fit_the_cache_and_serve_all_threads(int blocks, int elements, int threads, int expected)
    {
        var before = ShampooThreads.Count;
        ShampooThreads.Count = threads;
        try
        {
            using var values = torch.zeros(blocks, elements, dtype: ScalarType.Float32);
            var parameters = Enumerable.Range(0, blocks).Select(b => new Parameter(values.select(0, b))).ToArray();
            foreach (var parameter in parameters)
                parameter.grad = parameter.detach();
            using var workspaces = new WorkspacePool();
            var plan = BlockPlan.Create(new BlockingRules(), parameters.Select(parameter => (parameter.shape, BlockedParameter.KindOf(parameter))));
            BlockedParameter[] members = [.. parameters.Select((parameter, p) => new MemoryParameter(parameter, $"{p}", plan.Parameters[p]))];
            using var bucket = new Bucket(plan.Buckets[0], members, source => new Stateless(source), workspaces);
            foreach (var member in members)
                member.BeginStep(searchNonFinite: false);

            Assert.Equal((0, expected), bucket.NextRun(0));
        }
        finally
        {
            ShampooThreads.Count = before;
        }
    }

    private sealed class Stateless(StateSource source) : BlockState(source);

    private static SweepBed Bed()
    {
        Parameter[] parameters = [Data.Parameter(1, 3, 4), Data.Parameter(2, 3, 4)];
        foreach (var parameter in parameters)
            Data.SetGradient(parameter, Data.Normal(3, 12));
        return new SweepBed(parameters, max: 4);
    }

    private static Tensor Lay(string layout, Tensor tensor) => layout switch
    {
        "dense" => tensor,
        "transposed" => tensor.transpose(0, 1).contiguous().transpose(0, 1),
        "part of rows" => torch.cat([tensor, tensor, tensor], -1).narrow(-1, tensor.shape[^1], tensor.shape[^1]),
        "every second" => torch.stack([tensor, tensor], 1).select(1, 0),
        _ => tensor.narrow(0, 0, 1).expand(tensor.shape),
    };
}
