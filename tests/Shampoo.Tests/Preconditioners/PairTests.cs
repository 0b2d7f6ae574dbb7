namespace Shampoo.Tests.Preconditioners;

/// <summary>What the contract relies on: the pairs cover what they say.</summary>
public sealed class PairTests
{
    [Fact]
    public void EveryTwoValuesOfTwoOptionsMeet()
    {
        string[][] classes = [.. Pairs.Types.Select(Pairs.Values)];
        string[][] options = [.. Enumerable.Range(0, 6).Select(k => classes.Select(values => values[k]).Distinct().ToArray())];
        Assert.Equal([5, 6, 5, 3, 5, 2], options.Select(static values => values.Length));
        for (int a = 0; a < options.Length; a++)
            for (int b = a + 1; b < options.Length; b++)
                foreach (string one in options[a])
                    foreach (string other in options[b])
                        Assert.Contains(classes, values => values[a] == one && values[b] == other);
    }

    [Fact]
    public void EverySolverAndVariantIsThere()
    {
        string[] solvers = [.. Pairs.Types.Select(static t => Pairs.Method(t)).Select(static a => a switch
        {
            RootInverseAttribute r => $"{r.Solver} {r.RankDeficiency}",
            EigendecomposedAttribute e => $"basis {e.Solver} {e.Tolerance > 0}",
            EigenvalueCorrectedAttribute e => $"corrected {e.Solver} {e.Beta2 == 1}",
            SpectralDescentAttribute s => $"orthogonal {s.Solver} {s.ScaleByNuclearNorm}",
            _ => "sign",
        })];
        Assert.Superset(new HashSet<string>
        {
            "Eigh PerturbAfter", "Eigh PseudoInverse", "CoupledNewton PerturbBefore", "CoupledHigherOrder PerturbBefore", "NewtonSchulz PerturbBefore", "MinimaxNewton PerturbBefore",
            "basis Eigh False", "basis Eigh True", "basis QR False", "basis QR True", "corrected Eigh False", "corrected QR True", "corrected QR False",
            "orthogonal NewtonSchulz False", "orthogonal SVD False", "orthogonal SVD True", "sign",
        }, new HashSet<string>(solvers));
    }
}
