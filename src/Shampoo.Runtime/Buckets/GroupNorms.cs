namespace Shampoo.Runtime;

/// <summary>The norms of a step that are not those of single blocks: of all gradients of a group, and of whole parameters.</summary>
/// <param name="parameters">The group's parameters that have blocks, in the order in which squares are added up.</param>
/// <param name="buckets">The blocks that this process works on.</param>
internal class GroupNorms(BlockedParameter[] parameters, Bucket[] buckets)
{
    /// <summary>The norm of all gradients of the group together, which on a GPU waits for the device.</summary>
    public virtual double OfGradients()
    {
        var sum = 0.0;
        foreach (var parameter in parameters)
        {
            if (parameter.IsActive)
                sum += parameter.GradientSquares();
        }
        return Math.Sqrt(sum);
    }

    /// <summary>P ← P · ‖W‖ / ‖P‖ over each parameter.</summary>
    /// <param name="direction">The name of P, an array that is held in the state.</param>
    public virtual void ScaleToParameters(string direction) => LayerScale.Apply(buckets, direction);

    /// <summary>Forgets what other ranks have said of earlier steps: another state is loaded.</summary>
    public virtual void Forget()
    {
    }

    /// <summary>The parameters in the order of their first blocks, bucket by bucket.</summary>
    public static BlockedParameter[] Order(BlockPlan plan, BlockedParameter[] parameters) =>
        [.. plan.Members.Where(member => member.Block.Block == 0).Select(member => parameters[member.Block.Parameter])];
}
