using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shampoo.Tests;

/// <summary>The numbers of groups: arguments of the constructor, options, saved state.</summary>
public sealed class NumbersTests
{
    public static TheoryData<string, ScalarType> All => Declarations.All;

    [Theory, MemberData(nameof(All))]
    public void GroupHasNumbersOfItsOwn(string name, ScalarType dtype)
    {
        string[] numbers = Declarations.Numbers(name);
        foreach (string number in numbers)
            AssertOwn(name, dtype, number);
        AssertOwn(name, dtype, numbers);
    }

    [Theory, MemberData(nameof(All))]
    public void NumbersOfAGroupThatAreNullAreTheOptimizers(string name, ScalarType dtype)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        IReadOnlyDictionary<string, double> others = Others(Declarations.Numbers(name));
        using var optimizer = Declarations.Create(name, model.Parameters[..4], numbers: others);
        optimizer.add_param_group(Declarations.Group(name, model.Parameters[4..], new Dictionary<string, double>()));
        Assert.All(Declarations.Options(optimizer), options => AssertNumbers(others, options));
    }

    [Theory, MemberData(nameof(All))]
    public void SavedNumbersAreLoaded(string name, ScalarType dtype)
    {
        using var model = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        using var twin = new Model(Declarations.Shapes(name, Model.AllShapes), dtype);
        IReadOnlyDictionary<string, double> others = Others(Declarations.Numbers(name));
        using var saved = Declarations.Create(name, model.Parameters, numbers: others);
        using var loaded = Declarations.Create(name, twin.Parameters);
        using var stream = new MemoryStream();
        saved.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        loaded.load_state_dict(new BinaryReader(stream));
        AssertNumbers(others, Declarations.Options(loaded).Single());

        using var copied = Declarations.Create(name, twin.Parameters);
        copied.load_state_dict(saved.state_dict());
        AssertNumbers(others, Declarations.Options(copied).Single());
    }

    /// <summary>A group with these numbers is an optimizer of its own that was made with them, and not one that was not.</summary>
    private static void AssertOwn(string name, ScalarType dtype, params string[] numbers)
    {
        IReadOnlyDictionary<string, double> others = Others(numbers);
        long[][] shapes = Declarations.Shapes(name, Model.AllShapes);
        using Model model = new(shapes, dtype), twin = new(shapes, dtype), plain = new(shapes, dtype);
        using var grouped = Declarations.Create(name, model.Parameters[..4]);
        grouped.add_param_group(Declarations.Group(name, model.Parameters[4..], others));
        using var first = Declarations.Create(name, twin.Parameters[..4]);
        using var second = Declarations.Create(name, twin.Parameters[4..], numbers: others);
        using var defaults = Declarations.Create(name, plain.Parameters);
        for (int step = 0; step < 9; step++)
        {
            model.NewGradients();
            model.CopyGradientsTo(twin);
            model.CopyGradientsTo(plain);
            foreach (OptimizerHelper optimizer in new[] { grouped, first, second, defaults })
                optimizer.step();
        }
        Assert.Equal(twin.Values(), model.Values());
        if (numbers is not ["scale"] || !Declarations.IsGrafted(name)) // grafting takes the length of the direction away
            Assert.True(!plain.Values().SequenceEqual(model.Values()), $"{string.Join(", ", numbers)} of {name} changed nothing");
    }

    private static void AssertNumbers(IReadOnlyDictionary<string, double> expected, OptimizerOptions options) =>
        Assert.All(expected, number => Assert.Equal((number.Key, number.Value), (number.Key, Declarations.Get(options, number.Key))));

    /// <summary>Numbers that no declaration here has, each different from all others.</summary>
    private static IReadOnlyDictionary<string, double> Others(IEnumerable<string> numbers) => numbers.ToDictionary(static n => n, static n => n switch
    {
        "lr" => 0.03,
        "beta1" => 0.7,
        "beta2" => 0.8,
        "epsilon" => 0.05,
        "weight_decay" => 0.3,
        "momentum" => 0.6,
        "dampening" => 0.4,
        "beta3" => 0.65,
        "peak_lr" => 0.08,
        "shampoo_beta" => 0.75,
        "max_gradient_norm" => 0.25,
        "train_interpolation" => 0.55,
        "evaluation_interpolation" => 0.45,
        "scale" => 0.2,
        "max_direction_rms" => 0.01,
        "grafting_beta2" => 0.85,
        "grafting_epsilon" => 0.15,
        _ => throw new NotSupportedException($"Give the number {n} a value here."),
    });
}
