namespace Shampoo.Runtime;

/// <summary>Loading through a reader, part by part and in order: nothing changes before the last part has been read.</summary>
/// <param name="parts">How many there are.</param>
internal sealed class StagedLoad(int parts)
{
    private readonly List<Action> _commits = [];

    /// <summary>Reads a part. The first one starts anew; the last one takes over all.</summary>
    /// <param name="part">Which one.</param>
    /// <param name="read">Reads it, and returns what takes it over.</param>
    /// <exception cref="InvalidDataException">It does not fit or is damaged. Nothing was changed.</exception>
    public void Stage(StagedPart part, Func<Action> read)
    {
        if (part.Index == 0)
            _commits.Clear();
        if (part.Index != _commits.Count)
            throw new InvalidOperationException($"Loading {part.Name} alone is not supported: load all of the optimizer, with load_state_dict.");
        try
        {
            _commits.Add(Read(part.Name, read));
        }
        catch
        {
            _commits.Clear();
            throw;
        }
        if (_commits.Count == parts)
            Commit();
    }

    /// <summary>Reads something, and says where the data ends or is damaged.</summary>
    public static T Read<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException($"The saved state ends or is damaged in {name}. Nothing was loaded.", e);
        }
    }

    private void Commit()
    {
        using var noGrad = torch.no_grad();
        foreach (var commit in _commits)
            commit();
        _commits.Clear();
    }
}

/// <summary>A part of a load: the numbers of a group, or the state of a parameter.</summary>
internal readonly record struct StagedPart(StagedLoad Load, int Index, string Name)
{
    public void Stage(Func<Action> read) => Load.Stage(this, read);
}
