using TorchSharp.Modules;

namespace Shampoo.Runtime.Tests;

public sealed class CheckpointTests
{
    private static readonly Settings s_settings = new(MaxDimension: 3, Start: 2, Frequency: 2);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Keeps_the_old_file_when_saving_fails(bool beforeWriting)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "state");
            using var optimizer = Trained(out var parameters, steps: 2);
            optimizer.save_state_dict(path);
            var before = File.ReadAllBytes(path);

            if (beforeWriting)
                parameters[^1].Dispose();
            else
                optimizer.Buckets.Last().Arrays[^1].Tensor.Dispose();
            Assert.ThrowsAny<Exception>(() => optimizer.save_state_dict(path));

            Assert.Equal(before, File.ReadAllBytes(path));
            Assert.Equal([path], Directory.GetFiles(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Replaces_the_old_file()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "state");
            File.WriteAllBytes(path, new byte[100_000]);
            using var original = Trained(out _, steps: 2);
            original.save_state_dict(path);
            using var copy = Trained(out var parameters, steps: 2);
            Step(copy, parameters, 5);

            copy.load_state_dict(path);

            Assert.Equal(State(original), State(copy));
            Assert.Equal([path], Directory.GetFiles(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Loads_whatever_the_default_device_is()
    {
        using var original = Trained(out _, steps: 3);
        using var copy = Trained(out _, steps: 1);
        var saved = Saved(original);
        var device = torch.get_default_device();
        torch.set_default_device(torch.META);
        try
        {
            copy.load_state_dict(new BinaryReader(saved));
        }
        finally
        {
            torch.set_default_device(device);
        }
        Assert.Equal(State(original), State(copy));
    }

    [Fact]
    public void Loads_all_or_nothing_through_the_base_type()
    {
        using var original = Trained(out _, steps: 3);
        var whole = Saved(original).ToArray();
        using var copy = Trained(out _, steps: 1);
        var before = CheckTests.Snapshot(copy);

        for (var length = 0; length < whole.Length; length += 1 + length / 9)
        {
            var reader = new BinaryReader(new MemoryStream(whole, 0, length));
            Assert.ThrowsAny<Exception>(() => ((OptimizerHelper)copy).load_state_dict(reader));
            Assert.Equal(before, CheckTests.Snapshot(copy));
        }

        ((OptimizerHelper)copy).load_state_dict(new BinaryReader(new MemoryStream(whole)));
        Assert.Equal(State(original), State(copy));
    }

    [Fact]
    public void Loads_nothing_foreign_through_the_base_type()
    {
        using var original = Trained(out _, steps: 3);
        Parameter[] parameters = [Data.Parameter(1, 5, 3), Data.Parameter(2, 4), Data.Parameter(3, 2)];
        using var other = new HandWrittenShampoo(parameters, s_settings);
        var before = CheckTests.Snapshot(other);

        var error = Assert.Throws<InvalidDataException>(() => ((OptimizerHelper)other).load_state_dict(new BinaryReader(Saved(original))));

        Assert.Contains("'parameter 2 of group 0'", error.Message);
        Assert.Equal(before, CheckTests.Snapshot(other));
    }

    [Fact]
    public void Refuses_to_load_a_part_alone()
    {
        using var original = Trained(out _, steps: 2);
        var stream = Saved(original);

        var error = Assert.Throws<InvalidOperationException>(() => original.state_dict().State[1].LoadStateDict(new BinaryReader(stream)));

        Assert.Contains("'parameter 1 of group 0'", error.Message);
    }

    [Fact]
    public void Says_what_to_do_when_the_state_is_moved_after_the_module()
    {
        using var model = torch.nn.Linear(3, 2);
        using var optimizer = new HandWrittenShampoo(model.named_parameters());
        model.to(ScalarType.Float64);

        var error = Assert.Throws<InvalidOperationException>(() => optimizer.to(torch.CPU));

        Assert.Contains("'weight'", error.Message);
        Assert.Contains("Move the module first", error.Message);
    }

    [Fact]
    public void Compares_devices_by_their_index_too()
    {
        const int type = (int)ScalarType.Float32, cpu = (int)DeviceType.CPU, cuda = (int)DeviceType.CUDA;

        Assert.True(Bucket.AreBeside(new(type, cuda, 1), new(type, cuda, 1)));
        Assert.False(Bucket.AreBeside(new(type, cuda, 0), new(type, cuda, 1)));
        Assert.False(Bucket.AreBeside(new(type, cuda, 0), new(type, cpu, 0)));
        Assert.True(Bucket.AreBeside(new(type, cpu, -1), new(type, cpu, 0)));
    }

    private static double[] State(HandWrittenShampoo optimizer) =>
        CheckTests.Snapshot(optimizer)[optimizer.parameters().Sum(parameter => (int)parameter.numel())..];

    private static MemoryStream Saved(HandWrittenShampoo optimizer)
    {
        var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        return stream;
    }

    private static HandWrittenShampoo Trained(out Parameter[] parameters, int steps)
    {
        parameters = [Data.Parameter(1, 5, 3), Data.Parameter(2, 4), Data.Parameter(3)];
        var optimizer = new HandWrittenShampoo(parameters, s_settings);
        for (var step = 0; step < steps; step++)
            Step(optimizer, parameters, 10 * step);
        return optimizer;
    }

    private static void Step(HandWrittenShampoo optimizer, Parameter[] parameters, int seed)
    {
        foreach (var parameter in parameters)
            Data.SetGradient(parameter, Data.Normal(seed++, Data.Elements(parameter.shape)));
        optimizer.step();
    }
}
