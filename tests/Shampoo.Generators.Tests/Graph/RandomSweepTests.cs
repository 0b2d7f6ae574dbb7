using System.Globalization;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shampoo.Generators.Emission;
using Shampoo.Generators.Graph;
using Shampoo.Generators.Tests.Compiling;
using Array = Shampoo.Generators.Graph.Array;

namespace Shampoo.Generators.Tests.Graph;

/// <summary>
/// Random sweeps, printed in all dialects, compiled and run, against the meaning of their expressions, bit by bit: an in-place operator
/// too early, an alias, a lost parenthesis, a value that is not loaded or not stored would show.
/// </summary>
public sealed class RandomSweepTests
{
    private static readonly Sweep[] Sweeps = RandomSweeps();

    [Fact]
    public void Operators_of_torch_compute_what_the_formulas_mean_and_leave_nothing_behind()
    {
        var printed = Compile<Action<string, Dictionary<string, double[]>, Dictionary<string, double>>>("Torch", TorchBlocks(), FakeTorch.Source);
        foreach (Sweep sweep in Sweeps)
            AssertRuns(sweep, (arrays, norms) => printed(sweep.Name, arrays, norms));
    }

    [Fact]
    public void Vector_code_computes_what_the_formulas_mean()
    {
        var printed = Compile<Action<string, double[][], double[]>>("Vector", VectorBlocks(), FakeVector.Source);
        foreach (Sweep sweep in Sweeps)
            AssertRuns(sweep, (arrays, norms) => InOrder(sweep, norms, inOrder => printed(sweep.Name, [.. sweep.InMemory.Select(a => arrays[a.Name])], inOrder)));
    }

    [HostKernelsFact]
    public void Kernels_compute_what_the_formulas_mean()
    {
        var writer = new SourceWriter();
        foreach (Sweep sweep in Sweeps) new CudaPrinter(writer).Kernel(sweep);
        using var kernels = new HostKernels(writer.ToString(), Sweeps.Select(static s => s.Name));
        foreach (Sweep sweep in Sweeps)
            AssertRuns(sweep, (arrays, norms) => InOrder(sweep, norms, inOrder => kernels.Run(sweep.Name,
                arrays[Array.Gradient.Name], arrays[Array.Parameters.Name], [.. sweep.InMemory.Where(static a => a.Storage != Storage.Model).Select(a => arrays[a.Name])],
                inOrder, [.. sweep.Scalars.Select(static s => double.Parse(s.Definition, CultureInfo.InvariantCulture))])));
    }

    private static Sweep[] RandomSweeps()
    {
        var random = new RandomPrograms(20260801);
        return [.. Enumerable.Range(0, 300).Select(random.Sweep)];
    }

    /// <summary>Compares all of memory: what is written and not stored may have any value, and nothing else changes.</summary>
    private static void AssertRuns(Sweep sweep, Action<Dictionary<string, double[]>, Dictionary<string, double>> run)
    {
        var expected = new Machine(RandomPrograms.Elementwise);
        foreach (Array array in RandomPrograms.Elementwise) expected.Norms[array] = expected.NormOf(array) + 1;
        Dictionary<string, double[]> arrays = expected.Memory.ToDictionary(static m => m.Key.Name, static m => (double[])m.Value.Clone());
        Dictionary<string, double> norms = expected.Norms.ToDictionary(static n => n.Key.NormName, static n => n.Value);
        expected.Run(sweep);
        run(arrays, norms);

        IEnumerable<Array> lost = sweep.Operations.SelectMany(static o => o.Writes).Except(sweep.Stores);
        foreach (Array array in RandomPrograms.Elementwise.Except(lost))
            Assert.True(expected.Memory[array].SequenceEqual(arrays[array.Name]), $"{array.Name} after {Text(sweep)}");
        foreach (Array array in RandomPrograms.Elementwise)
            Assert.True(expected.Norms[array].Equals(norms[array.NormName]), $"{array.NormName} after {Text(sweep)}");
    }

    private static void InOrder(Sweep sweep, Dictionary<string, double> norms, Action<double[]> run)
    {
        double[] inOrder = [.. sweep.Norms.Select(a => norms[a.NormName])];
        run(inOrder);
        for (int k = 0; k < inOrder.Length; k++) norms[sweep.Norms[k].NormName] = inOrder[k];
    }

    private static string Text(Sweep sweep)
    {
        var writer = new SourceWriter();
        new TorchPrinter(writer).Method(sweep);
        new CudaPrinter(writer).Kernel(sweep);
        return writer.ToString();
    }

    // ---- what is printed, with what stands around it

    private static string TorchBlocks()
    {
        var writer = new SourceWriter();
        Fields("State", static a => a.Storage == Storage.State);
        Fields("Blocks", static a => a.Storage != Storage.State, "public State state;", string.Concat(RandomPrograms.Elementwise.Select(static a => $"public {Names.Runtime}BlockNorms {a.NormName};")),
            string.Concat(Sweeps.Select(static s => $"public virtual void {s.Name}({s.Parameter}) {{ }}\n")));
        using (writer.Block("public sealed class TorchBlocks : Blocks"))
            foreach (Sweep sweep in Sweeps)
                new TorchPrinter(writer).Method(sweep);
        return writer.ToString();

        void Fields(string type, Func<Array, bool> predicate, params string[] others)
        {
            using (writer.Block($"public class {type}"))
            {
                foreach (Array array in RandomPrograms.Elementwise.Where(predicate))
                    writer.Line($"public {Names.Runtime}{(array.Storage == Storage.Model ? "ModelArray" : "BlockArray")} {array.Name};");
                foreach (string other in others) writer.Line(other);
            }
        }
    }

    private static string VectorBlocks()
    {
        var writer = new SourceWriter();
        using (writer.Block($"public sealed class VectorBlocks<T> where T : unmanaged, {Names.FloatingPoint}<T>"))
            foreach (Sweep sweep in Sweeps)
                new VectorPrinter(writer).Struct(sweep);
        return writer.ToString();
    }

    private static TDelegate Compile<TDelegate>(string type, params string[] sources) where TDelegate : Delegate
    {
        string numbers = $"public struct Numbers {{ {string.Concat(RandomPrograms.Scalars.Select(static s => $"public double {s.Name} => {s.Definition}; "))} }}";
        CSharpCompilation compilation = CSharpCompilation.Create("Printed", sources.Append(numbers).Select(static s => CSharpSyntaxTree.ParseText(s)), References.Framework, new(OutputKind.DynamicallyLinkedLibrary));
        using var stream = new MemoryStream();
        Assert.Empty(compilation.Emit(stream).Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error));
        return Assembly.Load(stream.ToArray()).GetType(type)!.GetMethod("Run")!.CreateDelegate<TDelegate>();
    }
}
