using System.Text.Json;

namespace Shampoo.Runtime;

/// <summary>A parameter as a checkpoint knows it.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Blocks">The ranges of indices of every block, in its merged shape.</param>
internal sealed record SavedParameter(string Name, long[] Shape, string[] Blocks);

/// <summary>A parameter group as a checkpoint knows it.</summary>
internal sealed record SavedGroup(
    double InitialLearningRate, double LearningRate, long Step, double WeightSum, bool IsEvaluating,
    IReadOnlyDictionary<string, double> Numbers, SavedParameter[] Parameters);

/// <summary>What a checkpoint says of the optimizer whose state it holds: texts, in the metadata of the file or of the index.</summary>
internal sealed record CheckpointManifest(string Optimizer, string Declaration, SavedGroup[] Groups)
{
    /// <summary>The name of the text that tells a checkpoint from other files; its value is the version of the format.</summary>
    public const string FormatKey = "shampoo.format";

    /// <summary>The version that is written, and the only one that is read.</summary>
    public const string Format = "1";

    private const string OptimizerKey = "shampoo.optimizer", DeclarationKey = "shampoo.declaration", GroupsKey = "shampoo.groups";

    public IEnumerable<SavedParameter> Parameters => Groups.SelectMany(group => group.Parameters);

    public IReadOnlyDictionary<string, string> Encode() => new Dictionary<string, string>
    {
        [FormatKey] = Format,
        [OptimizerKey] = Optimizer,
        [DeclarationKey] = Declaration,
        [GroupsKey] = JsonText.Write(Write),
    };

    /// <exception cref="InvalidDataException">These are not the texts of a checkpoint.</exception>
    public static CheckpointManifest Decode(IReadOnlyDictionary<string, string> metadata, string path)
    {
        RequireFormat(metadata, path);
        return new CheckpointManifest(Text(OptimizerKey), Text(DeclarationKey), JsonText.Read(
            Text(GroupsKey), $"the list of groups in '{path}'", root => root.EnumerateArray().Select(ReadGroup).ToArray()));

        string Text(string key) => metadata.GetValueOrDefault(key) ?? throw new InvalidDataException($"Damaged: '{path}' has no '{key}' in its metadata.");
    }

    /// <exception cref="InvalidDataException">It is no checkpoint of an optimizer, or one of another version.</exception>
    public static void RequireFormat(IReadOnlyDictionary<string, string> metadata, string path)
    {
        if (!metadata.TryGetValue(FormatKey, out var format))
            throw new InvalidDataException($"'{path}' is not a checkpoint of an optimizer: its metadata has no '{FormatKey}'. Files of a model are read by safetensors.load_file.");
        if (format != Format)
            throw new InvalidDataException($"'{path}' has the format '{format}', but this version reads '{Format}' alone. Load it with the version that wrote it.");
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var group in Groups)
            Write(writer, group);
        writer.WriteEndArray();
    }

    // Numbers are written with as many digits as bring back the same double.
    private static void Write(Utf8JsonWriter writer, SavedGroup group)
    {
        writer.WriteStartObject();
        writer.WriteNumber("initial_lr", group.InitialLearningRate);
        writer.WriteNumber("lr", group.LearningRate);
        writer.WriteNumber("step", group.Step);
        writer.WriteNumber("weight_sum", group.WeightSum);
        writer.WriteBoolean("is_evaluating", group.IsEvaluating);
        writer.WriteStartObject("numbers");
        foreach (var (name, value) in group.Numbers)
            writer.WriteNumber(name, value);
        writer.WriteEndObject();
        writer.WriteStartArray("parameters");
        foreach (var parameter in group.Parameters)
            Write(writer, parameter);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, SavedParameter parameter)
    {
        writer.WriteStartObject();
        writer.WriteString("name", parameter.Name);
        writer.WriteStartArray("shape");
        foreach (var size in parameter.Shape)
            writer.WriteNumberValue(size);
        writer.WriteEndArray();
        writer.WriteStartArray("blocks");
        foreach (var block in parameter.Blocks)
            writer.WriteStringValue(block);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static SavedGroup ReadGroup(JsonElement group) => new(
        group.GetProperty("initial_lr").GetDouble(), group.GetProperty("lr").GetDouble(), group.GetProperty("step").GetInt64(),
        group.GetProperty("weight_sum").GetDouble(), group.GetProperty("is_evaluating").GetBoolean(),
        group.GetProperty("numbers").EnumerateObject().ToDictionary(number => number.Name, number => number.Value.GetDouble()),
        [.. group.GetProperty("parameters").EnumerateArray().Select(ReadParameter)]);

    private static SavedParameter ReadParameter(JsonElement parameter) => new(
        parameter.GetProperty("name").GetString() ?? throw new FormatException("A parameter has no name."),
        [.. parameter.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())],
        [.. parameter.GetProperty("blocks").EnumerateArray().Select(block => block.GetString()!)]);
}
