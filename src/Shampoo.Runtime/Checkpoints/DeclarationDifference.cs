namespace Shampoo.Runtime;

/// <summary>What differs between two declarations, each in the form of <see cref="BlockedOptions.Declaration"/>: <c>Name(argument, …); Name; …</c>.</summary>
internal static class DeclarationDifference
{
    /// <summary>The options that differ, for a message.</summary>
    public static string Describe(string saved, string own)
    {
        var (savedParts, ownParts) = (Parts(saved), Parts(own));
        var lost = savedParts.Except(ownParts).ToList();
        var added = ownParts.Except(savedParts).ToList();
        var differences = new List<string>();
        foreach (var part in lost)
        {
            var index = added.FindIndex(other => Head(other) == Head(part));
            differences.Add(index < 0 ? $"it had {part}, this one has not" : Compare(part, added[index]));
            if (index >= 0)
                added.RemoveAt(index);
        }
        differences.AddRange(added.Select(part => $"it had no {Head(part)}, this one has {part}"));
        return differences.Count > 0 ? string.Join("; ", differences) : "the same options in another order";
    }

    private static string[] Parts(string declaration) => declaration.Split("; ", StringSplitOptions.RemoveEmptyEntries);

    private static string Head(string part) => part.Split('(')[0];

    // Only the arguments that differ, where both have the same ones.
    private static string Compare(string saved, string own)
    {
        var (savedArguments, ownArguments) = (Arguments(saved), Arguments(own));
        var different = savedArguments.Length != ownArguments.Length
            ? [(saved, own)]
            : savedArguments.Zip(ownArguments).Where(pair => pair.First != pair.Second).ToArray();
        return $"{Head(saved)}: it had {string.Join(", ", different.Select(pair => pair.Item1))}, this one has {string.Join(", ", different.Select(pair => pair.Item2))}";
    }

    private static string[] Arguments(string part)
    {
        var open = part.IndexOf('(');
        return open < 0 ? [] : part[(open + 1)..].TrimEnd(')').Split(", ");
    }
}
