namespace Shampoo.Runtime;

/// <summary>Views of a flat tensor in the shapes of others, one after the other.</summary>
internal static class FlatParts
{
    /// <returns>Views that belong to the caller, and to no dispose scope.</returns>
    public static Tensor[] Of(Tensor flat, IEnumerable<NamedTensor> members)
    {
        var start = 0L;
        return [.. members.Select(Next)];

        Tensor Next(NamedTensor member)
        {
            var count = member.Tensor.numel();
            using var part = flat.narrow(0, start, count);
            start += count;
            return part.view(member.Tensor.shape).DetachFromDisposeScope();
        }
    }
}
