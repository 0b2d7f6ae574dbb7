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
/// Random stages, printed, compiled and run, against the meaning of their expressions: an in-place operator too early, an alias,
/// a tensor that is disposed twice or never would show.
/// </summary>
public sealed class RandomStageTests
{
    private const int Stages = 1000, Elements = 3;

    private static readonly Array[] Arrays = [StepGraph.Gradient, StepGraph.Parameters, StepGraph.Direction, StepGraph.FirstMoment, StepGraph.Momentum];

    private static readonly Scalar[] Scalars = [new("s", "0.75"), new("w", "1.25")];

    private readonly Random _random = new(20260801);

    [Fact]
    public void Printed_stages_compute_what_they_mean_and_leave_nothing_behind()
    {
        Stage[] stages = [.. Enumerable.Range(0, Stages).Select(RandomStage)];
        Assembly assembly = Compile(stages);
        foreach (Stage stage in stages)
        {
            Dictionary<string, double[]> expected = Values(), actual = Values();
            double[]? result = Evaluate(stage, expected), returned = Run(assembly, stage, actual);
            AssertClose(result, returned, stage);
            foreach (Array array in Arrays) AssertClose(expected[array.Name], actual[array.Name], stage);
        }
    }

    private static Dictionary<string, double[]> Values() => Arrays.Select(static (array, i) => (array, i))
        .ToDictionary(static a => a.array.Name, static a => Enumerable.Range(0, Elements).Select(e => 0.6 + 0.17 * a.i + 0.31 * e).ToArray());

    private static void AssertClose(double[]? expected, double[]? actual, Stage stage)
    {
        Assert.Equal(expected?.Length, actual?.Length);
        foreach ((double e, double a) in (expected ?? []).Zip(actual ?? []))
            Assert.True(e == a || Math.Abs(e - a) <= 1e-12 * Math.Abs(e), $"{stage}: {a} instead of {e}");
    }

    // ---- what a stage means

    private static double[]? Evaluate(Stage stage, Dictionary<string, double[]> arrays)
    {
        foreach (Assignment assignment in stage.Assignments)
            arrays[assignment.Target.Name] = Evaluate(assignment.Value, arrays);
        return stage.Result is null ? null : Evaluate(stage.Result, arrays);
    }

    private static double[] Evaluate(Expression node, Dictionary<string, double[]> arrays) => node switch
    {
        Array array => arrays[array.Name],
        Named named => Evaluate(named.Value, arrays),
        SquareRoot root => [.. Evaluate(root.Operand, arrays).Select(Math.Sqrt)],
        BlockNorm norm => [.. Enumerable.Repeat(Math.Sqrt(Evaluate(norm.Operand, arrays).Sum(static x => x * x)), Elements)],
        WithScalar scaled => [.. Evaluate(scaled.Operand, arrays).Select(x => Apply(scaled.Operation, x, double.Parse(scaled.Scalar.Definition, CultureInfo.InvariantCulture)))],
        Binary binary => [.. Evaluate(binary.Left, arrays).Zip(Evaluate(binary.Right, arrays), (x, y) => Apply(binary.Operation, x, y))],
        _ => throw new NotSupportedException(node.ToString()),
    };

    private static double Apply(Operation operation, double x, double y) => operation switch
    {
        Operation.Add => x + y,
        Operation.Multiply => x * y,
        _ => x / y,
    };

    // ---- random stages; arrays are positive and stay so

    private Stage RandomStage(int number)
    {
        Assignment[] assignments = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => new Assignment(Pick(Arrays), RandomExpression(3)))];
        return new Stage($"Stage{number}", "", "", assignments, assignments.Length == 0 || _random.Next(2) == 0 ? RandomExpression(3) : null);
    }

    private Expression RandomExpression(int depth) => (depth == 0 ? 0 : _random.Next(9)) switch
    {
        0 or 1 => Pick(Arrays),
        2 => new WithScalar(Pick(Enum.GetValues<Operation>()), RandomExpression(depth - 1), Pick(Scalars)),
        3 => Expression.Sqrt(RandomExpression(depth - 1)),
        4 => RandomExpression(depth - 1).As(Pick(["one", "two"])),
        // A norm has one element a block; it stands where it is broadcast, on the right.
        5 => new Binary(Pick(Enum.GetValues<Operation>()), RandomExpression(depth - 1), Expression.Norm(RandomExpression(depth - 1))),
        6 => RandomExpression(depth - 1) + Pick(Scalars) * (RandomExpression(depth - 1) * RandomExpression(depth - 1)),
        _ => new Binary(Pick(Enum.GetValues<Operation>()), RandomExpression(depth - 1), RandomExpression(depth - 1)),
    };

    private T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    // ---- running what is printed

    private static Assembly Compile(IEnumerable<Stage> stages)
    {
        var writer = new SourceWriter();
        using (writer.Block("public static class Printed"))
            foreach (Stage stage in stages)
                new TorchPrinter(writer).Method(stage);
        CSharpCompilation compilation = CSharpCompilation.Create("Printed",
            [CSharpSyntaxTree.ParseText(FakeTorch.Source), CSharpSyntaxTree.ParseText(writer.ToString())], References.Framework, new(OutputKind.DynamicallyLinkedLibrary));
        using var stream = new MemoryStream();
        Assert.Empty(compilation.Emit(stream).Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error));
        return Assembly.Load(stream.ToArray());
    }

    private static double[]? Run(Assembly assembly, Stage stage, Dictionary<string, double[]> arrays)
    {
        Type tensor = assembly.GetType("TorchSharp.torch+Tensor")!;
        Dictionary<string, object> tensors = arrays.ToDictionary(static a => a.Key, a => Activator.CreateInstance(tensor, a.Value)!);
        object state = Activator.CreateInstance(assembly.GetType("State")!)!;
        foreach (string name in tensors.Keys.Where(static n => n.StartsWith("state.", StringComparison.Ordinal)))
            state.GetType().GetField(name["state.".Length..])!.SetValue(state, tensors[name]);
        MethodInfo method = assembly.GetType("Printed")!.GetMethod(stage.Name, BindingFlags.Static | BindingFlags.NonPublic)!;
        FieldInfo alive = tensor.GetField("Alive")!;
        int before = (int)alive.GetValue(null)!;
        object? result = method.Invoke(null, [.. method.GetParameters().Select(p => p.Name switch
        {
            "state" => state,
            "n" or "blocks" => Activator.CreateInstance(p.ParameterType),
            var name => tensors[name!],
        })]);
        Assert.Equal(before + (result is null ? 0 : 1), alive.GetValue(null));
        Assert.DoesNotContain(result, tensors.Values);
        return result is null ? null : (double[])tensor.GetProperty("Data")!.GetValue(result)!;
    }
}
