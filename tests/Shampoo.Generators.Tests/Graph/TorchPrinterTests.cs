using Shampoo.Generators.Emission;
using Shampoo.Generators.Graph;
using static Shampoo.Generators.Graph.Array;
using static Shampoo.Generators.Graph.Expression;
using Array = Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Tests.Graph;

/// <summary>What is printed for small sweeps: in place where that is right, through a new tensor where it is not.</summary>
public sealed class TorchPrinterTests
{
    private static readonly Scalar S = new("s", "2"), W = new("w", "3");

    [Fact]
    public void A_chain_from_the_target_works_in_place() => Prints(FirstMoment, S * FirstMoment + W * Gradient, "first_moment.mul_(s).add_(gradient, w);");

    [Fact]
    public void A_product_is_added_in_one_operator() => Prints(SecondMoment, S * SecondMoment + W * (Gradient * Gradient), "grafting_second_moment.mul_(s).addcmul_(gradient, gradient, w);");

    [Fact]
    public void A_product_without_a_weight_is_added_with_the_weight_one() => PrintsSweep(
        [Stage(SecondMoment, SecondMoment + Gradient * Gradient)],
        "using global::TorchSharp.Scalar one = 1;",
        "var gradient = this.gradient.Stack();",
        "var grafting_second_moment = state.grafting_second_moment.Stack();",
        "grafting_second_moment.addcmul_(gradient, gradient, one);");

    [Fact]
    public void A_chain_from_elsewhere_is_made_and_copied() => Prints(FirstMoment, Gradient + W * FirstMoment, "using var value = gradient.add(first_moment, w);", "first_moment.copy_(value);");

    [Fact]
    public void A_target_that_is_read_after_it_has_changed_is_copied() =>
        Prints(FirstMoment, S * FirstMoment + FirstMoment, "using var value = first_moment.mul(s).add_(first_moment);", "first_moment.copy_(value);");

    [Fact]
    public void A_target_in_a_product_that_is_added_is_copied() =>
        Prints(FirstMoment, S * FirstMoment + W * (Gradient * FirstMoment), "using var value = first_moment.mul(s).addcmul_(gradient, first_moment, w);", "first_moment.copy_(value);");

    [Fact]
    public void A_target_inside_an_operand_is_read_before() =>
        Prints(FirstMoment, FirstMoment * Sqrt(FirstMoment).As("root"), "using var root = first_moment.sqrt();", "first_moment.mul_(root);");

    [Fact]
    public void An_array_that_is_only_needed_within_the_sweep_is_disposed() => PrintsSweep(
        [Stage(Direction, Gradient / (Sqrt(SecondMoment / S) + W).As("denominator"))],
        "using global::TorchSharp.Scalar w = n.w, s = n.s;",
        "var gradient = this.gradient.Stack();",
        "var grafting_second_moment = state.grafting_second_moment.Stack();",
        "using var denominator = grafting_second_moment.div(s).sqrt_().add_(w);",
        "using var direction = gradient.div(denominator);");

    [Fact]
    public void An_array_that_lives_on_belongs_to_the_slice() => PrintsSweep(
        [Stage(FilteredGradient, FirstMoment / S)], [FilteredGradient],
        "using global::TorchSharp.Scalar s = n.s;",
        "var first_moment = state.first_moment.Stack();",
        "this.filtered_gradient.Adopt(first_moment.div(s));");

    [Fact]
    public void A_copy_that_lives_on_is_no_other_name() => PrintsSweep(
        [Stage(Direction, FirstMoment), new TakeNorm(Direction)], [Direction],
        "var first_moment = state.first_moment.Stack();",
        "var direction = this.direction.Adopt(first_moment.clone());",
        "direction_norm.Take(direction);");

    [Fact]
    public void A_workspace_that_has_values_already_is_worked_on_in_place() => PrintsSweep(
        [Stage(Direction, Direction + W * Parameters)], [Direction],
        "using global::TorchSharp.Scalar w = n.w;",
        "var parameters = this.parameters.Stack();",
        "var direction = this.direction.Stack();",
        "direction.add_(parameters, w);");

    [Fact]
    public void Parameters_are_updated_where_they_are() => PrintsSweep(
        [Stage(Parameters, Parameters + S * Direction)],
        "using global::TorchSharp.Scalar s = n.s;",
        "var direction = this.direction.Stack();",
        "this.parameters.Add(direction, s);");

    [Fact]
    public void Norms_are_taken_and_used_as_tensors()
    {
        PrintsSweep([new TakeNorm(Direction)], "var direction = this.direction.Stack();", "direction_norm.Take(direction);");
        Prints(FirstMoment, FirstMoment * (Norm(Gradient) / (Norm(Direction) + W).As("guarded")).As("scale"),
            "using var guarded = direction_norm.Tensor.add(w);", "using var scale = gradient_norm.Tensor.div(guarded);", "first_moment.mul_(scale);");
    }

    [Fact]
    public void Operands_without_a_name_do_not_clash() =>
        Prints(FirstMoment, FirstMoment * (Gradient + Parameters) * (Gradient * Parameters),
            "using var operand = gradient.mul(parameters);", "using var operand2 = gradient.add(parameters);", "first_moment.mul_(operand2).mul_(operand);");

    [Fact]
    public void Copies_of_several_assignments_do_not_clash() => PrintsSweep(
        [new Stage("", "", new(MomentumBuffer, Gradient + MomentumBuffer), new(FirstMoment, Gradient + FirstMoment))],
        "var gradient = this.gradient.Stack();", "var momentum_buffer = state.momentum_buffer.Stack();", "var first_moment = state.first_moment.Stack();",
        "using var value = gradient.add(momentum_buffer);", "momentum_buffer.copy_(value);", "using var value2 = gradient.add(first_moment);", "first_moment.copy_(value2);");

    private static Stage Stage(Array target, Expression value) => new("", "", new Assignment(target, value));

    /// <summary>Compares the lines after those that fetch scalars and stacks.</summary>
    private static void Prints(Array target, Expression value, params string[] lines) => Assert.Equal(lines, Lines([Stage(target, value)], [])
        .Where(static line => !line.Contains(".Stack()", StringComparison.Ordinal) && !line.StartsWith("using global", StringComparison.Ordinal)));

    private static void PrintsSweep(Elementwise[] operations, params string[] lines) => PrintsSweep(operations, [], lines);

    private static void PrintsSweep(Elementwise[] operations, Array[] liveAfter, params string[] lines) => Assert.Equal(lines, Lines(operations, liveAfter));

    private static IEnumerable<string> Lines(Elementwise[] operations, Array[] liveAfter) =>
        Printed.Body(new Sweep("Name", operations, liveAfter.ToHashSet()), static (sweep, writer) => new TorchPrinter(writer).Method(sweep));
}
