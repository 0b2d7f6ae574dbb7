using Shampoo.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests;

/// <summary>What a generated optimizer refuses: the message names the parameter and what to do, and nothing has changed.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string, ScalarType> Checked => Declarations.Checked;

    [Theory, MemberData(nameof(Checked))]
    public void NotANumberIsReportedBeforeAnythingChanges(string name, ScalarType dtype)
    {
        foreach (double value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
            using var twin = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
            using var optimizer = Declarations.Create(name, model.Parameters);
            using var untouched = Declarations.Create(name, twin.Parameters);
            model.NewGradients();
            model.CopyGradientsTo(twin);
            Spoil(model[3], value);
            Exception error = Assert.Throws<NotFiniteNumberException>(() => { optimizer.step(); });
            Assert.Contains("'p3'", error.Message, StringComparison.Ordinal);
            twin.CopyGradientsTo(model);
            optimizer.step();
            untouched.step();
            Assert.Equal(twin.Values(), model.Values());
        }
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    public void NotANumberPassesWhereTheCheckWasDeclaredAway(ScalarType dtype)
    {
        using var model = new Model(Model.AllShapes, dtype);
        using var optimizer = Declarations.Create(nameof(Unchecked), model.Parameters);
        model.NewGradients();
        Spoil(model[3], double.NaN);
        optimizer.step();
        Assert.Equal(5, Array.FindIndex(model.Values(3), double.IsNaN));
        Assert.Single(model.Values(), double.IsNaN);
    }

    [Fact]
    public void NotANumberIsFoundInTheFactorMatricesWhereTheCheckWasDeclaredAway()
    {
        using var model = new Model(Model.AllShapes);
        using var optimizer = Declarations.Create(nameof(Mixed), model.Parameters);
        model.NewGradients();
        Spoil(model[3], double.NaN);
        Exception error = Assert.Throws<IncompleteStepException>(() => { optimizer.step(); });
        Assert.IsType<NotFiniteNumberException>(error.InnerException);
        AssertMessage(error, "'p3'", "factor matrix", "load a saved state");
    }

    public static TheoryData<string, Func<Tensor>, string, string> BadGradients => new()
    {
        { "shape", static () => zeros([5L, 6L], dtype: ScalarType.Float64), "shape [5, 6]", "Assign a gradient like the parameter" },
        { "order", static () => zeros([30L], dtype: ScalarType.Float64), "shape [30]", "Assign a gradient like the parameter" },
        { "dtype", static () => zeros([6L, 5L], dtype: ScalarType.Float32), "dtype Float32", "Assign a gradient like the parameter" },
        { "sparse", Sparse, "sparse", "Use dense gradients" },
    };

    [Theory, MemberData(nameof(BadGradients))]
    public void BadGradientIsReportedBeforeAnythingChanges(string what, Func<Tensor> make, string found, string remedy)
    {
        using var model = new Model(Model.AllShapes);
        using var twin = new Model(Model.AllShapes);
        using var optimizer = TwoGroups(model);
        using var untouched = TwoGroups(twin);
        foreach (var (m, o) in new[] { (model, optimizer), (twin, untouched) })
            m.Train(o, 3);
        byte[] before = Snapshot(model, optimizer);
        model.NewGradients();
        model.CopyGradientsTo(twin);
        using (Tensor bad = make())
            model[9].grad = bad;
        var error = Assert.Throws<InvalidOperationException>(() => { optimizer.step(); });
        AssertMessage(error, "'p9'", found, remedy);
        Assert.True(before.SequenceEqual(Snapshot(model, optimizer)), $"{what}: something has changed");

        twin.CopyGradientsTo(model);
        optimizer.step();
        untouched.step();
        Assert.Equal(Snapshot(twin, untouched), Snapshot(model, optimizer));
    }

    [Fact]
    public void EmptyListsAreRefused()
    {
        AssertMessage(Assert.Throws<ArgumentException>(static () => new Everything(Array.Empty<Parameter>())), "no parameters", "register_module");
        AssertMessage(Assert.Throws<ArgumentException>(static () => new Everything(Array.Empty<(string, Parameter)>())), "no parameters", "register_module");
        AssertMessage(Assert.Throws<ArgumentException>(static () => new Everything(Array.Empty<Everything.ParamGroup>())), "no parameters", "register_module");
        using var model = new Model(Model.AllShapes);
        AssertMessage(Assert.Throws<ArgumentException>(() => new Everything([new Everything.ParamGroup(model.Parameters), new Everything.ParamGroup(Array.Empty<Parameter>())])), "Group 1", "register_module");
    }

    [Fact]
    public void ParameterThatIsThereTwiceIsRefused()
    {
        using var model = new Model(Model.AllShapes);
        AssertMessage(Assert.Throws<ArgumentException>(() => new Everything([.. model.Parameters, ("again", model[2])])), "'again'", "'p2'");
        using var optimizer = new Everything(model.Parameters[..4]);
        optimizer.add_param_group(new Everything.ParamGroup(model.Parameters[4..8]));
        model.Train(optimizer, 2);
        byte[] before = Snapshot(model, optimizer);
        var error = Assert.Throws<ArgumentException>(() => optimizer.add_param_group(new Everything.ParamGroup([model.Parameters[8], ("again", model[5])])));
        AssertMessage(error, "'again'", "'p5'", "another group");
        Assert.Equal(before, Snapshot(model, optimizer));
        optimizer.add_param_group(new Everything.ParamGroup(model.Parameters[8..]));
        Assert.Equal(10, optimizer.parameters().Count());
    }

    [Fact]
    public void GroupOfAnotherDeclarationIsRefused()
    {
        using var model = new Model(Model.AllShapes);
        using var optimizer = new Everything(model.Parameters[..4]);
        byte[] before = Snapshot(model, optimizer);
        AssertMessage(Assert.Throws<ArgumentException>(() => optimizer.add_param_group(new PlainAdamW.ParamGroup(model.Parameters[4..]))), "PlainAdamW", "use the ParamGroup of Everything");
        Assert.Equal(before, Snapshot(model, optimizer));
    }

    [Fact]
    public void ParameterThatCannotBeTrainedIsRefused()
    {
        using var model = new Model(Model.AllShapes);
        model[1].requires_grad = false;
        AssertMessage(Assert.Throws<ArgumentException>(() => new Everything(model.Parameters)), "'p1'", "does not require grad", "set requires_grad to true");
        model[1].requires_grad = true;
        model[4].Dispose();
        AssertMessage(Assert.Throws<ArgumentException>(() => new Everything(model.Parameters)), "'p4'", "is disposed");
        using var whole = new Parameter(zeros([3L], dtype: ScalarType.Int64), requires_grad: false);
        AssertMessage(Assert.Throws<NotSupportedException>(() => new Everything([("whole", whole)])), "'whole'", "Int64", "must be Float32, Float64, BFloat16 or Float16", "another optimizer");
        using var complex = new Parameter(zeros([3L], dtype: ScalarType.ComplexFloat32));
        AssertMessage(Assert.Throws<NotSupportedException>(() => new Everything([("complex", complex)])), "'complex'", "ComplexFloat32", "must be Float32, Float64, BFloat16 or Float16");
    }

    [Fact]
    public void NumberOutOfRangeIsRefused()
    {
        using var model = new Model(Model.AllShapes);
        AssertMessage(Assert.Throws<ArgumentOutOfRangeException>(() => new Everything(model.Parameters, beta2: 1)), "beta2", "(0, 1)", "Beta2 = 1");
        AssertMessage(Assert.Throws<ArgumentOutOfRangeException>(() => new Everything(model.Parameters, momentum: 1.5)), "momentum", "(0, 1)");
    }

    [Fact]
    public void MovedModuleIsReported()
    {
        using var module = nn.Linear(3, 2);
        using var optimizer = new Everything(module.named_parameters());
        module.to(ScalarType.Float64);
        double[] before = [.. module.parameters().SelectMany(static p => Model.Values(p))];
        foreach (Action action in new Action[] { () => optimizer.step(), optimizer.zero_grad, () => optimizer.state_dict() })
            AssertMessage(Assert.Throws<InvalidOperationException>(action), "'weight'", "Move the module first");
        Assert.Equal(before, module.parameters().SelectMany(static p => Model.Values(p)));
    }

    [Fact]
    public void DisposedParameterIsReportedBeforeAnythingChanges()
    {
        using var model = new Model(Model.AllShapes);
        using var optimizer = new Everything(model.Parameters);
        model.Train(optimizer, 3);
        model.NewGradients();
        double[][] before = [.. model.Parameters[..9].Select(static p => Model.Values(p.parameter))];
        model[9].Dispose();
        AssertMessage(Assert.Throws<InvalidOperationException>(() => { optimizer.step(); }), "'p9'", "make the optimizer from its parameters");
        Assert.Equal(before, model.Parameters[..9].Select(static p => Model.Values(p.parameter)));
    }

    [Fact]
    public void StateOfAnotherDeclarationIsRefused()
    {
        using var model = new Model(Model.AllShapes);
        using var optimizer = new Everything(model.Parameters);
        using var other = new PlainAdamW(model.Parameters);
        model.Train(optimizer, 3);
        AssertNothingLoaded(model, optimizer, () => optimizer.load_state_dict(other.state_dict()), nameof(PlainAdamW), nameof(Everything));
        AssertNothingLoaded(model, optimizer, () => optimizer.load_state_dict(Saved(other)), nameof(PlainAdamW), nameof(Everything));
    }

    [Fact]
    public void StateOfOtherParametersIsRefused()
    {
        using var model = new Model([[6, 5], [7]]);
        using var others = new Model([[6, 5], [4, 3]]);
        using var optimizer = new Everything(model.Parameters);
        using var other = new Everything(others.Parameters);
        using var fewer = new Everything(others.Parameters[..1]);
        model.Train(optimizer, 3);
        AssertNothingLoaded(model, optimizer, () => optimizer.load_state_dict(other.state_dict()), "'p1'", "[4, 3]", "[7]");
        AssertNothingLoaded(model, optimizer, () => optimizer.load_state_dict(Saved(other)), "'p1'", "[4, 3]", "[7]");
        AssertNothingLoaded(model, optimizer, () => optimizer.load_state_dict(fewer.state_dict()), "1 parameters", "has 2");
        AssertNothingLoaded(model, optimizer, () => optimizer.load_state_dict(Saved(fewer)), "1 parameters", "has 2");
    }

    private static Everything TwoGroups(Model model) => new([new Everything.ParamGroup(model.Parameters[..4]), new Everything.ParamGroup(model.Parameters[4..])]);

    private static void AssertNothingLoaded(Model model, OptimizerHelper optimizer, Action load, params string[] parts)
    {
        byte[] before = Snapshot(model, optimizer);
        AssertMessage(Assert.Throws<InvalidDataException>(load), parts);
        Assert.Equal(before, Snapshot(model, optimizer));
    }

    private static void AssertMessage(Exception error, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));

    /// <summary>Every bit of the parameters, the state and the numbers.</summary>
    private static byte[] Snapshot(Model model, OptimizerHelper optimizer)
    {
        using var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        foreach (double value in model.Values())
            stream.Write(BitConverter.GetBytes(value));
        return stream.ToArray();
    }

    private static BinaryReader Saved(OptimizerHelper optimizer)
    {
        var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        return new BinaryReader(stream);
    }

    /// <summary>Puts a number into the gradient, as its element 5.</summary>
    private static void Spoil(Parameter parameter, double value)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        parameter.grad!.reshape(-1)[5] = value;
    }

    private static Tensor Sparse()
    {
        using var indices = tensor(new long[] { 0, 1 }, [2L, 1L]);
        using var values = tensor([1.0]);
        return sparse_coo_tensor(indices, values, [6, 5]);
    }
}
