using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Shampoo.Runtime.Tests.Checkpoints;

public sealed class SafetensorsTests
{
    public static TheoryData<ScalarType, string, int> Types => new()
    {
        { ScalarType.Float64, "F64", 8 }, { ScalarType.Float32, "F32", 4 }, { ScalarType.Float16, "F16", 2 }, { ScalarType.BFloat16, "BF16", 2 },
        { ScalarType.Int64, "I64", 8 }, { ScalarType.Int32, "I32", 4 }, { ScalarType.Int16, "I16", 2 }, { ScalarType.Int8, "I8", 1 }, { ScalarType.Byte, "U8", 1 },
        { ScalarType.Bool, "BOOL", 1 },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Writes_what_the_specification_says_and_reads_it_again(ScalarType type, string name, int size)
    {
        using var folder = new TemporaryFolder();
        using var values = torch.tensor(new double[] { 0, 1, 1, 0, 3, 0 }, 2, 3).to_type(type);

        safetensors.save_file(new Dictionary<string, Tensor> { ["x"] = values }, folder["file"]);

        var tensor = SpecificationFile.Read(File.ReadAllBytes(folder["file"]))["x"];
        Assert.Equal(name, tensor.Type);
        Assert.Equal([2, 3], tensor.Shape);
        Assert.Equal(6 * size, tensor.Bytes.Length);
        Assert.Equal(values.bytes.ToArray(), tensor.Bytes);
        using var loaded = safetensors.load_file(folder["file"])["x"];
        Assert.Equal(type, loaded.dtype);
        Assert.Equal(values.bytes.ToArray(), loaded.bytes.ToArray());
    }

    [Fact]
    public void Writes_the_bytes_of_Pythons_writer()
    {
        using var folder = new TemporaryFolder();
        using var scope = torch.NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["empty"] = torch.zeros([0, 3], ScalarType.Float16),
            ["flag"] = torch.tensor(new[] { true, false, true }),
            ["c"] = torch.tensor(new[] { 1.0, -2.5 }, 1, 2).to_type(ScalarType.BFloat16),
            ["größe"] = torch.tensor(new[] { 0.1 }),
            ["b"] = torch.tensor(new[] { 1f, -2.5f }),
            ["a"] = torch.tensor(7L),
        };

        safetensors.save_file(tensors, folder["file"], new Dictionary<string, string> { ["format"] = "pt" });

        Assert.Equal(File.ReadAllBytes(Beside("python.safetensors")), File.ReadAllBytes(folder["file"]));
    }

    [Fact]
    public void Reads_a_file_of_Pythons_writer()
    {
        using var file = new SafetensorsFile(Beside("python.safetensors"));
        using var scope = torch.NewDisposeScope();

        Assert.Equal("pt", Assert.Single(file.Metadata).Value);
        Assert.Equal(["a", "b", "c", "empty", "flag", "größe"], file.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(7, file.Load("a").item<long>());
        Assert.Empty(file.Load("a").shape);
        Assert.Equal([1.0, -2.5], Data.Values(file.Load("b")));
        Assert.Equal([1.0, -2.5], Data.Values(file.Load("c")));
        Assert.Equal([0, 3], file.Load("empty").shape);
        Assert.Equal([1.0, 0, 1], Data.Values(file.Load("flag")));
        Assert.Equal(0.1, file.Load("größe").item<double>());
        Assert.Equal("F32 [2]", file.Entries["b"].ToString());
    }

    [Fact]
    public void Python_reads_what_was_written_and_is_read_in_turn()
    {
        using var folder = new TemporaryFolder();
        using var scope = torch.NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["layer.\"0\"/ünï\n"] = Data.Tensor(Data.Normal(1, 12), [3, 4], ScalarType.Float32),
            ["counts"] = torch.tensor(new long[] { 1, -2, long.MaxValue }),
            ["half"] = Data.Tensor(Data.Normal(2, 5), [5, 1], ScalarType.BFloat16),
            ["number"] = torch.tensor(0.1),
        };
        var metadata = new Dictionary<string, string> { ["<&>"] = "one \"text\"\t\u0001", ["ключ"] = "" };
        safetensors.save_file(tensors, folder["ours"], metadata);
        if (Python(Beside("read.py"), folder["ours"], folder["theirs"]) is not { } output)
            return; // there is no Python on this machine

        using var seen = JsonDocument.Parse(output);
        Assert.True(seen.RootElement.GetProperty("aligned").GetBoolean());
        foreach (var (name, text) in metadata)
            Assert.Equal(text, seen.RootElement.GetProperty("metadata").GetProperty(name).GetString());
        foreach (var (name, tensor) in tensors)
            Assert.Equal(Convert.ToHexStringLower(tensor.bytes), seen.RootElement.GetProperty("tensors").GetProperty(name).GetProperty("hex").GetString());

        using var theirs = new SafetensorsFile(folder["theirs"]);
        Assert.Equal(metadata, theirs.Metadata);
        Assert.Equal(tensors.Count, theirs.Entries.Count);
        foreach (var (name, tensor) in tensors)
        {
            var loaded = theirs.Load(name);
            Assert.Equal(tensor.dtype, loaded.dtype);
            Assert.Equal(tensor.shape, loaded.shape);
            Assert.Equal(tensor.bytes.ToArray(), loaded.bytes.ToArray());
        }
    }

    /// <summary>More than a piece: contiguous, with long rows that are not, with short ones, and rows that are more than a piece.</summary>
    [Theory]
    [InlineData(new long[] { 2_500_001 }, false)]
    [InlineData(new long[] { 1_200_000, 2 }, true)]
    [InlineData(new long[] { 700, 3000 }, true)]
    [InlineData(new long[] { 2, 1_100_000, 2 }, true)]
    public void Large_tensors_go_in_pieces(long[] shape, bool isTransposed)
    {
        using var folder = new TemporaryFolder();
        using var scope = torch.NewDisposeScope();
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var reversed = Enumerable.Range(0, shape.Length).Reverse().Select(k => (long)k).ToArray();
        var values = torch.arange(count, dtype: ScalarType.Int32);
        var tensor = isTransposed ? values.reshape([.. shape.Reverse()]).permute(reversed) : values;
        Assert.Equal(!isTransposed, tensor.is_contiguous());

        safetensors.save_file(new Dictionary<string, Tensor> { ["x"] = tensor }, folder["file"]);

        var expected = tensor.contiguous().bytes;
        Assert.True(expected.SequenceEqual(SpecificationFile.Read(File.ReadAllBytes(folder["file"]))["x"].Bytes));
        using var file = new SafetensorsFile(folder["file"]);
        Assert.True(expected.SequenceEqual(file.Load("x").bytes));
        var strided = torch.zeros_like(values).reshape([.. shape.Reverse()]).permute(reversed);
        file.LoadInto("x", strided);
        Assert.Equal(!isTransposed, strided.is_contiguous());
        Assert.True(expected.SequenceEqual(strided.contiguous().bytes));
    }

    [Fact]
    public void Holds_the_state_of_a_model()
    {
        using var folder = new TemporaryFolder();
        using var one = torch.nn.Linear(3, 2);
        using var other = torch.nn.Linear(3, 2);

        safetensors.save_file(one.state_dict(), folder["model.safetensors"]);
        other.load_state_dict(safetensors.load_file(folder["model.safetensors"]));

        Assert.Equal(one.parameters().SelectMany(Data.Values), other.parameters().SelectMany(Data.Values));
    }

    [Fact]
    public void Leaves_no_tensors_behind()
    {
        using var folder = new TemporaryFolder();
        using var values = torch.zeros(3, 4).t();
        var before = Data.LiveTensors();

        safetensors.save_file(new Dictionary<string, Tensor> { ["x"] = values }, folder["file"]);
        foreach (var tensor in safetensors.load_file(folder["file"]).Values)
            tensor.Dispose();

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Refuses_what_the_format_cannot_hold()
    {
        using var folder = new TemporaryFolder();
        using var complex = torch.zeros(2, ScalarType.ComplexFloat64);
        using var real = torch.zeros(2);
        File.WriteAllText(folder["file"], "old");

        var type = Assert.Throws<NotSupportedException>(() => Save(("x", complex)));
        Assert.Contains("'x'", type.Message);
        Assert.Contains("BF16", type.Message);
        Assert.Contains("'x'", Assert.Throws<ArgumentException>(() => Save(("x", real), ("x", real))).Message);
        Assert.Contains("__metadata__", Assert.Throws<ArgumentException>(() => Save(("__metadata__", real))).Message);

        Assert.Equal(["file"], folder.Files);
        Assert.Equal("old", File.ReadAllText(folder["file"]));

        void Save(params (string Name, Tensor Tensor)[] tensors) =>
            safetensors.save_file(tensors.Select(tensor => KeyValuePair.Create(tensor.Name, tensor.Tensor)), folder["file"]);
    }

    [Fact]
    public void Says_what_is_asked_for_wrongly()
    {
        using var file = new SafetensorsFile(Beside("python.safetensors"));
        using var wrongType = torch.zeros(2, ScalarType.Float64);
        using var wrongShape = torch.zeros(3);

        Assert.Contains("'none'", Assert.Throws<KeyNotFoundException>(() => file.Load("none")).Message);
        Assert.Contains("F32 [2]", Assert.Throws<ArgumentException>(() => file.LoadInto("b", wrongType)).Message);
        Assert.Contains("[3]", Assert.Throws<ArgumentException>(() => file.LoadInto("b", wrongShape)).Message);
    }

    public static TheoryData<string, int, string> Damaged => new()
    {
        { "", 0, "does not begin with '{'" },
        { " {}", 0, "does not begin with '{'" },
        { "{\"a\":", 0, "not JSON" },
        { "{}", 1, "tensors have 0 bytes, but 1 follow the header; it is longer" },
        { Entry("F32", "[1]", "[0,4]"), 3, "tensors have 4 bytes, but 3 follow the header; it is truncated" },
        { Entry("F32", "[1]", "[4,8]"), 8, "'a' begins at byte 4 of the data, but the one before it ends at 0" },
        { Two("[0,4]", "[8,12]"), 12, "'b' begins at byte 8 of the data, but the one before it ends at 4" },
        { Two("[0,4]", "[2,6]"), 6, "'b' begins at byte 2 of the data, but the one before it ends at 4" },
        { Entry("F32", "[2]", "[0,4]"), 4, "'a' is F32 [2], but its data_offsets give it 4 bytes" },
        { Entry("F32", "[1]", "[4,0]"), 4, "'a' has the data_offsets [4, 0]" },
        { Entry("F32", "[1]", "[0]"), 4, "'a' has the data_offsets [0]" },
        { Entry("F32", "[-1]", "[0,4]"), 4, "shape of the tensor 'a' has -1" },
        { Entry("F32", "[1.5]", "[0,4]"), 4, "shape of the tensor 'a' has 1.5" },
        { Entry("F32", "[99999999999999999999]", "[0,4]"), 4, "shape of the tensor 'a' has 99999999999999999999" },
        { Entry("F32", "[4294967296,4294967296]", "[0,0]"), 0, "'a' is F32 [4294967296, 4294967296]" },
        { Entry("F32", "3", "[0,4]"), 4, "shape of the tensor 'a' is not a list" },
        { Entry("F31", "[1]", "[0,4]"), 4, "'a' has the dtype 'F31'" },
        { "{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "'a' has the dtype '7'" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "'a' needs dtype, shape and data_offsets" },
        { "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1]}}", 4, "'a' needs dtype, shape and data_offsets" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", 4, "'a' has 'x'" },
        { "{\"a\":1}", 0, "'a' is not described" },
        { $"{Entry("F32", "[1]", "[0,4]")[..^1]},{Entry("F32", "[1]", "[4,8]")[1..]}", 8, "'a' twice" },
        { "{\"__metadata__\":{\"x\":\"\",\"x\":\"\"}}", 0, "'x' twice" },
        { "{\"__metadata__\":{},\"__metadata__\":{}}", 0, "'__metadata__' twice" },
        { "{\"__metadata__\":{\"x\":1}}", 0, "'x', which is not a text" },
        { "{\"__metadata__\":[]}", 0, "__metadata__ is not a list of texts" },
        { "{\"__metadata__\":{\"x\":\"\\ud800\"}}", 0, "a text that is no text" },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void Says_what_is_wrong_with_a_file(string header, int dataLength, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["file"], SpecificationFile.Bytes(header, new byte[dataLength]));

        var error = Assert.Throws<InvalidDataException>(() => new SafetensorsFile(folder["file"]));

        Assert.Contains(message, error.Message);
        Assert.Contains($"'{folder["file"]}'", error.Message);
    }

    [Fact]
    public void Says_where_a_file_ends_or_is_of_another_kind()
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(Beside("python.safetensors"));
        for (var length = 0; length < whole.Length; length++)
            Assert.StartsWith($"'{folder["file"]}' is not a complete safetensors file", Refusal(whole[..length]));

        Assert.Contains("it has 3 bytes", Refusal([1, 2, 3]));
        Assert.Contains("another kind of file", Refusal("PK\u0003\u0004 a zip archive"u8.ToArray()));
        Assert.Contains("100000000", Refusal([1, 225, 245, 5, 0, 0, 0, 0, 32])); // one byte more than allowed
        Assert.Contains("not UTF-8", Refusal([4, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'"', 0xff, (byte)'}']));

        string Refusal(byte[] bytes)
        {
            File.WriteAllBytes(folder["file"], bytes);
            return Assert.Throws<InvalidDataException>(() => new SafetensorsFile(folder["file"])).Message;
        }
    }

    /// <summary>The check value of RFC 3720, and any cut of the same bytes.</summary>
    [Fact]
    public void Checks_bytes_with_CRC_32C()
    {
        for (var cut = 0; cut <= 9; cut++)
        {
            var check = Crc32C.Start();
            check.Append("123456789"u8[..cut]);
            check.Append("123456789"u8[cut..]);
            Assert.Equal(0xE3069283, check.Value);
        }
        var zeros = Crc32C.Start();
        zeros.Append(new byte[32]);
        Assert.Equal(0x8A9136AA, zeros.Value);
    }

    internal static string Beside(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, name);

    private static string Entry(string type, string shape, string offsets) =>
        $"{{\"a\":{{\"dtype\":\"{type}\",\"shape\":{shape},\"data_offsets\":{offsets}}}}}";

    private static string Two(string first, string second) =>
        $"{{\"b\":{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":{second}}},\"a\":{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":{first}}}}}";

    // What a script prints; null where there is no Python.
    internal static string? Python(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors);
            return output.Result;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
