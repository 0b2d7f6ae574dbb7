using static Shampoo.Generators.Graph.Expression;

namespace Shampoo.Generators.Graph;

/// <summary>A formula, and what it means for an array.</summary>
internal sealed record Formula(string Text, Func<Array, Expression> Of);

/// <summary>
/// How a grafting method makes its direction P_g from Ĝ and from V, a sum or an average of <paramref name="Accumulated"/>. Adding a
/// method means adding one to <see cref="All"/>, with the name of its enum member.
/// </summary>
/// <param name="Name">The member of the enum GraftingMethod.</param>
/// <param name="Accumulated">What V accumulates of G; null where P_g is Ĝ itself, and there is no V.</param>
/// <param name="Averages">Whether V is an average with the decay β₂; otherwise a sum.</param>
/// <param name="Corrects">Whether V is divided by 1 − β₂ᵗ.</param>
/// <param name="Layerwise">Whether P gets the length of W in the end, over the whole parameter.</param>
internal sealed record GraftingRule(string Name, Formula? Accumulated = null, bool Averages = false, bool Corrects = false, bool Layerwise = false)
{
    private static readonly Formula Square = new("G²", static g => g * g);
    private static readonly Formula NormalizedSquare = new("(G / ‖G‖)²", static g =>
    {
        Expression unit = (g / (Norm(g) + Numbers.NormFloor).As("gradient_length")).As("unit_gradient");
        return unit * unit;
    });

    public static IReadOnlyList<GraftingRule> All { get; } =
    [
        new("SGD"),
        new("Adagrad", Square),
        new("RMSProp", Square, Averages: true),
        new("Adam", Square, Averages: true, Corrects: true),
        new("NormalizedAdagrad", NormalizedSquare),
        new("NormalizedRMSProp", NormalizedSquare, Averages: true),
        new("NormalizedAdam", NormalizedSquare, Averages: true, Corrects: true),
        new("LARS", Layerwise: true),
        new("LAMB", Square, Averages: true, Corrects: true, Layerwise: true),
    ];

    /// <summary>P_g as a formula over {V}, and as an expression.</summary>
    public (string Text, Func<Array, Expression, Numbers, Expression> Of) Direction { get; init; } =
        ("Ĝ / (√{V} + ε)", static (filtered, moment, numbers) => filtered / (Sqrt(moment) + numbers.GraftingEpsilon).As("denominator"));

    public bool HasSecondMoment => Accumulated is not null;

    public static GraftingRule Of(string name) => All.Single(rule => rule.Name == name);
}
