using System.Globalization;
using Shampoo.Generators.Graph;
using Shampoo.Generators.Model;

namespace Shampoo.Generators.Emission;

/// <summary>
/// Prints sweeps as the text of CUDA kernels: one thread block goes through one chunk of a block. What the text uses beside the
/// language is defined by the runtime's prelude.
/// </summary>
internal sealed class CudaPrinter(SourceWriter writer, Precision moments = Precision.SameAsParameter, Precision communication = Precision.SameAsParameter) : LoopPrinter(writer)
{
    private Sweep _sweep = null!;

    protected override string Value => "real";

    public void Class(StepGraph graph)
    {
        Writer.Line();
        Writer.Line("/// <summary>The sweeps as CUDA kernels.</summary>");
        using (Writer.Block("private sealed class CudaBlocks : Blocks"))
        {
            foreach (Sweep sweep in graph.Sweeps)
                Writer.Line($"private readonly {Names.Runtime}CudaSweep {VectorPrinter.Field(sweep)};");
            Writer.Line();
            using (Writer.Block($"public CudaBlocks({Names.Runtime}BlockSlice slice) : base(slice)"))
                foreach (Sweep sweep in graph.Sweeps)
                    foreach (string line in SourceWriter.Lines($"{VectorPrinter.Field(sweep)} = new(slice, \"{sweep.Name}\", ", BlocksEmitter.Binding(sweep), ");"))
                        Writer.Line(line);
            foreach (Sweep sweep in graph.Sweeps)
            {
                Writer.Line();
                Writer.Line("/// <inheritdoc/>");
                foreach (string line in SourceWriter.Lines($"public override void {sweep.Name}({sweep.Parameter}) => {VectorPrinter.Field(sweep)}.Run([", sweep.Scalars.Select(static s => $"n.{s.Name}"), "]);"))
                    Writer.Line(line);
            }
            Writer.Line();
            Writer.Line("/// <summary>The kernels, one for each sweep.</summary>");
            Writer.Line("public const string Text = \"\"\"");
            using (Writer.Indented())
            {
                foreach (Sweep sweep in graph.Sweeps)
                {
                    if (sweep != graph.Sweeps[0]) Writer.Line();
                    Kernel(sweep);
                }
                Writer.Line("\"\"\";");
            }
        }
    }

    protected override string Load(Graph.Array array) => Type(array) == Value ? $"{array.Name}_[i]" : $"load({array.Name}_[i])";

    protected override string Store(Graph.Array array) => Type(array) == Value ? $"{array.Name}_[i] = {array.Name};" : $"store({array.Name}_[i], {array.Name});";

    protected override string Sqrt(string operand) => $"sqrt({operand})";

    protected override string Sign(string operand) => $"sign({operand})";

    protected override string Pow(string operand, Scalar exponent) => $"pow({operand}, (real)a.numbers[{Index(exponent)}])";

    protected override string AddSquares(Graph.Array array) => $"{Squares(array)} += square({array.Name});";

    protected override string PerBlock(Expression value) =>
        $"(real)({new PerBlockPrinter(static (k, isMean) => $"{(isMean ? "rms" : "norm")}(a, {k})", s => $"a.numbers[{Index(s)}]", "at_least_one(", _sweep.Norms).Print(value)})";

    /// <summary>Prints a sweep as a kernel.</summary>
    public void Kernel(Sweep sweep)
    {
        _sweep = sweep;
        using (Writer.Block($"extern \"C\" __global__ void {sweep.Name}(const Arguments a)"))
        {
            foreach (Scalar scalar in VectorPrinter.ElementScalars(sweep))
                Writer.Line($"const real {scalar.Name} = (real)a.numbers[{Index(scalar)}];");
            int stacked = 0;
            foreach (Graph.Array array in sweep.InMemory)
                Writer.Line(Pointer(array, sweep.Stores.Contains(array), ref stacked));
            foreach (Graph.Array array in sweep.TakenNorms)
                Writer.Line($"double {Squares(array)} = 0;");
            PerBlockValues(sweep);
            using (Writer.Block("for (long long i = first(a); i < last(a); i += stride())"))
                Body(sweep);
            foreach (Graph.Array array in sweep.TakenNorms)
                Writer.Line($"add_squares(a, {BlocksEmitter.Index(sweep.Norms, array)}, {Squares(array)});");
        }
    }

    /// <summary>The type that an array is stored in.</summary>
    private string Type(Graph.Array array) => (array.Storage == Storage.Exchange ? communication : array.IsMoment ? moments : Precision.SameAsParameter) switch
    {
        Precision.SameAsParameter => Value,
        Precision.Float32 => "float",
        Precision.Float64 => "double",
        Precision.BFloat16 => "bfloat16",
        _ => "float16",
    };

    private string Pointer(Graph.Array array, bool written, ref int stacked) => array.Storage == Storage.Model
        ? array == Graph.Array.Gradient ? "const Gradient gradient_ = gradient_of(a);" : "const Parameters parameters_ = parameters_of(a);"
        : $"{(written ? "" : "const ")}{Type(array)}* {array.Name}_ = ({Type(array)}*)a.arrays[{(stacked++).ToString(CultureInfo.InvariantCulture)}];";

    private string Index(Scalar scalar) => _sweep.Scalars.ToList().IndexOf(scalar).ToString(CultureInfo.InvariantCulture);
}
