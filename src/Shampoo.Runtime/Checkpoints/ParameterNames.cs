using System.Text;

namespace Shampoo.Runtime;

/// <summary>Finds the parameters of an optimizer in a checkpoint.</summary>
internal static class ParameterNames
{
    private const int Hints = 20;

    /// <summary>The parameter of the checkpoint for each one of the optimizer, by name.</summary>
    /// <param name="saved">The names in the checkpoint.</param>
    /// <param name="own">The names in the optimizer; none is there twice.</param>
    /// <param name="rename">From names in the checkpoint to names in the optimizer; null for none.</param>
    /// <param name="path">The checkpoint, for messages.</param>
    /// <returns>From names in the optimizer to names in the checkpoint.</returns>
    /// <exception cref="ArgumentException"><paramref name="rename"/> has a name that the checkpoint has not, or gives two parameters one name.</exception>
    /// <exception cref="InvalidDataException">Some are in one of the two only; the message names all of them.</exception>
    public static Dictionary<string, string> Match(
        IReadOnlyCollection<string> saved, IReadOnlyCollection<string> own, IReadOnlyDictionary<string, string>? rename, string path)
    {
        rename ??= new Dictionary<string, string>();
        if (rename.Keys.Except(saved).ToArray() is { Length: > 0 } unknown)
            throw new ArgumentException($"'{path}' has no parameters of these names, which are to be renamed: {Quote(unknown, saved)}.", nameof(rename));
        var matched = new Dictionary<string, string>();
        foreach (var name in saved)
        {
            var renamed = rename.GetValueOrDefault(name, name);
            if (!matched.TryAdd(renamed, name))
                throw new ArgumentException($"Two parameters of '{path}' would be called '{renamed}': '{matched[renamed]}' and '{name}'.", nameof(rename));
        }
        var missing = own.Except(matched.Keys).ToArray();
        var left = matched.Keys.Except(own).ToArray();
        return missing.Length + left.Length == 0 ? matched : throw new InvalidDataException(Describe(path, missing, left));
    }

    private static string Describe(string path, string[] missing, string[] left)
    {
        var text = new StringBuilder($"'{path}' was saved for other parameters. Nothing was loaded.");
        if (missing.Length > 0)
            text.Append($"\n  not in the checkpoint: {Quote(missing, left)}");
        if (left.Length > 0)
            text.Append($"\n  not in this optimizer: {Quote(left, [])}");
        if (missing.Length > 0 && left.Length > 0)
            text.Append("\nWhere parameters have new names only, give load_checkpoint the argument rename: from the names in the checkpoint to those of now.");
        return text.ToString();
    }

    private static string Quote(string[] names, IReadOnlyCollection<string> others) => string.Join(", ", names.Select((name, i) =>
        i < Hints && ClosestName.Find(name, others) is { } closest ? $"'{name}' (there is '{closest}')" : $"'{name}'"));
}
