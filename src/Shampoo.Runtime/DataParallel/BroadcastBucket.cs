namespace Shampoo.Runtime;

/// <summary>Tensors of one dtype and device that go around together, through one flat copy of them.</summary>
internal sealed class BroadcastBucket : IDisposable
{
    private readonly NamedTensor[] _members;
    private readonly Tensor _flat;
    private readonly Tensor[] _parts;

    private BroadcastBucket(NamedTensor[] members)
    {
        using var scope = torch.NewDisposeScope();
        _members = members;
        _flat = torch.empty([members.Sum(member => member.Tensor.numel())], Carrier(members[0]), members[0].Tensor.device).DetachFromDisposeScope();
        _parts = FlatParts.Of(_flat, members);
    }

    /// <summary>Throws if a tensor cannot be sent.</summary>
    public static void RequireSendable(NamedTensor member)
    {
        _ = Carrier(member);
        if (member.Tensor.is_sparse)
            throw new NotSupportedException($"The {member.Role} '{member.Name}' is sparse; ranks exchange dense tensors. Make it of one (to_dense()).");
    }

    /// <summary>Buckets of at most <paramref name="cap"/> bytes, made one after the other.</summary>
    public static IEnumerable<BroadcastBucket> Of(NamedTensor[] tensors, long cap) =>
        BucketAssignment.Of([.. tensors.Select(tensor => (tensor.Kind, tensor.Bytes))], cap)
            .Select(bucket => new BroadcastBucket([.. bucket.Select(i => tensors[i])]));

    /// <summary>Gives all ranks the tensors of one.</summary>
    public void Send(ProcessGroup group, int source)
    {
        using var noGrad = torch.no_grad();
        if (group.Rank == source)
            Copy((member, part) => part.copy_(member.Tensor));
        group.broadcast(_flat, source);
        if (group.Rank != source)
            Copy((member, part) => member.Tensor.copy_(part));
    }

    public void Dispose()
    {
        Array.ForEach(_parts, part => part.Dispose());
        _flat.Dispose();
    }

    private void Copy(Action<NamedTensor, Tensor> copy)
    {
        for (var i = 0; i < _members.Length; i++)
        {
            _members[i].RequireUnmoved();
            copy(_members[i], _parts[i]);
        }
    }

    // The dtype in which collectives carry the values of a tensor, without loss.
    private static ScalarType Carrier(NamedTensor member) => member.Tensor.dtype switch
    {
        ScalarType.Bool => ScalarType.Byte,
        ScalarType.Int16 => ScalarType.Int32,
        var type and (ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16 or ScalarType.Float16
            or ScalarType.Int8 or ScalarType.Byte or ScalarType.Int32 or ScalarType.Int64) => type,
        var type => throw new NotSupportedException(
            $"The {member.Role} '{member.Name}' is {type}, which ranks cannot exchange. Keep it in another dtype, for instance as real and imaginary part."),
    };
}
