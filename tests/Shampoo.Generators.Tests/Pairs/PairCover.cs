namespace Shampoo.Generators.Tests.Pairs;

/// <summary>Declarations in which every two values meet that may: each begins with a pair that has not met, and takes in what closes the most pairs.</summary>
internal static class PairCover
{
    public static IReadOnlyList<Declared> Of(OptionPairs pairs, Acceptance acceptance)
    {
        var open = pairs.Accepted.Keys.ToHashSet();
        var cover = new List<Declared>();
        foreach (var (pair, declaration) in pairs.Accepted)
        {
            if (!open.Contains(pair)) continue;
            Declared grown = Grow(declaration, pairs, open, acceptance);
            open.ExceptWith(Met(grown));
            cover.Add(grown);
        }
        return cover;
    }

    /// <summary>The pairs of values of a declaration, in the order of all values.</summary>
    public static IEnumerable<(OptionValue, OptionValue)> Met(Declared declaration)
    {
        OptionValue[] values = [.. OptionValues.All.Where(declaration.Values.Contains)];
        return values.SelectMany((one, i) => values.Skip(i + 1).Select(other => (one, other)));
    }

    private static Declared Grow(Declared declaration, OptionPairs pairs, HashSet<(OptionValue, OptionValue)> open, Acceptance acceptance)
    {
        var refused = new HashSet<OptionValue>();
        while (true)
        {
            var best = OptionValues.All
                .Where(value => !refused.Contains(value) && !declaration.Values.Contains(value) && declaration.Admits(value) && declaration.Values.All(v => pairs.Meet(v, value)))
                .Select(value => (Value: value, Count: declaration.Values.Count(v => open.Contains((v, value)) || open.Contains((value, v)))))
                .Where(static c => c.Count > 0).DefaultIfEmpty().MaxBy(static c => c.Count);
            if (best.Value is null) return declaration;
            Declared grown = declaration.With(best.Value);
            if (acceptance.Accepts(grown)) declaration = grown;
            else refused.Add(best.Value);
        }
    }
}
