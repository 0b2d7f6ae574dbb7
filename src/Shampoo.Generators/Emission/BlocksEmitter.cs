using Shampoo.Generators.Graph;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Emission;

/// <summary>The stack of blocks that a step works on: its arrays and norms, and the sweeps, abstract.</summary>
internal sealed class BlocksEmitter(Declaration declaration, StepGraph graph, SourceWriter writer)
{
    private readonly bool _hasState = StateEmitter.HasState(declaration);

    /// <summary>Whether the declaration wants operators on every device.</summary>
    public bool OnlyTorch => declaration.Elementwise == ElementwiseDialect.Torch;

    private IEnumerable<Graph.Array> Arrays(Storage storage) => graph.Sweeps.SelectMany(static s => s.InMemory)
        .Concat(graph.FromStart.Products.SelectMany(static p => p.Inputs.Concat(p.Outputs)))
        .Where(array => array.Storage == storage).Distinct();

    private IReadOnlyList<Graph.Array> Norms => graph.Sweeps.SelectMany(static s => s.Norms).Distinct().ToList();

    /// <summary>The last arguments of a sweep of the dialects that bind it to memory: its arrays, then its norms.</summary>
    public static IEnumerable<string> Binding(Sweep sweep)
    {
        List<string> arrays = sweep.InMemory.Select(array => $"{Reference(array)}.{Access(sweep, array)}()").ToList();
        arrays[0] = "[" + arrays[0];
        arrays[arrays.Count - 1] += "]";
        return [.. arrays, $"[{string.Join(", ", sweep.Norms.Select(static a => a.NormName))}]"];
    }

    /// <summary>What members of the class call an array.</summary>
    public static string Reference(Graph.Array array) => array.Storage == Storage.State ? $"state.{array.Name}" : array.Name;

    public static int Index(IReadOnlyList<Graph.Array> arrays, Graph.Array array) => arrays.ToList().IndexOf(array);

    public void Create()
    {
        writer.Line("/// <inheritdoc/>");
        string create = $"protected override {Names.Runtime}BlockSweeps CreateSweeps({Names.Runtime}BlockSlice slice) =>";
        if (OnlyTorch)
            writer.Line($"{create} new TorchBlocks(slice);");
        else
            CreateDialect(create);
        if (declaration.Elementwise == ElementwiseDialect.Automatic) return;
        writer.Line();
        writer.Line("/// <inheritdoc/>");
        writer.Line($"protected override {Names.Elementwise} DeclaredDialect => {Names.Elementwise}.{declaration.Elementwise};");
    }

    private void CreateDialect(string create)
    {
        using (writer.Block($"{create} slice.Dialect switch", "};"))
        {
            writer.Line($"{Names.Runtime}Dialect.Float32 => new VectorBlocks<float>(slice),");
            writer.Line($"{Names.Runtime}Dialect.Float64 => new VectorBlocks<double>(slice),");
            writer.Line($"{Names.Runtime}Dialect.Cuda => new CudaBlocks(slice),");
            writer.Line("_ => new TorchBlocks(slice),");
        }
        writer.Line();
        writer.Line("/// <inheritdoc/>");
        writer.Line("protected override string CudaText => CudaBlocks.Text;");
    }

    public void Class()
    {
        writer.Line();
        writer.Line("/// <summary>A stack of blocks [blocks, …]: its arrays, and the sweeps over their elements.</summary>");
        using (writer.Block($"private abstract class Blocks : {Names.Runtime}BlockSweeps"))
        {
            if (_hasState) writer.Line("public readonly State state;");
            if (graph.OfSkipped is not null) writer.Line("public readonly bool is_skipped;");
            if (graph.OfLarge is not null) writer.Line("public readonly bool is_large;");
            Fields($"{Names.Runtime}BlockArray", Arrays(Storage.Model).Select(static a => a.Name), "where the model has them");
            Fields($"{Names.Runtime}BlockArray", Arrays(Storage.Exchange).Select(static a => a.Name), "sent to the other ranks");
            Fields($"{Names.Runtime}BlockArray", Arrays(Storage.Intermediate).Select(static a => a.Name), "workspaces");
            Fields($"{Names.Runtime}BlockNorms", Norms.Select(static a => a.NormName), "of every block");
            writer.Line();
            using (writer.Block($"protected Blocks({Names.Runtime}BlockSlice slice) : base(slice)"))
            {
                if (_hasState) writer.Line("state = (State)slice.State;");
                if (graph.OfSkipped is not null) writer.Line("is_skipped = slice.IsSkipped;");
                if (graph.OfLarge is not null) writer.Line("is_large = slice.IsLarge;");
                foreach (Graph.Array array in Arrays(Storage.Model))
                    writer.Line($"{array.Name} = slice.{(array == Graph.Array.Gradient ? "Gradient" : "Parameters")};");
                foreach (Graph.Array array in Arrays(Storage.Exchange))
                    writer.Line($"{array.Name} = slice.Update;");
                foreach (Graph.Array array in Arrays(Storage.Intermediate))
                    writer.Line($"{array.Name} = slice.Workspace(\"{array.Name}\");");
                foreach (Graph.Array array in Norms)
                    writer.Line($"{array.NormName} = slice.Norms(\"{array.NormName}\");");
            }
            foreach (Sweep sweep in graph.Sweeps)
            {
                writer.Line();
                writer.Line($"/// <summary>{string.Join("; ", sweep.Operations.Select(static o => SourceText.Xml(o.Summary)))}</summary>");
                writer.Line($"public abstract void {sweep.Name}({sweep.Parameter});");
            }
        }
    }

    private void Fields(string type, IEnumerable<string> names, string remark)
    {
        List<string> list = names.ToList();
        if (list.Count > 0) writer.Line($"public readonly {type} {string.Join(", ", list)};  // {remark}");
    }

    private static string Access(Sweep sweep, Graph.Array array) =>
        !sweep.Stores.Contains(array) ? "Read" : !sweep.Loads.Contains(array) ? "Write" : "ReadWrite";
}
