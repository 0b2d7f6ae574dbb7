using TorchSharp.Modules;

namespace Shampoo.Runtime;

/// <summary>The numbers of parameter groups. A null stands for the optimizer's default.</summary>
/// <remarks>
/// Groups may share one object, and so their numbers. What a state dictionary holds is another object for every group: the numbers, and the
/// count of the group's steps.
/// </remarks>
public abstract class BlockedOptions : OptimizerOptions
{
    /// <summary>The group that this is the saved form of; null for numbers that a user made.</summary>
    internal ISavedGroup? Group { get; set; }

    /// <summary>How many steps the group has taken; 0 where there is no <see cref="Group"/>.</summary>
    internal long Step { get; private set; }

    /// <summary>The sum of the weights of the group's iterates, and whether its parameters hold their average.</summary>
    internal double WeightSum { get; private set; }

    /// <inheritdoc cref="WeightSum"/>
    internal bool IsEvaluating { get; private set; }

    /// <summary>How many parameters the group has; saved, so that parameters grouped otherwise are noticed.</summary>
    internal int ParameterCount { get; set; }

    /// <summary>Which part of the state this process has; empty for all of it. Saved, so that the part of another rank is noticed.</summary>
    internal string Shard { get; init; } = "";

    /// <summary>All that is loaded.</summary>
    internal OptionValues Values
    {
        get => new(InitialLearningRate, LearningRate, Step, WeightSum, IsEvaluating, Numbers().ConvertAll(number => number.Value));
        set
        {
            InitialLearningRate = value.InitialLearningRate;
            LearningRate = value.LearningRate;
            (Step, WeightSum, IsEvaluating) = (value.Step, value.WeightSum, value.IsEvaluating);
            Visit(new OptionWriter(value.Numbers, onlyMissing: false));
        }
    }

    /// <summary>
    /// What the optimizer was declared to be, in a form that is equal for equal declarations only. It is saved with the state, so
    /// that the state of another optimizer is recognised.
    /// </summary>
    public virtual string Declaration => "";

    /// <summary>Shows every number to <paramref name="visitor"/>, always in the same order. The learning rate is not among them.</summary>
    /// <param name="visitor">What is done with the numbers.</param>
    protected abstract void Visit(OptionVisitor visitor);

    /// <summary>Gives numbers that neither the group nor the optimizer has been given a value that depends on others of the group.</summary>
    protected virtual void Complete()
    {
    }

    /// <summary>Writes the learning rates, the declaration, the step count and the numbers.</summary>
    /// <param name="writer">Where to.</param>
    public override void SaveStateDict(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Refresh();
        base.SaveStateDict(writer);
        writer.Write(Declaration);
        writer.Write(Shard);
        writer.Write7BitEncodedInt(ParameterCount);
        writer.Write(Step);
        writer.Write(WeightSum);
        writer.Write(IsEvaluating);
        var numbers = Numbers();
        writer.Write7BitEncodedInt(numbers.Count);
        foreach (var (name, value, _) in numbers)
        {
            writer.Write(name);
            writer.Write(value ?? double.NaN);
        }
    }

    /// <summary>
    /// Reads what <see cref="SaveStateDict"/> wrote; changes nothing if it does not fit. What a state dictionary holds is changed when the
    /// state of its last parameter has been read, too.
    /// </summary>
    /// <param name="reader">Where from.</param>
    /// <exception cref="InvalidDataException">It was written by another optimizer, or is damaged.</exception>
    public override void LoadStateDict(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (Group is not { } group)
        {
            Values = Read(reader);
            return;
        }
        group.Part.Stage(() =>
        {
            var values = Read(reader);
            return () => group.Values = values;
        });
    }

    /// <summary>Takes over the numbers and the step count of another group of the same optimizer.</summary>
    /// <param name="source">The other group's.</param>
    /// <exception cref="InvalidDataException">They belong to another optimizer.</exception>
    public override void LoadStateDict(OptimizerOptions source)
    {
        var values = RequireSameOptimizer(source).Values;
        if (Group is { } group)
            group.Values = values;
        else
            Values = values;
    }

    /// <summary>Makes this what the group is now.</summary>
    internal void Refresh()
    {
        if (Group is { } group)
            Values = group.Values;
    }

    /// <summary>Throws if <paramref name="source"/> belongs to another optimizer, or has a number that is not in its range.</summary>
    internal BlockedOptions RequireSameOptimizer(OptimizerOptions source)
    {
        if (source is not BlockedOptions other || other.GetType() != GetType())
            throw new InvalidDataException($"The options are those of {source?.GetType().FullName ?? "nothing"}, not of {GetType().FullName}. Load them into an optimizer of their own class.");
        RequireSameDeclaration(other.Declaration);
        RequireSameShard(other.Shard);
        RequireSameParameterCount(other.ParameterCount);
        other.Refresh();
        RequireLoadable("lr", other.LearningRate, Bounds.NonNegative);
        foreach (var (name, value, bounds) in other.Numbers())
            RequireLoadable(name, value, bounds);
        return other;
    }

    /// <summary>The numbers by name; all of them have a value.</summary>
    internal IReadOnlyDictionary<string, double> NumbersByName() => Numbers().ToDictionary(number => number.Name, number => number.Value!.Value);

    /// <summary>What a checkpoint has of a group of this kind.</summary>
    /// <param name="saved">The group there.</param>
    /// <param name="where">The group, for messages.</param>
    /// <exception cref="InvalidDataException">It has other numbers, or one that is not in its range.</exception>
    internal OptionValues RequireLoadable(SavedGroup saved, string where)
    {
        var numbers = Numbers();
        var names = numbers.ConvertAll(number => number.Name);
        if (names.Except(saved.Numbers.Keys).ToArray() is { Length: > 0 } missing)
            throw new InvalidDataException($"The checkpoint was saved without {string.Join(", ", missing)} in {where}, which this optimizer has. Nothing was loaded.");
        if (saved.Numbers.Keys.Except(names).ToArray() is { Length: > 0 } left)
            throw new InvalidDataException($"The checkpoint was saved with {string.Join(", ", left)} in {where}, which this optimizer does not have. Nothing was loaded.");
        RequireLoadable("the initial lr", saved.InitialLearningRate, Bounds.NonNegative);
        RequireLoadable("lr", saved.LearningRate, Bounds.NonNegative);
        RequireLoadable("the sum of weights", saved.WeightSum, Bounds.NonNegative);
        RequireCount(saved.Step);
        foreach (var (name, _, bounds) in numbers)
            RequireLoadable(name, saved.Numbers[name], bounds);
        return new OptionValues(
            saved.InitialLearningRate, saved.LearningRate, saved.Step, saved.WeightSum, saved.IsEvaluating, names.ConvertAll(name => (double?)saved.Numbers[name]));
    }

    internal void FillFrom(BlockedOptions defaults)
    {
        LearningRate ??= defaults.LearningRate;
        Visit(new OptionWriter(defaults.Values.Numbers, onlyMissing: true));
        Complete();
    }

    /// <summary>Throws if a number is missing or not in its range; allocates nothing otherwise.</summary>
    internal void RequireValid(OptionCheck check)
    {
        check.Require("lr", LearningRate, Bounds.NonNegative);
        Visit(check);
    }

    private List<(string Name, double? Value, Bounds Bounds)> Numbers()
    {
        var reader = new OptionReader();
        Visit(reader);
        return reader.Numbers;
    }

    private OptionValues Read(BinaryReader reader)
    {
        var initialLearningRate = ReadNumber(reader, "the initial lr", Bounds.NonNegative);
        var learningRate = ReadNumber(reader, "lr", Bounds.NonNegative);
        RequireSameDeclaration(reader.ReadString());
        RequireSameShard(reader.ReadString());
        RequireSameParameterCount(reader.Read7BitEncodedInt());
        var count = RequireCount(reader.ReadInt64());
        var weights = ReadNumber(reader, "the sum of weights", Bounds.NonNegative);
        return new OptionValues(initialLearningRate, learningRate, count, weights, reader.ReadBoolean(), ReadNumbers(reader));
    }

    /// <summary>Throws, and says which options differ, if the state of an optimizer that is declared as <paramref name="saved"/> is not of this one's form.</summary>
    internal void RequireSameDeclaration(string saved)
    {
        if (saved != Declaration)
        {
            throw new InvalidDataException(
                $"The state was saved by an optimizer that is declared differently: {DeclarationDifference.Describe(saved, Declaration)}. "
                + $"Load it with that declaration, or start without it.\n  saved: {saved}\n  this:  {Declaration}");
        }
    }

    private void RequireSameShard(string saved)
    {
        if (saved != Shard)
        {
            throw new InvalidDataException(
                $"The state is that of {Describe(saved)}, but this is {Describe(Shard)}. State dictionaries hold the blocks of one rank; "
                + "save_checkpoint and load_checkpoint take them to any number of ranks.");
        }

        static string Describe(string shard) => shard == "" ? "a process that has all blocks" : shard;
    }

    private static long RequireCount(long step) =>
        step >= 0 ? step : throw new InvalidDataException($"The saved step count is {step}; the data is damaged.");

    private void RequireSameParameterCount(int saved)
    {
        if (saved != ParameterCount)
            throw new InvalidDataException($"The state has a group of {saved} parameters where this optimizer has one of {ParameterCount}.");
    }

    private List<double?> ReadNumbers(BinaryReader reader)
    {
        var numbers = Numbers();
        var count = reader.Read7BitEncodedInt();
        if (count != numbers.Count)
            throw new InvalidDataException($"The state was saved with {count} numbers, but this optimizer has {numbers.Count}.");
        var values = new List<double?>(count);
        foreach (var (name, _, bounds) in numbers)
        {
            var saved = reader.ReadString();
            if (saved != name)
                throw new InvalidDataException($"The state was saved with the number '{saved}' where this optimizer has '{name}'.");
            values.Add(ReadNumber(reader, name, bounds));
        }
        return values;
    }

    private static double ReadNumber(BinaryReader reader, string name, Bounds bounds)
    {
        var value = reader.ReadDouble();
        RequireLoadable(name, value, bounds);
        return value;
    }

    private static void RequireLoadable(string name, double? value, Bounds bounds)
    {
        if (!bounds.Contains(value ?? double.NaN))
            throw new InvalidDataException($"The saved value of {name} is {Bounds.Text(value)}, which is not in {bounds}.");
    }
}

/// <summary>What is loaded of a group, beside the state of its parameters.</summary>
internal sealed record OptionValues(
    double InitialLearningRate, double? LearningRate, long Step, double WeightSum, bool IsEvaluating, IReadOnlyList<double?> Numbers);

/// <summary>The group that an entry of a state dictionary stands for.</summary>
internal interface ISavedGroup
{
    /// <summary>The group's numbers and its count of steps.</summary>
    OptionValues Values { get; set; }

    /// <summary>The group's part of a load through a reader.</summary>
    StagedPart Part { get; }

    /// <summary>The group's place among all.</summary>
    int Number { get; }

    /// <summary>The numbers as users set them.</summary>
    BlockedOptions Numbers { get; }

    /// <summary>The form in which the numbers are saved and loaded.</summary>
    BlockedOptions Saved { get; }

    /// <summary>All parameters of the group.</summary>
    BlockedParameter[] Parameters { get; }

    /// <summary>The blocks that this process has, and their state.</summary>
    Bucket[] Buckets { get; }
}
