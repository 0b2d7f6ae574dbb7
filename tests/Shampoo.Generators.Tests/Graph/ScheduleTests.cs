using Shampoo.Generators.Graph;
using static Shampoo.Generators.Graph.Array;
using static Shampoo.Generators.Graph.Expression;
using Array = Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Tests.Graph;

/// <summary>A schedule computes what the program computes, in as few sweeps as there can be.</summary>
public sealed class ScheduleTests
{
    private static readonly Scalar S = new("s", "2"), Guard = new("guard", "0.5");

    private static readonly Stage
        Filter = new("filter", "", new(FirstMoment, S * FirstMoment + Gradient), new(FilteredGradient, FirstMoment / S)),
        Statistic = new("statistic", "", new Assignment(SecondMoment, SecondMoment + Gradient * Gradient)),
        Graft = new("graft", "", new Assignment(GraftingDirection, FilteredGradient / Sqrt(SecondMoment))),
        Scale = new("scale", "", new Assignment(Direction, Direction * (Norm(GraftingDirection) / (Norm(Direction) + Guard)).As("scale"))),
        ScaleByFiltered = new("scale", "", new Assignment(Direction, Direction * (Norm(FilteredGradient) / (Norm(Direction) + Guard)).As("scale"))),
        Decay = new("decay", "", new Assignment(DecayedGradient, Gradient + S * Parameters)),
        Apply = new("apply", "", new Assignment(Parameters, Parameters + S * Direction));

    private static readonly Product
        Accumulate = new(ProductKind.Accumulate, "accumulate", "", [Gradient, FactorMatrices], [FactorMatrices]),
        AccumulateDecayed = new(ProductKind.Accumulate, "accumulate", "", [DecayedGradient, FactorMatrices], [FactorMatrices]),
        Refresh = new(ProductKind.Refresh, "refresh", "", [FactorMatrices], [InverseRoots]),
        Precondition = new(ProductKind.Precondition, "precondition", "", [FilteredGradient, InverseRoots], [Direction]),
        PreconditionGradient = new(ProductKind.Precondition, "precondition", "", [Gradient, InverseRoots], [Direction]),
        PreconditionDecayed = new(ProductKind.Precondition, "precondition", "", [DecayedGradient, InverseRoots], [Direction]);

    [Fact]
    public void Random_programs_compute_in_sweeps_what_they_compute_in_order()
    {
        var random = new RandomPrograms(20260901);
        for (int p = 0; p < 3000; p++)
        {
            List<Operation> program = random.Program(stages: 1 + random.Next(12), products: random.Next(5));
            Machine inOrder = new(RandomPrograms.All), inSweeps = inOrder.Copy();
            inOrder.Run(program);
            inSweeps.Run(new Schedule(program));
            foreach (Array array in RandomPrograms.All.Where(static a => a.Storage != Storage.Intermediate))
            {
                Assert.All(inOrder.Memory[array], static x => Assert.True(double.IsFinite(x)));
                Assert.True(inOrder.Memory[array].SequenceEqual(inSweeps.Memory[array]), $"{array.Name} in {string.Join("\n", program)}");
            }
        }
    }

    [Fact]
    public void There_are_as_few_sweeps_as_there_can_be()
    {
        var random = new RandomPrograms(20260902);
        int[] seen = new int[6];
        for (int p = 0; p < 1500; p++)
        {
            List<Operation> program = random.Program(stages: 1 + random.Next(5), products: random.Next(3));
            int fewest = FewestSweeps.Of(program);
            seen[fewest]++;
            Assert.True(fewest == new Schedule(program).Sweeps.Count, string.Join("\n", program));
        }
        Assert.All(seen[1..5], static count => Assert.True(count > 10, "There should be programs of one to four sweeps."));
    }

    [Fact]
    public void Grafting_over_roots_prepares_then_measures_then_updates() => Runs(
        [Accumulate, Statistic, Refresh, Filter, Precondition, Graft, Scale, Apply],
        "accumulate, refresh", "Prepare: statistic, filter, graft, ‖P_g‖", "precondition", "Measure: ‖P‖", "Update: scale, apply");

    [Fact]
    public void Norms_that_are_known_together_are_taken_together() => Runs(
        [Accumulate, Refresh, PreconditionGradient, new Stage("scale", "", new Assignment(Direction, Direction * (Norm(Gradient) / (Norm(Direction) + Guard)).As("scale"))), Apply],
        "accumulate, refresh, precondition", "Measure: ‖G‖, ‖P‖", "Update: scale, apply");

    [Fact]
    public void A_filter_is_measured_where_it_is_made() => Runs(
        [Filter, Precondition, ScaleByFiltered, Apply],
        "Prepare: filter, ‖Ĝ‖", "precondition", "Measure: ‖P‖", "Update: scale, apply");

    [Fact]
    public void What_no_product_needs_is_one_sweep() => Runs(
        [Statistic, Filter, new Stage("graft", "", new Assignment(Direction, FilteredGradient / Sqrt(SecondMoment))), Apply],
        "Update: statistic, filter, graft, apply");

    [Fact]
    public void Products_wait_for_what_they_read() => Runs(
        [Decay, AccumulateDecayed, Refresh, PreconditionDecayed, Apply],
        "Prepare: decay", "accumulate, refresh, precondition", "Update: apply");

    [Fact]
    public void Sweeps_do_not_wait_for_products_that_they_do_not_read() => Runs(
        [Decay, AccumulateDecayed, new Stage("copy", "", new Assignment(Direction, DecayedGradient)), Apply],
        "Update: decay, copy, apply", "accumulate");

    [Fact]
    public void A_statistic_runs_with_the_update_if_that_is_the_only_sweep() => Runs(
        [Accumulate, Statistic, Refresh, PreconditionGradient, Apply],
        "accumulate, refresh, precondition", "Update: statistic, apply");

    [Fact]
    public void Several_sweeps_of_a_kind_are_numbered() => Runs(
        [
            Filter, new Stage("once", "", new Assignment(Direction, FilteredGradient / Norm(FilteredGradient).As("scale"))),
            new Stage("twice", "", new Assignment(Direction, Direction / Norm(Direction).As("scale"))), Apply,
        ],
        "Prepare: filter, ‖Ĝ‖", "Prepare2: once, ‖P‖", "Update: twice, apply");

    /// <summary>The norms of one array have one place.</summary>
    [Fact]
    public void A_norm_is_not_taken_again_where_the_old_one_is_used() => Runs(
        [
            new Stage("once", "", new Assignment(Direction, Direction / Norm(Direction).As("scale"))),
            new Stage("use", "", new Assignment(FirstMoment, FirstMoment / Norm(Direction).As("scale"))),
        ],
        "Measure: ‖P‖", "Prepare: once", "Measure2: ‖P‖", "Update: use");

    [Fact]
    public void Only_what_lives_on_is_stored()
    {
        IReadOnlyList<Sweep> sweeps = new Schedule([Statistic, Filter, Precondition, Graft, Scale, Apply]).Sweeps;
        Assert.Equal([Gradient, SecondMoment, FirstMoment], sweeps[0].Loads);
        Assert.Equal([SecondMoment, FirstMoment, FilteredGradient], sweeps[0].Stores);
        Assert.Equal([Parameters, Direction], sweeps[2].Loads);
        Assert.Equal([Parameters], sweeps[2].Stores);
        Assert.Equal([GraftingDirection, Direction], sweeps[2].UsedNorms);
    }

    /// <summary>A line for the products between two sweeps, and one for each sweep.</summary>
    private static void Runs(Operation[] program, params string[] lines)
    {
        var schedule = new Schedule(program);
        var actual = new List<string>();
        for (int s = 0; s <= schedule.Sweeps.Count; s++)
        {
            if (s > 0) actual.Add($"{schedule.Sweeps[s - 1].Name}: {string.Join(", ", schedule.Sweeps[s - 1].Operations.Select(static o => o.Summary.Replace(" of every block", "", StringComparison.Ordinal)))}");
            string products = string.Join(", ", schedule.ProductsAfter(s).Select(static p => p.Summary));
            if (products != "") actual.Add(products);
        }
        Assert.Equal(lines, actual);
    }
}
