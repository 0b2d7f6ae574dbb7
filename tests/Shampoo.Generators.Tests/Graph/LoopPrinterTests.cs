using Shampoo.Generators.Emission;
using Shampoo.Generators.Graph;
using static Shampoo.Generators.Graph.Array;
using static Shampoo.Generators.Graph.Expression;
using Array = Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Tests.Graph;

/// <summary>What vector code and kernels look like for small sweeps.</summary>
public sealed class LoopPrinterTests
{
    private static readonly Scalar S = new("s", "2"), W = new("w", "3");

    private static readonly Sweep Measured = new("Name",
        [
            new Stage("", "",
                new(FilteredGradient, Gradient / S),
                new(Direction, FilteredGradient * (Norm(FirstMoment) / (Norm(MomentumBuffer) + W).As("guarded")).As("scale"))),
            new TakeNorm(Direction),
            new Stage("", "", new Assignment(Parameters, Parameters + S * Direction)),
        ], new HashSet<Array> { FilteredGradient });

    [Fact]
    public void Parentheses_say_what_the_graph_says()
    {
        Prints("first_moment + gradient + parameters", FirstMoment + Gradient + Parameters);
        Prints("first_moment + (gradient + parameters)", FirstMoment + (Gradient + Parameters));
        Prints("first_moment * (gradient + parameters)", FirstMoment * (Gradient + Parameters));
        Prints("first_moment / (gradient / parameters)", FirstMoment / (Gradient / Parameters));
        Prints("first_moment * gradient / parameters", FirstMoment * Gradient / Parameters);
        Prints("first_moment * (gradient * parameters)", FirstMoment * (Gradient * Parameters));
        Prints("s * first_moment + w * gradient * parameters", S * FirstMoment + W * (Gradient * Parameters));
        Prints("s * (w * first_moment)", S * (W * FirstMoment));
        Prints("(first_moment + s) / w", (FirstMoment + S) / W);
        Prints("first_moment / s + w", FirstMoment / S + W);
        Prints("√(first_moment / s) + w", Sqrt(FirstMoment / S) + W);
        Prints("s * √(first_moment)", S * Sqrt(FirstMoment));
    }

    [Fact]
    public void A_sweep_as_vector_code() => Assert.Equal(
        [
            "V s = V.Of(n.s);",
            "var gradient_ = piece[0];",
            "var parameters_ = piece[1];",
            "var filtered_gradient_ = piece[2];",
            "var direction_squares = new global::Shampoo.Runtime.SumOfSquares();",
            "V scale = V.Of(piece.Norm(0) / (piece.Norm(1) + n.w));",
            "for (var i = piece.Start; i < piece.End; i += V.Count)",
            "{",
            "V gradient = V.Load(gradient_, i);",
            "V parameters = V.Load(parameters_, i);",
            "V filtered_gradient = gradient / s;",
            "V direction = filtered_gradient * scale;",
            "V.AddSquares(ref direction_squares, direction);",
            "parameters = parameters + s * direction;",
            "V.Store(filtered_gradient_, i, filtered_gradient);",
            "V.Store(parameters_, i, parameters);",
            "}",
            "piece.AddSquares(2, direction_squares);",
        ], Printed.Body(Measured, Vector));

    [Fact]
    public void A_sweep_as_a_kernel() => Assert.Equal(
        [
            "const real s = (real)a.numbers[0];",
            "const Gradient gradient_ = gradient_of(a);",
            "const Parameters parameters_ = parameters_of(a);",
            "real* filtered_gradient_ = (real*)a.arrays[0];",
            "double direction_squares = 0;",
            "real scale = (real)(norm(a, 0) / (norm(a, 1) + a.numbers[1]));",
            "for (long long i = first(a); i < last(a); i += stride())",
            "{",
            "real gradient = gradient_[i];",
            "real parameters = parameters_[i];",
            "real filtered_gradient = gradient / s;",
            "real direction = filtered_gradient * scale;",
            "direction_squares += square(direction);",
            "parameters = parameters + s * direction;",
            "filtered_gradient_[i] = filtered_gradient;",
            "parameters_[i] = parameters;",
            "}",
            "add_squares(a, 2, direction_squares);",
        ], Printed.Body(Measured, Cuda));

    [Fact]
    public void Values_of_elements_are_named_in_the_loop_inner_ones_first()
    {
        string[] lines = [.. Printed.Body(Of(FirstMoment / (Sqrt(FirstMoment).As("root") + S).As("denominator")), Vector)];
        Assert.Equal(["V root = V.Sqrt(first_moment);", "V denominator = root + s;", "first_moment = first_moment / denominator;"], lines[^5..^2]);
    }

    [Fact]
    public void What_is_only_read_is_constant() => Assert.Contains("const real* direction_ = (real*)a.arrays[1];", Printed.Body(Of(FirstMoment + Direction), Cuda));

    private static void Prints(string formula, Expression value)
    {
        Assert.Contains($"first_moment = {formula.Replace("√", "V.Sqrt", StringComparison.Ordinal)};", Printed.Body(Of(value), Vector));
        Assert.Contains($"first_moment = {formula.Replace("√", "sqrt", StringComparison.Ordinal)};", Printed.Body(Of(value), Cuda));
    }

    private static Sweep Of(Expression value) => new("Name", [new Stage("", "", new Assignment(FirstMoment, value))], new HashSet<Array>());

    private static void Vector(Sweep sweep, SourceWriter writer) => new VectorPrinter(writer).Struct(sweep);

    private static void Cuda(Sweep sweep, SourceWriter writer) => new CudaPrinter(writer).Kernel(sweep);
}
