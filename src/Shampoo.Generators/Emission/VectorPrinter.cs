using Shampoo.Generators.Graph;

namespace Shampoo.Generators.Emission;

/// <summary>Prints sweeps as loops over the elements of pieces of blocks, as many at a time as a vector holds.</summary>
internal sealed class VectorPrinter(SourceWriter writer) : LoopPrinter(writer)
{
    private IReadOnlyList<Graph.Array> _norms = [];

    protected override string Value => "V";

    public void Class(StepGraph graph)
    {
        Writer.Line();
        Writer.Line("/// <summary>The sweeps as vector code, for tensors in this process's memory.</summary>");
        using (Writer.Block($"private sealed class VectorBlocks<T> : Blocks where T : unmanaged, {Names.FloatingPoint}<T>"))
        {
            foreach (Sweep sweep in graph.Sweeps)
                Writer.Line($"private readonly {Names.Runtime}VectorSweep<T, {sweep.Name}Sweep> {Field(sweep)};");
            Writer.Line();
            using (Writer.Block($"public VectorBlocks({Names.Runtime}BlockSlice slice) : base(slice)"))
                foreach (Sweep sweep in graph.Sweeps)
                    foreach (string line in SourceWriter.Lines($"{Field(sweep)} = new(slice, ", BlocksEmitter.Binding(sweep), ");"))
                        Writer.Line(line);
            foreach (Sweep sweep in graph.Sweeps)
                Method(sweep);
        }
    }

    public static string Field(Sweep sweep) => "_" + char.ToLowerInvariant(sweep.Name[0]) + sweep.Name.Substring(1);

    protected override string Load(Graph.Array array) => $"V.Load({array.Name}_, i)";

    protected override string Store(Graph.Array array) => $"V.Store({array.Name}_, i, {array.Name});";

    protected override string Sqrt(string operand) => $"V.Sqrt({operand})";

    protected override string Sign(string operand) => $"V.Sign({operand})";

    protected override string Pow(string operand, Scalar exponent) => $"V.Pow({operand}, n.{exponent.Name})";

    protected override string AddSquares(Graph.Array array) => $"V.AddSquares(ref {Squares(array)}, {array.Name});";

    protected override string PerBlock(Expression value) => $"V.Of({new PerBlockPrinter(static (k, isMean) => $"piece.{(isMean ? "Rms" : "Norm")}({k})", static s => $"n.{s.Name}", "global::System.Math.Max(1, ", _norms).Print(value)})";

    private void Method(Sweep sweep)
    {
        Writer.Line();
        Writer.Line("/// <inheritdoc/>");
        Writer.Line($"public override void {sweep.Name}({sweep.Parameter}) => {Field(sweep)}.Run(new {sweep.Name}Sweep({sweep.Argument}));");
        Writer.Line();
        Struct(sweep);
    }

    /// <summary>Prints a sweep as the struct that a VectorSweep runs.</summary>
    public void Struct(Sweep sweep)
    {
        _norms = sweep.Norms;
        using (Writer.Block($"private readonly struct {sweep.Name}Sweep{(sweep.Scalars.Count > 0 ? "(Numbers n)" : "")} : {Names.Runtime}ISweep<T>"))
        {
            Writer.Line(Names.OptimizedAtOnce);
            Run(sweep);
        }
    }

    private void Run(Sweep sweep)
    {
        using (Writer.Block($"public void Run<V>(in {Names.Runtime}Piece<T> piece) where V : struct, {Names.Runtime}ILanes<V, T>"))
        {
            Numbers(sweep);
            for (int k = 0; k < sweep.InMemory.Count; k++)
                Writer.Line($"var {sweep.InMemory[k].Name}_ = piece[{k}];");
            foreach (Graph.Array array in sweep.TakenNorms)
                Writer.Line($"var {Squares(array)} = new {Names.Runtime}SumOfSquares();");
            PerBlockValues(sweep);
            using (Writer.Block("for (var i = piece.Start; i < piece.End; i += V.Count)"))
                Body(sweep);
            foreach (Graph.Array array in sweep.TakenNorms)
                Writer.Line($"piece.AddSquares({BlocksEmitter.Index(sweep.Norms, array)}, {Squares(array)});");
        }
    }

    private void Numbers(Sweep sweep)
    {
        IReadOnlyList<Scalar> scalars = ElementScalars(sweep);
        if (scalars.Count == 0) return;
        foreach (string line in SourceWriter.Lines("V ", scalars.Select(static s => $"{s.Name} = V.Of(n.{s.Name})"), ";"))
            Writer.Line(line);
    }

    /// <summary>Those that are used for elements, and not only for what a block's elements have in common.</summary>
    public static IReadOnlyList<Scalar> ElementScalars(Sweep sweep) => sweep.Stages
        .SelectMany(static s => s.Assignments).SelectMany(static a => Elements(a.Value)).OfType<WithScalar>().Select(static n => n.Scalar).Distinct().ToList();

    private static IEnumerable<Expression> Elements(Expression value)
    {
        var perBlock = new HashSet<Expression>(value.Nodes().OfType<Named>().Where(static n => n.IsPerBlock).SelectMany(static n => n.Nodes()));
        return value.Nodes().Where(node => !perBlock.Contains(node));
    }
}
