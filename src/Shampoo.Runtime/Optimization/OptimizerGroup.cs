namespace Shampoo.Runtime;

/// <summary>A parameter group of an optimizer: what users gave, its blocks, and the count of its steps.</summary>
internal sealed class OptimizerGroup<TOptions> : ISavedGroup, IDisposable
    where TOptions : BlockedOptions, new()
{
    private readonly OptionCheck _check;
    private long _steps;

    public OptimizerGroup(int number, BlockedParamGroup<TOptions> paramGroup, BlockedParameter[] parameters, Bucket[] buckets, GroupNorms norms, string shard)
    {
        Number = number;
        ParamGroup = paramGroup;
        Parameters = parameters;
        Buckets = buckets;
        Norms = norms;
        _check = new OptionCheck($"group {number}");
        Saved = new TOptions { Group = this, ParameterCount = parameters.Length, Shard = shard };
    }

    public int Number { get; }

    public BlockedParamGroup<TOptions> ParamGroup { get; }

    public BlockedParameter[] Parameters { get; }

    /// <summary>The blocks that this process works on.</summary>
    public Bucket[] Buckets { get; }

    public GroupNorms Norms { get; }

    /// <summary>The numbers; other groups may have the same ones.</summary>
    public TOptions Options => ParamGroup.Options;

    /// <summary>What a state dictionary holds of the group.</summary>
    public TOptions Saved { get; }

    public StagedPart Part { get; set; }

    public IterateAverage Average { get; } = new();

    public OptionValues Values
    {
        get => Options.Values with { Step = _steps, WeightSum = Average.WeightSum, IsEvaluating = Average.IsEvaluating };
        set
        {
            Options.Values = value with { Step = 0, WeightSum = 0, IsEvaluating = false };
            _steps = value.Step;
            (Average.WeightSum, Average.IsEvaluating) = (value.WeightSum, value.IsEvaluating);
        }
    }

    /// <summary>Throws if the step cannot go ahead. Changes neither parameters nor state.</summary>
    public void BeginStep(bool searchNonFinite)
    {
        Options.RequireValid(_check);
        if (Average.IsEvaluating)
        {
            throw new InvalidOperationException(
                "The parameters hold the average of the iterates, as eval() left them. Call train() before the next step, and before the gradients for it are computed.");
        }
        foreach (var bucket in Buckets)
            bucket.RequireStateBesideParameters();
        foreach (var parameter in Parameters)
            parameter.BeginStep(searchNonFinite);
    }

    /// <summary>W ← W + coefficient·(Z − W) for all blocks of this process, where Z is an array of the state.</summary>
    public void Interpolate(string array, double coefficient)
    {
        using Scalar weight = coefficient;
        foreach (var parameter in Parameters)
        {
            using var scope = torch.NewDisposeScope();
            var blocks = parameter.Plan.Blocks;
            var values = parameter.Parameter.detach().reshape(parameter.Plan.MergedShape).clone();
            for (var b = 0; b < blocks.Length; b++)
            {
                var (bucket, position) = parameter.Plan.Places[b];
                if (bucket < 0)
                    continue;
                var iterate = Buckets[bucket].Arrays.Single(candidate => candidate.Name == array).Tensor.select(0, position);
                var region = blocks[b].Of(values);
                region.add_(iterate.to_type(region.dtype).sub(region), weight);
            }
            parameter.Parameter.copy_(values.reshape(parameter.Shape));
        }
    }

    /// <summary>The number of the step that begins, from 1.</summary>
    public long CountStep() => ++_steps;

    /// <summary>Ends a step, be it complete or not.</summary>
    public void EndStep()
    {
        foreach (var parameter in Parameters)
            parameter.EndStep();
    }

    public void Dispose()
    {
        ParamGroup.IsInUse = false;
        foreach (var parameter in Parameters)
            parameter.Dispose();
        foreach (var bucket in Buckets)
            bucket.Dispose();
    }
}
