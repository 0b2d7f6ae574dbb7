using System.Globalization;
using Shampoo.Generators.Diagnostics;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Parsing;

/// <summary>Whether a solver of inverse roots takes the exponents that are declared, and those that blocks have otherwise.</summary>
internal sealed class ExponentCheck(AttributeReader attribute, SolverTraits solver, double multiplier, IReadOnlyList<(AttributeReader Attribute, DimensionExponent Exponent)> declared)
{
    /// <summary>That of the weight of a three-dimensional convolution: no module of torch has a higher one.</summary>
    private const int HighestOrder = 5;

    /// <summary>Vectors and matrices are in nearly every model; blocks of higher orders need not be.</summary>
    private const int HighestOrdinaryOrder = 2;

    /// <param name="highestOrder">That of the blocks, as far as it is known here.</param>
    public void Check(int highestOrder)
    {
        if (solver.Exponents is not { } exponents) return;
        foreach ((AttributeReader declaration, DimensionExponent exponent) in declared)
            if (!exponents.Contains(multiplier * exponent.Exponent.Value))
                declaration.ReportAt(1, Descriptors.ExponentDoesNotFit, Repair.None, Name, Model.Number.Of(multiplier * exponent.Exponent.Value).Text, exponent.Order, exponents);
        List<int> orders = Enumerable.Range(1, Math.Min(highestOrder, HighestOrder)).Where(d => !IsDeclared(d) && !exponents.Contains(multiplier / (2 * d))).ToList();
        if (orders.Count == 0) return;
        if (multiplier != 1 && orders[0] <= HighestOrdinaryOrder)
            attribute.ReportAt("ExponentMultiplier", Descriptors.ExponentDoesNotFit, AttributeReader.Removing("ExponentMultiplier"),
                Name, Model.Number.Of(multiplier / (2 * orders[0])).Text, orders[0], exponents);
        else
            attribute.ReportAt(0, Descriptors.OrdersDoNotFit, Repair.None.Add(Repair.Instead, "Eigh"),
                Name, string.Join(", ", orders.Select(d => $"{Model.Number.Of(multiplier).Text}/{(2 * d).ToString(CultureInfo.InvariantCulture)} (order {d.ToString(CultureInfo.InvariantCulture)})")), exponents);
    }

    private string Name => $"Solver.{solver.Name}";

    private bool IsDeclared(int order)
    {
        List<int> dimensions = declared.Where(d => d.Exponent.Order == order).Select(static d => d.Exponent.Dimension).ToList();
        return dimensions.Contains(-1) || Enumerable.Range(0, order).All(dimensions.Contains);
    }
}
