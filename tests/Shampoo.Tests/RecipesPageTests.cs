using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Tests;

/// <summary>Every recipe of docs/recipes.md compiles, and trains.</summary>
public sealed class RecipesPageTests
{
    private const int StepCount = 120;

    private static readonly string Page = Pages.Text("recipes.md");

    private static readonly string[] Names = [.. Regex.Matches(Page, "\n## (.*)\n").Select(static m => m.Groups[1].Value)];

    public static TheoryData<string> Recipes => [.. Names];

    [Theory, MemberData(nameof(Recipes))]
    public void RecipeIsCompiledAndTrains(string name)
    {
        string[] blocks = Pages.Blocks(Pages.Section(Page, $"## {name}")!);
        Assert.Equal(2, blocks.Length);
        using nn.Module<Tensor, Tensor> model = nn.Sequential(("first", nn.Linear(8, 12)), ("relu", nn.ReLU()), ("last", nn.Linear(12, 3)));
        optim.Optimizer[] optimizers = Create(blocks[0], blocks[1], model);
        double[] losses = Train(model, optimizers);
        Assert.All(losses, static loss => Assert.True(double.IsFinite(loss)));
        Assert.InRange(losses[^1], 0, 0.9 * losses[0]);
        foreach (optim.Optimizer optimizer in optimizers)
            optimizer.Dispose();
    }

    [Fact]
    public void EveryPredecessorHasARecipe() =>
        Assert.Equal(["SGD", "SGD with momentum", "Adam", "AdamW", "Adagrad", "RMSprop", "Shampoo", "SOAP", "Grafted SOAP", "Muon"], Names);

    /// <summary>What the two blocks of a recipe declare and create.</summary>
    private static optim.Optimizer[] Create(string declarations, string statements, nn.Module model)
    {
        string created = string.Join(", ", Regex.Matches(statements, @"var (\w+) =").Select(static m => m.Groups[1].Value));
        (Compilation compilation, IEnumerable<Diagnostic> diagnostics) = Pages.Compile(
            $"{Pages.Blocks(Page)[0]}\n{declarations}",
            $"using System.Linq;\n\npublic static class Recipe\n{{\npublic static TorchSharp.torch.optim.Optimizer[] Create(TorchSharp.torch.nn.Module model)\n{{\n{statements}\nreturn [{created}];\n}}\n}}\n");
        Assert.DoesNotContain(diagnostics, static d => d.Severity >= DiagnosticSeverity.Warning);
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error)));
        return (optim.Optimizer[])Assembly.Load(image.ToArray()).GetType("Recipe")!.GetMethod("Create")!.Invoke(null, [model])!;
    }

    /// <summary>Fits numbers that depend on the inputs, always the same ones.</summary>
    private static double[] Train(nn.Module<Tensor, Tensor> model, optim.Optimizer[] optimizers)
    {
        using var scope = NewDisposeScope();
        Fill(model);
        Tensor inputs = Numbers(32 * 8, 1).reshape(32, 8), targets = Numbers(8 * 3, 2).reshape(8, 3);
        targets = inputs.matmul(targets);
        return [.. Enumerable.Range(0, StepCount).Select(_ =>
        {
            using var step = NewDisposeScope();
            foreach (optim.Optimizer optimizer in optimizers)
                optimizer.zero_grad();
            Tensor loss = nn.functional.mse_loss(model.forward(inputs), targets);
            loss.backward();
            foreach (optim.Optimizer optimizer in optimizers)
                optimizer.step();
            return (double)loss.item<float>();
        })];
    }

    private static void Fill(nn.Module model)
    {
        using var _ = no_grad();
        int seed = 3;
        foreach ((string name, var parameter) in model.named_parameters())
            parameter.copy_(Numbers((int)parameter.numel(), seed++).mul(0.5f).reshape(parameter.shape));
    }

    private static Tensor Numbers(int count, int seed)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];
        return tensor(values, ScalarType.Float32);
    }
}
