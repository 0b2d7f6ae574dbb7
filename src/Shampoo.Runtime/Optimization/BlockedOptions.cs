using TorchSharp.Modules;

namespace Shampoo.Runtime;

/// <summary>The numbers of one parameter group, and the count of its steps. A null stands for the optimizer's default.</summary>
public abstract class BlockedOptions : OptimizerOptions
{
    /// <summary>How many steps the group has taken.</summary>
    public long step;

    /// <summary>How many parameters the group has; saved, so that parameters grouped otherwise are noticed.</summary>
    internal int ParameterCount { get; set; }

    /// <summary>
    /// What the optimizer was declared to be, in a form that is equal for equal declarations only. It is saved with the state, so
    /// that the state of another optimizer is recognised.
    /// </summary>
    public virtual string Declaration => "";

    /// <summary>Shows every number to <paramref name="visitor"/>, always in the same order. The learning rate is not among them.</summary>
    /// <param name="visitor">What is done with the numbers.</param>
    protected abstract void Visit(OptionVisitor visitor);

    /// <summary>Writes the learning rates, the declaration, the step count and the numbers.</summary>
    /// <param name="writer">Where to.</param>
    public override void SaveStateDict(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        base.SaveStateDict(writer);
        writer.Write(Declaration);
        writer.Write7BitEncodedInt(ParameterCount);
        writer.Write(step);
        var numbers = Numbers();
        writer.Write7BitEncodedInt(numbers.Count);
        foreach (var (name, value, _) in numbers)
        {
            writer.Write(name);
            writer.Write(value ?? double.NaN);
        }
    }

    /// <summary>Reads what <see cref="SaveStateDict"/> wrote; changes nothing if it does not fit.</summary>
    /// <param name="reader">Where from.</param>
    /// <exception cref="InvalidDataException">It was written by another optimizer, or is damaged.</exception>
    public override void LoadStateDict(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var initialLearningRate = reader.ReadDouble();
        var learningRate = reader.ReadDouble();
        RequireSameDeclaration(reader.ReadString());
        RequireSameParameterCount(reader.Read7BitEncodedInt());
        var count = reader.ReadInt64();
        if (count < 0)
            throw new InvalidDataException($"The saved step count is {count}; the data is damaged.");
        var values = ReadNumbers(reader);

        InitialLearningRate = initialLearningRate;
        LearningRate = learningRate;
        step = count;
        Visit(new OptionWriter(values, onlyMissing: false));
    }

    /// <summary>Takes over the numbers and the step count of another group of the same optimizer.</summary>
    /// <param name="source">The other group's.</param>
    /// <exception cref="InvalidDataException">They belong to another optimizer.</exception>
    public override void LoadStateDict(OptimizerOptions source)
    {
        var other = RequireSameOptimizer(source);
        InitialLearningRate = other.InitialLearningRate;
        LearningRate = other.LearningRate;
        step = other.step;
        Visit(new OptionWriter(other.Values(), onlyMissing: false));
    }

    /// <summary>Throws if <paramref name="source"/> belongs to another optimizer.</summary>
    internal BlockedOptions RequireSameOptimizer(OptimizerOptions source)
    {
        if (source is not BlockedOptions other || other.GetType() != GetType())
            throw new InvalidDataException($"The options are those of {source?.GetType().FullName ?? "nothing"}, not of {GetType().FullName}.");
        RequireSameDeclaration(other.Declaration);
        RequireSameParameterCount(other.ParameterCount);
        return other;
    }

    internal void FillFrom(BlockedOptions defaults)
    {
        LearningRate ??= defaults.LearningRate;
        Visit(new OptionWriter(defaults.Values(), onlyMissing: true));
    }

    /// <param name="where">The group, for the message; null for constructor arguments.</param>
    internal void RequireValid(string? where = null)
    {
        Bounds.NonNegative.Require("lr", LearningRate ?? double.NaN, where);
        foreach (var (name, value, bounds) in Numbers())
            bounds.Require(name, value ?? double.NaN, where);
    }

    private List<(string Name, double? Value, Bounds Bounds)> Numbers()
    {
        var reader = new OptionReader();
        Visit(reader);
        return reader.Numbers;
    }

    private List<double?> Values() => Numbers().ConvertAll(number => number.Value);

    private void RequireSameDeclaration(string saved)
    {
        if (saved != Declaration)
            throw new InvalidDataException($"The state was saved by an optimizer that is declared differently.\n  saved: {saved}\n  this:  {Declaration}");
    }

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
            var value = reader.ReadDouble();
            if (!bounds.Contains(value))
                throw new InvalidDataException($"The saved value of {name} is {value}, which is not in {bounds}; the data is damaged.");
            values.Add(value);
        }
        return values;
    }
}
