using System.Text;
using System.Text.Json;

namespace Shampoo.Runtime.Tests.Checkpoints;

public sealed class OptimizerCheckpointTests : IDisposable
{
    private static readonly Settings s_settings = new(MaxDimension: 3, Start: 2, Frequency: 2);
    private static readonly string[] s_names = ["layer.weight", "layer.bias", "scale"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string File_ => _folder["optimizer.safetensors"];

    [Fact]
    public void Restores_state_counters_and_numbers()
    {
        using var original = Saved();
        using var copy = Make(seed: 50, s_names);

        copy.load_checkpoint(File_);

        Assert.Equal(State(original), State(copy));
        Assert.Equal(Numbers(original), Numbers(copy));
        Assert.Equal(2, copy.Buckets.First().Counters[0].Values[0]);
        Assert.Equal(["optimizer.safetensors"], _folder.Files);
    }

    [Fact]
    public void Keys_are_parameter_block_and_state()
    {
        using var original = Saved();

        var tensors = SpecificationFile.Read(File.ReadAllBytes(File_));

        Assert.Equal(("F64", 18), (tensors["layer.weight/0/first_moment"].Type, tensors["layer.weight/0/first_moment"].Bytes.Length / 4));
        Assert.Equal([3, 3], tensors["layer.weight/0/first_moment"].Shape);
        Assert.Equal([2, 3], tensors["layer.weight/1/first_moment"].Shape);
        Assert.Equal([2, 2], tensors["layer.weight/1/factor_matrices.0"].Shape);
        Assert.Equal(("I32", 0), (tensors["scale/0/failed_refreshes"].Type, tensors["scale/0/failed_refreshes"].Shape.Length));
        var (bucket, position) = (original.Buckets.First(), 0);
        using var block = bucket.Arrays.Single(array => array.Name == "first_moment").Tensor.select(0, position);
        Assert.Equal(block.bytes.ToArray(), tensors["layer.weight/0/first_moment"].Bytes);
    }

    [Fact]
    public void Numbers_come_back_bit_for_bit()
    {
        using var original = Make(seed: 1, s_names);
        double[] values = [0.1, 1 / 3.0, double.Epsilon, 1e308, BitConverter.Int64BitsToDouble(0x3FB999999999999B), 5e-324 * 3];
        using var copy = Make(seed: 2, s_names);
        foreach (var value in values)
        {
            original.ParamGroups.First().LearningRate = value;
            original.save_checkpoint(File_);
            copy.load_checkpoint(File_);
            Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(copy.ParamGroups.First().LearningRate));
            Assert.Equal(0.01, copy.ParamGroups.First().InitialLearningRate);
        }
    }

    [Fact]
    public void Order_of_parameters_does_not_matter()
    {
        using var original = Saved();
        using var copy = new HandWrittenShampoo(
            [("scale", Data.Parameter(7)), ("layer.weight", Data.Parameter(8, 5, 3)), ("layer.bias", Data.Parameter(9, 4))], s_settings);

        copy.load_checkpoint(File_);

        copy.save_checkpoint(_folder["copy.safetensors"]);
        Assert.Equal(Tensors(File_), Tensors(_folder["copy.safetensors"]));
    }

    [Fact]
    public void Reports_all_renamed_and_missing_parameters_with_the_closest_names()
    {
        using var original = Saved();
        using var other = Make(seed: 50, ["layers.weight", "layers.bias", "scale"]);

        var message = Refusal(other);

        Assert.Contains("not in the checkpoint: 'layers.weight' (there is 'layer.weight'), 'layers.bias' (there is 'layer.bias')\n", message);
        Assert.Contains("not in this optimizer: 'layer.weight', 'layer.bias'\n", message);
        Assert.Contains("rename", message);
    }

    [Fact]
    public void Loads_renamed_parameters()
    {
        using var original = Saved();
        using var other = Make(seed: 50, ["layer.bias", "new", "scale"], [[5, 3], [4], []]);

        other.load_checkpoint(File_, new Dictionary<string, string> { ["layer.weight"] = "layer.bias", ["layer.bias"] = "new" });

        Assert.Equal(State(original), State(other));
    }

    [Fact]
    public void Refuses_to_rename_what_is_not_there_or_twice()
    {
        using var original = Saved();
        using var other = Make(seed: 50, s_names);
        var before = CheckTests.Snapshot(other);

        var unknown = Assert.Throws<ArgumentException>(() => other.load_checkpoint(File_, new Dictionary<string, string> { ["layer.weigth"] = "x" }));
        var twice = Assert.Throws<ArgumentException>(() => other.load_checkpoint(File_, new Dictionary<string, string> { ["layer.weight"] = "scale" }));

        Assert.Contains("'layer.weigth' (there is 'layer.weight')", unknown.Message);
        Assert.Contains("called 'scale': 'layer.weight' and 'scale'", twice.Message);
        Assert.Equal(before, CheckTests.Snapshot(other));
    }

    [Fact]
    public void Refuses_two_parameters_of_one_name()
    {
        HandWrittenShampoo.ParamGroup[] groups = [new([("weight", Data.Parameter(1, 3))]), new([("weight", Data.Parameter(2, 3))])];
        using var optimizer = new HandWrittenShampoo(groups, s_settings);

        Assert.Contains("'weight'", Assert.Throws<InvalidOperationException>(() => optimizer.save_checkpoint(File_)).Message);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Refuses_numbers_that_could_not_be_loaded()
    {
        using var original = Saved();
        var before = File.ReadAllBytes(File_);
        original.ParamGroups.First().LearningRate = double.NaN;

        Assert.Contains("group 0", Assert.Throws<ArgumentOutOfRangeException>(() => original.save_checkpoint(File_)).Message);
        Assert.Equal(before, File.ReadAllBytes(File_));
    }

    [Fact]
    public void Says_which_option_was_declared_differently()
    {
        using var original = Saved();
        using var other = Make(seed: 50, s_names);
        try
        {
            HandWrittenShampoo.Options.OtherDeclaration = "Grafting(SGD); RootInverse(Eigh); Momentum; WeightDecay(Decoupled)";
            var message = Refusal(other);
            Assert.Contains("Grafting: it had Adam, this one has SGD; it had FirstMoment, this one has not; it had no Momentum, this one has Momentum.", message);
        }
        finally
        {
            HandWrittenShampoo.Options.OtherDeclaration = null;
        }
    }

    [Theory]
    [InlineData("A(1, X = 2, Y); B", "A(1, X = 3, Y); B", "A: it had X = 2, this one has X = 3")]
    [InlineData("A(1)", "A(1, 2)", "A: it had A(1), this one has A(1, 2)")]
    [InlineData("A; B", "B; A", "the same options in another order")]
    [InlineData("", "A(1)", "it had no A, this one has A(1)")]
    [InlineData("E(2, 0, 0.5); E(2, 1, 0)", "E(2, 1, 0)", "it had E(2, 0, 0.5), this one has not")]
    public void Compares_declarations_part_by_part(string saved, string own, string difference) =>
        Assert.Equal(difference, DeclarationDifference.Describe(saved, own));

    public static TheoryData<long[][], Settings, string> Misfits => new()
    {
        { [[3, 5], [4], []], s_settings, "the parameter 'layer.weight' was [5, 3], but is [3, 5]" },
        { [[5, 3], [4], []], s_settings with { MaxDimension = 4 }, "'layer.weight' has other blocks: block 0 was [0..3, 0..3], but is [0..4, 0..3]; [Preconditioning]" },
        { [[5, 3], [4], []], s_settings with { MaxDimension = 100 }, "'layer.weight' was cut into 2 blocks, but has 1; [Preconditioning]" },
        { [[5, 3], [4], [1]], s_settings, "'scale' was [], but is [1]" },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public void Refuses_other_shapes_and_blocks(long[][] shapes, Settings settings, string message)
    {
        using var original = Saved();
        using var other = Make(seed: 50, s_names, shapes, settings);

        Assert.Contains(message, Refusal(other));
    }

    [Fact]
    public void Refuses_another_dtype()
    {
        using var original = Saved();
        using var other = new HandWrittenShampoo(
            s_names.Zip((long[][])[[5, 3], [4], []]).Select(pair => (pair.First, Data.Parameter(Data.Normal(1, Data.Elements(pair.Second)), pair.Second, ScalarType.Float32))), s_settings);

        Assert.Contains("is F64 [3, 3]", Refusal(other));
    }

    [Fact]
    public void Refuses_other_groups()
    {
        using var original = Saved();
        var parameters = Parameters(50, s_names);
        HandWrittenShampoo.ParamGroup[] two = [new(parameters[..1]), new(parameters[1..])];
        using var other = new HandWrittenShampoo(two, s_settings);
        Assert.Contains("1 parameter groups, but this optimizer has 2", Refusal(other));

        other.save_checkpoint(File_);
        parameters = Parameters(50, s_names);
        HandWrittenShampoo.ParamGroup[] otherTwo = [new(parameters[..2]), new(parameters[2..])];
        using var moved = new HandWrittenShampoo(otherTwo, s_settings);
        Assert.Contains("in other groups: 'layer.bias' (group 1 there, 0 here)", Refusal(moved));
    }

    /// <summary>Every byte of the data and every one of the header, one after the other: nothing is changed by a file that is not right.</summary>
    [Fact]
    public void Finds_every_byte_that_has_changed()
    {
        using var original = Saved();
        using var other = Make(seed: 50, s_names);
        var before = CheckTests.Snapshot(other);
        var whole = File.ReadAllBytes(File_);
        var start = 8 + (int)BitConverter.ToInt64(whole);
        for (var i = start; i < whole.Length; i += 7)
        {
            var changed = whole.ToArray();
            changed[i] ^= 0x10;
            File.WriteAllBytes(File_, changed);
            Assert.Contains("is damaged: the bytes of the tensor '", Assert.Throws<InvalidDataException>(() => other.load_checkpoint(File_)).Message);
        }
        Assert.Equal(before, CheckTests.Snapshot(other));
    }

    [Fact]
    public void Refuses_a_truncated_file_wherever_it_ends()
    {
        using var original = Saved();
        using var other = Make(seed: 50, s_names);
        var before = CheckTests.Snapshot(other);
        var whole = File.ReadAllBytes(File_);
        for (var length = 0; length < whole.Length; length += 1 + length / 7)
        {
            File.WriteAllBytes(File_, whole[..length]);
            Assert.Contains("not a complete safetensors file", Assert.Throws<InvalidDataException>(() => other.load_checkpoint(File_)).Message);
        }
        Assert.Equal(before, CheckTests.Snapshot(other));
    }

    public static TheoryData<string, string, string> Edits => new()
    {
        { "\"shampoo.format\":\"1\"", "\"shampoo.format\":\"2\"", "has the format '2'" },
        { "\"shampoo.format\":\"1\"", "\"shampoo.formal\":\"1\"", "not a checkpoint of an optimizer" },
        { "\"shampoo.groups\":", "\"shampoo.croups\":", "no 'shampoo.groups'" },
        { "\\\"step\\\":3", "\\\"step\\\":x", "Damaged: the list of groups" },
        { "\\\"step\\\":3", "\\\"stop\\\":3", "Damaged: the list of groups" },
        { "\\\"step\\\":3,", "\\\"step\\\":-3,", "The saved step count is -3" },
        { "\\\"beta1\\\":0.9", "\\\"beta1\\\":1.9", "The saved value of beta1 is 1.9" },
        { "\\\"beta1\\\":0.9", "\\\"betaX\\\":0.9", "saved without beta1 in group 0" },
        { "\\\"name\\\":\\\"scale\\\"", "\\\"name\\\":\\\"stale\\\"", "'scale' (there is 'stale')" },
        { "\"layer.bias/0/first_moment\"", "\"layer.bias/0/worst_moment\"", "has no first_moment for block 0 of 'layer.bias'" },
        { "\"layer.bias/0/first_moment\":{\"dtype\":\"F64\",\"shape\":[3]", "\"layer.bias/0/first_moment\":{\"dtype\":\"F64\",\"shape\":[3,1]", "is F64 [3, 1] in" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void Says_what_is_wrong_with_what_was_edited(string from, string to, string message)
    {
        using var original = Saved();
        using var other = Make(seed: 50, s_names);
        var whole = File.ReadAllBytes(File_);
        var start = 8 + (int)BitConverter.ToInt64(whole);
        var header = Encoding.UTF8.GetString(whole, 8, start - 8);
        Assert.Contains(from, header);
        File.WriteAllBytes(File_, SpecificationFile.Bytes(header.Replace(from, to), whole[start..]));

        Assert.Contains(message, Refusal(other));
    }

    [Fact]
    public void Refuses_what_is_not_a_checkpoint()
    {
        using var other = Make(seed: 50, s_names);
        File.Copy(SafetensorsTests.Beside("python.safetensors"), File_);
        Assert.Contains("is not a checkpoint of an optimizer", Refusal(other));

        other.save_state_dict(File_);
        Assert.Contains("not a complete safetensors file", Refusal(other));

        Assert.Contains("There is no checkpoint", Assert.Throws<FileNotFoundException>(() => other.load_checkpoint(_folder["none"])).Message);
    }

    [Fact]
    public void Is_read_by_Python_and_read_from_Python()
    {
        using var original = Saved();
        if (SafetensorsTests.Python(SafetensorsTests.Beside("read.py"), File_, _folder["theirs.safetensors"]) is not { } output)
            return; // there is no Python on this machine
        using var seen = JsonDocument.Parse(output);
        Assert.Equal("[3,3]", seen.RootElement.GetProperty("tensors").GetProperty("layer.weight/0/first_moment").GetProperty("shape").GetRawText().Replace(" ", ""));
        using var copy = Make(seed: 50, s_names);

        copy.load_checkpoint(_folder["theirs.safetensors"]);

        Assert.Equal(State(original), State(copy));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Keeps_the_old_checkpoint_when_saving_fails(bool beforeWriting)
    {
        using var original = Saved();
        var before = File.ReadAllBytes(File_);
        if (beforeWriting)
            original.parameters().Last().Dispose();
        else
            original.Buckets.Last().Arrays[^1].Tensor.Dispose();

        Assert.ThrowsAny<Exception>(() => original.save_checkpoint(File_));

        Assert.Equal(before, File.ReadAllBytes(File_));
        Assert.Equal(["optimizer.safetensors"], _folder.Files);
    }

    [Fact]
    public void Leaves_no_tensors_behind()
    {
        using var original = Saved();
        using var copy = Make(seed: 50, s_names);
        var before = Data.LiveTensors();

        original.save_checkpoint(File_);
        copy.load_checkpoint(File_);
        File.WriteAllBytes(File_, File.ReadAllBytes(File_)[..^1]);
        Refusal(copy);

        Assert.Equal(before, Tensor.TotalCount);
    }

    internal static Dictionary<string, string> Tensors(string path) => SpecificationFile.Read(File.ReadAllBytes(path))
        .ToDictionary(tensor => tensor.Key, tensor => $"{tensor.Value.Type} [{string.Join(", ", tensor.Value.Shape)}] {Convert.ToHexString(tensor.Value.Bytes)}");

    private string Refusal(HandWrittenShampoo optimizer)
    {
        var before = CheckTests.Snapshot(optimizer);
        var error = Assert.Throws<InvalidDataException>(() => optimizer.load_checkpoint(File_));
        Assert.Equal(before, CheckTests.Snapshot(optimizer));
        return error.Message;
    }

    private HandWrittenShampoo Saved()
    {
        var optimizer = Make(seed: 1, s_names);
        for (var step = 0; step < 3; step++)
        {
            var seed = 100 * step;
            foreach (var parameter in optimizer.parameters())
                Data.SetGradient(parameter, Data.Normal(++seed, Data.Elements(parameter.shape)));
            optimizer.step();
        }
        optimizer.Buckets.First().Counters[0].Values[0] = 2;
        optimizer.ParamGroups.First().LearningRate = 0.625;
        optimizer.Betas = (0.9, 0.75);
        optimizer.save_checkpoint(File_);
        return optimizer;
    }

    private static HandWrittenShampoo Make(int seed, string[] names, long[][]? shapes = null, Settings? settings = null) =>
        new(Parameters(seed, names, shapes), settings ?? s_settings);

    private static (string, Parameter)[] Parameters(int seed, string[] names, long[][]? shapes = null) =>
        [.. names.Zip(shapes ?? [[5, 3], [4], []], (name, shape) => (name, Data.Parameter(seed++, shape)))];

    private static double[] State(HandWrittenShampoo optimizer) =>
        CheckTests.Snapshot(optimizer)[optimizer.parameters().Sum(parameter => (int)parameter.numel())..];

    private static OptionValues[] Numbers(HandWrittenShampoo optimizer) =>
        [.. optimizer.SavedGroups.Select(group => group.Values with { Numbers = [] })];
}
