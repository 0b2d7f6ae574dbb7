namespace Shampoo.Generators.Tests.Pairs;

/// <summary>Which two values of two options can stand in one declaration.</summary>
internal sealed class OptionPairs
{
    private readonly Dictionary<(OptionValue, OptionValue), Declared> _declarations = [];
    private readonly Dictionary<OptionValue, Declared[]> _alternatives = [];

    /// <param name="acceptance">The generator.</param>
    public OptionPairs(Acceptance acceptance)
    {
        acceptance.Ask(OptionValues.All.SelectMany(OptionValues.Alternatives));
        foreach (OptionValue value in OptionValues.All)
            _alternatives[value] = [.. OptionValues.Alternatives(value).Where(acceptance.Accepts)];
        List<((OptionValue, OptionValue) Pair, Declared[] Candidates)> open =
            [.. All().Select(pair => (pair, Candidates(pair.Item1, pair.Item2).ToArray())).Where(static p => p.Item2.Length > 0)];
        for (int round = 0; open.Count > 0; round++)
        {
            acceptance.Ask(open.Select(p => p.Candidates[round]));
            foreach (var (pair, candidates) in open.Where(p => acceptance.Accepts(p.Candidates[round])))
                _declarations.Add(pair, candidates[round]);
            open = [.. open.Where(p => !_declarations.ContainsKey(p.Pair) && round + 1 < p.Candidates.Length)];
        }
        Rejected = [.. All().Where(pair => !_declarations.ContainsKey(pair))];
    }

    /// <summary>The pairs that the generator accepts, each with a declaration.</summary>
    public IReadOnlyDictionary<(OptionValue, OptionValue), Declared> Accepted => _declarations;

    /// <summary>The pairs that it rejects in whatever declaration.</summary>
    public IReadOnlyList<(OptionValue, OptionValue)> Rejected { get; }

    /// <summary>The values that it rejects, whatever stands beside them.</summary>
    public IEnumerable<OptionValue> RejectedValues => _alternatives.Where(static a => a.Value.Length == 0).Select(static a => a.Key);

    public bool Meet(OptionValue one, OptionValue other) => one == other || _declarations.ContainsKey((one, other)) || _declarations.ContainsKey((other, one));

    /// <summary>The declarations in which a pair is tried: with what either value needs, and as it is written without anything else.</summary>
    public IEnumerable<Declared> Candidates(OptionValue one, OptionValue other) =>
        (from a in _alternatives[one] from b in _alternatives[other] where a.Admits(b) select a.With(b))
        .Concat(OptionValues.Written(one, other)).Distinct();

    private static IEnumerable<(OptionValue, OptionValue)> All() =>
        OptionValues.All.SelectMany(static (one, i) => OptionValues.All.Skip(i + 1).Where(one.FitsBeside).Select(other => (one, other)));
}
