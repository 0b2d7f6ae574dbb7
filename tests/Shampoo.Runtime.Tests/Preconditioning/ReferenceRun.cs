using System.Text.Json;

namespace Shampoo.Runtime.Tests;

/// <summary>
/// A reference trajectory whose steps are taken by a preconditioner of the runtime, with everything that works element by element
/// transcribed here, in double.
/// </summary>
internal sealed class ReferenceRun
{
    private readonly JsonElement _root;
    private readonly JsonElement _problem;

    public ReferenceRun(string name)
    {
        _root = Read(name);
        _problem = Read("problem");
        Configuration = _root.GetProperty("config");
    }

    public JsonElement Configuration { get; }

    public double Beta2 => IsLegacy ? Configuration.GetProperty("betas")[1].GetDouble() : Number("beta2");

    public double Epsilon => Number("epsilon");

    private bool IsLegacy => Configuration.TryGetProperty("betas", out _);

    private double Beta1 => IsLegacy ? Configuration.GetProperty("betas")[0].GetDouble() : Number("beta1");

    private bool IsGrafted => IsLegacy || Configuration.GetProperty("grafting").ValueKind == JsonValueKind.Object;

    // The reference of today keeps the learning rate in float32.
    private double LearningRate => IsLegacy ? Number("lr") : (float)Number("lr");

    /// <summary>What a preconditioner makes of one bucket in one step; empty for no direction of its own.</summary>
    public delegate double[] Direction(ReferenceStep step);

    /// <summary>Asserts that the trajectory is met.</summary>
    /// <param name="create">Makes the state of the preconditioner.</param>
    /// <param name="direction">Takes its steps.</param>
    /// <param name="tolerance">Relative.</param>
    /// <param name="largeDimensions">What becomes of large dimensions.</param>
    public void AssertMet(
        Func<StateSource, BlockState> create, Direction direction, double tolerance, LargeDimensions largeDimensions = LargeDimensions.Blocked)
    {
        var indices = _root.GetProperty("parameters").EnumerateArray().Select(index => index.GetInt32()).ToArray();
        for (var i = 0; i < indices.Length; i++)
        {
            var expected = _root.GetProperty("trajectory").EnumerateArray().Select(step => Doubles(step[i])).ToArray();
            var actual = Run(indices[i], expected.Length, create, direction, largeDimensions);
            for (var step = 0; step < expected.Length; step++)
                Data.AssertClose(expected[step], actual[step], tolerance);
        }
    }

    private List<double[]> Run(int index, int steps, Func<StateSource, BlockState> create, Direction direction, LargeDimensions largeDimensions)
    {
        var shape = _problem.GetProperty("shapes")[index].EnumerateArray().Select(size => size.GetInt64()).ToArray();
        using var parameter = Data.Parameter(Doubles(_problem.GetProperty("initial")[index]), shape);
        using var pool = new WorkspacePool();
        var plan = BlockPlan.Create(Rules(largeDimensions), [(shape, BlockedParameter.KindOf(parameter))]);
        using var member = new MemoryParameter(parameter, "weight", plan.Parameters[0]);
        var buckets = plan.Buckets.Select(bucket => new Bucket(bucket, [member], create, pool)).ToArray();
        var memories = buckets.Select(_ => new Dictionary<string, double[]>()).ToArray();
        var trajectory = new List<double[]>();
        for (var t = 1; t <= steps; t++)
        {
            Data.SetGradient(parameter, Doubles(_problem.GetProperty("gradients")[t - 1][index]));
            member.BeginStep(searchNonFinite: true);
            for (var b = 0; b < buckets.Length; b++)
            {
                var slice = buckets[b].Slice(0, buckets[b].Count, out _);
                slice.Begin();
                Step(new ReferenceStep(this, slice, memories[b], t), direction);
                slice.End();
            }
            member.EndStep();
            trajectory.Add(Data.Values(parameter));
        }
        foreach (var bucket in buckets)
            bucket.Dispose();
        return trajectory;
    }

    private void Step(ReferenceStep step, Direction direction)
    {
        step.Filter(Beta1);
        var own = direction(step);
        var p = own.Length > 0 ? own : IsGrafted ? step.GraftingDirection(Grafting("beta2"), Grafting("epsilon")) : step.Filtered;
        if (own.Length > 0 && IsGrafted && !step.Slice.IsLarge)
            p = step.Graft(own, step.GraftingDirection(Grafting("beta2"), Grafting("epsilon")));
        using var tensor = Data.Tensor(p, step.Slice.Gradient.Stack().shape);
        using Scalar alpha = -LearningRate;
        step.Slice.Parameters.Add(tensor, alpha);
    }

    private double Grafting(string number) =>
        IsLegacy ? Number($"grafting_{number}") : Configuration.GetProperty("grafting").GetProperty(number).GetDouble();

    private BlockingRules Rules(LargeDimensions largeDimensions)
    {
        var target = IsLegacy ? int.MaxValue : (int)Number("target_parameter_dimensionality");
        return new BlockingRules(Limit("max_preconditioner_dim"), target, largeDimensions);
    }

    private int Limit(string name) => Configuration.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : int.MaxValue;

    public double Number(string name) => Configuration.GetProperty(name).GetDouble();

    private static double[] Doubles(JsonElement numbers) => [.. numbers.EnumerateArray().Select(number => number.GetDouble())];

    private static JsonElement Read(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Shampoo.sln")))
            folder = folder.Parent!;
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.FullName, "tests", "vectors", "reference", name + ".json")));
        return document.RootElement.Clone();
    }
}

/// <summary>One step of one bucket.</summary>
internal sealed class ReferenceStep(ReferenceRun run, BlockSlice slice, Dictionary<string, double[]> memory, int t)
{
    public BlockSlice Slice => slice;

    /// <summary>G</summary>
    public double[] Gradient { get; } = Data.Values(slice.Gradient.Stack());

    /// <summary>Ĝ</summary>
    public double[] Filtered { get; private set; } = [];

    public double BiasCorrection2 => 1 - Math.Pow(run.Beta2, t);

    public bool IsPreconditioned => t >= run.Number("start_preconditioning_step");

    public bool IsRefresh => t == run.Number("start_preconditioning_step")
        || (IsPreconditioned && t % run.Number("precondition_frequency") == 0);

    /// <summary>m ← β₁m + (1 − β₁)G, Ĝ = m/(1 − β₁ᵗ)</summary>
    public void Filter(double beta1) =>
        Filtered = [.. Average("first_moment", Gradient, beta1).Select(m => m / (1 - Math.Pow(beta1, t)))];

    /// <summary>a ← decay·a + (1 − decay)·x, from 0.</summary>
    public double[] Average(string name, double[] x, double decay)
    {
        var a = memory.TryGetValue(name, out var stored) ? stored : memory[name] = new double[x.Length];
        for (var i = 0; i < a.Length; i++)
            a[i] = decay * a[i] + (1 - decay) * x[i];
        return a;
    }

    /// <summary>Ĝ/(√(V/bc) + ε) of Adam. To be asked once in a step.</summary>
    public double[] GraftingDirection(double beta2, double epsilon)
    {
        var v = Average("grafting", [.. Gradient.Select(g => g * g)], beta2);
        return [.. Filtered.Select((g, i) => g / (Math.Sqrt(v[i] / (1 - Math.Pow(beta2, t))) + epsilon))];
    }

    /// <summary>P·‖P_g‖/(‖P‖ + 1e-16) for every block.</summary>
    public double[] Graft(double[] direction, double[] grafting)
    {
        var n = direction.Length / slice.Count;
        return [.. direction.Chunk(n).Zip(grafting.Chunk(n)).SelectMany(pair => pair.First.Select(p => p * Norm(pair.Second) / (Norm(pair.First) + 1e-16)))];
    }

    /// <summary>What a product of the runtime makes of numbers.</summary>
    public double[] Apply(Action<BlockArray, BlockArray> product, double[] x)
    {
        BlockArray source = slice.Workspace("source"), destination = slice.Workspace("destination");
        slice.Begin();
        using (var tensor = Data.Tensor(x, source.Stack().shape))
            source.Stack().copy_(tensor);
        product(source, destination);
        return Data.Values(destination.Stack());
    }

    private static double Norm(double[] x) => Math.Sqrt(x.Sum(value => value * value));
}
