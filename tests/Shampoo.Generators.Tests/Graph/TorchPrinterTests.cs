using Shampoo.Generators.Emission;
using Shampoo.Generators.Graph;
using static Shampoo.Generators.Graph.Expression;
using static Shampoo.Generators.Graph.StepGraph;
using Array = Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Tests.Graph;

/// <summary>What is printed for small expressions: in place where that is right, through a copy where it is not.</summary>
public sealed class TorchPrinterTests
{
    private static readonly Scalar S = new("s", "2"), W = new("w", "3");

    [Fact]
    public void A_chain_from_the_target_works_in_place() =>
        Prints(Direction, S * Direction + W * Parameters, "direction.mul_(n.s).add_(parameters, n.w);");

    [Fact]
    public void A_product_is_added_in_one_operator() =>
        Prints(SecondMoment, S * SecondMoment + W * (Gradient * Gradient), "state.grafting_second_moment.mul_(n.s).addcmul_(gradient, gradient, n.w);");

    [Fact]
    public void A_chain_from_elsewhere_is_made_and_copied() =>
        Prints(Direction, Gradient + W * Direction, "using var value = gradient.add(direction, n.w);", "direction.copy_(value);");

    [Fact]
    public void A_target_that_is_read_after_it_has_changed_is_copied() =>
        Prints(Direction, S * Direction + Direction, "using var value = direction.mul(n.s).add_(direction);", "direction.copy_(value);");

    [Fact]
    public void A_target_in_a_product_that_is_added_is_copied() =>
        Prints(Direction, S * Direction + W * (Gradient * Direction), "using var value = direction.mul(n.s).addcmul_(gradient, direction, n.w);", "direction.copy_(value);");

    [Fact]
    public void A_target_inside_an_operand_is_read_before() =>
        Prints(Direction, Direction * Norm(Direction).As("norm"), "using var norm = blocks.Norm(direction);", "direction.mul_(norm);");

    [Fact]
    public void Only_what_was_made_on_the_way_is_changed() =>
        Prints(Direction, Gradient / (Sqrt(SecondMoment / S) + W).As("denominator"),
            "using var denominator = state.grafting_second_moment.div(n.s).sqrt_().add_(n.w);", "using var value = gradient.div(denominator);", "direction.copy_(value);");

    [Fact]
    public void A_copy_is_a_copy() => Prints(Direction, FirstMoment, "direction.copy_(state.first_moment);");

    [Fact]
    public void A_result_that_is_an_existing_array_is_cloned() => PrintsStage(new Stage("Name", "", "", [], FirstMoment), "return state.first_moment.clone();");

    [Fact]
    public void A_result_never_changes_an_existing_array() => PrintsStage(new Stage("Name", "", "", [], S * FirstMoment), "return state.first_moment.mul(n.s);");

    [Fact]
    public void Operands_without_a_name_do_not_clash() =>
        Prints(Direction, Direction * (Gradient + Parameters) * (Gradient * Parameters),
            "using var operand = gradient.mul(parameters);", "using var operand2 = gradient.add(parameters);", "direction.mul_(operand2).mul_(operand);");

    [Fact]
    public void Copies_of_several_assignments_do_not_clash() => PrintsStage(
        new Stage("Name", "", "", [new(Direction, Gradient + Direction), new(FirstMoment, Gradient + FirstMoment)]),
        "using var value = gradient.add(direction);", "direction.copy_(value);", "using var value2 = gradient.add(state.first_moment);", "state.first_moment.copy_(value2);");

    [Fact]
    public void A_stage_is_called_with_what_it_uses()
    {
        Assert.Equal("Name(state, gradient, n)", TorchPrinter.Call(new Stage("Name", "", "", [new(FirstMoment, S * FirstMoment + Gradient)])));
        Assert.Equal("Name(blocks, direction)", TorchPrinter.Call(new Stage("Name", "", "", [new(Direction, Direction / Norm(Direction))])));
    }

    private static void Prints(Array target, Expression value, params string[] lines) => PrintsStage(new Stage("Name", "", "", [new(target, value)]), lines);

    private static void PrintsStage(Stage stage, params string[] lines)
    {
        var writer = new SourceWriter();
        new TorchPrinter(writer).Body(stage);
        Assert.Equal(lines, writer.ToString().TrimEnd('\n').Split('\n'));
    }
}
