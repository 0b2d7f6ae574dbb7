using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>
/// Gradients of some parameters, of one dtype and device, in one tensor. At its end is a number for each of them: 1 where this rank has the gradient, 0
/// where not; their mean tells every rank whether any has it.
/// </summary>
/// <remarks>
/// Gradients move here, and parameters keep views of them: where nobody takes them away (<c>zero_grad</c> of optimizers fills them with
/// zeros), autograd adds to them here, and nothing is copied any more.
/// </remarks>
internal sealed class GradientBucket : IDisposable
{
    private readonly NamedTensor[] _members;
    private readonly Tensor _flat, _presence, _allPresent;
    private readonly Tensor[] _parts;
    private readonly nint[] _places;
    private readonly bool[] _isMissing;
    private CollectiveWork? _work;

    public GradientBucket(NamedTensor[] members)
    {
        using var scope = new OperatorScope();
        var (type, device) = (members[0].Tensor.dtype, members[0].Tensor.device);
        var elements = members.Sum(member => member.Tensor.numel());
        _members = members;
        _flat = torch.zeros([elements + members.Length], type, device).DetachFromDisposeScope();
        _parts = FlatParts.Of(_flat, members);
        _presence = _flat.narrow(0, elements, members.Length).DetachFromDisposeScope();
        _allPresent = torch.ones([members.Length], type, device).DetachFromDisposeScope();
        _places = Array.ConvertAll(_parts, CollectiveMemory.Address);
        _isMissing = new bool[members.Length];
    }

    /// <summary>The names of the parameters, for tests.</summary>
    public IEnumerable<string> Names => _members.Select(member => member.Name);

    /// <summary>Collects the gradients of this rank, and begins to average.</summary>
    public void Begin(ProcessGroup group)
    {
        _presence.copy_(_allPresent);
        for (var i = 0; i < _members.Length; i++)
            Collect(i);
        _work = group.all_reduce_async(_flat, ReduceOp.Average);
    }

    /// <summary>Ends it. Parameters that had no gradient here get the mean, if another rank had one.</summary>
    public void End()
    {
        _work!.Wait();
        _work = null;
        if (Array.IndexOf(_isMissing, true) < 0)
            return;
        using var single = _presence.to(ScalarType.Float32);
        using var host = single.cpu();
        var shares = MemoryMarshal.Cast<byte, float>(host.bytes);
        for (var i = 0; i < _members.Length; i++)
        {
            if (_isMissing[i] && shares[i] > 0)
                _members[i].Tensor.grad = _parts[i];
        }
    }

    /// <summary>Waits for what was begun, where averaging has failed elsewhere. Gradients stay as they are.</summary>
    public void LetEnd()
    {
        _work?.LetEnd();
        _work = null;
    }

    public void Dispose()
    {
        Array.ForEach(_parts, part => part.Dispose());
        _presence.Dispose();
        _allPresent.Dispose();
        _flat.Dispose();
    }

    private void Collect(int i)
    {
        var gradient = NativeTensor.Grad(_members[i].Tensor.Handle);
        _isMissing[i] = gradient == 0;
        if (gradient == 0)
        {
            _parts[i].zero_();
            using var presence = _presence.narrow(0, i, 1);
            presence.zero_();
            return;
        }
        var isHere = !NativeTensor.IsSparse(gradient) && NativeTensor.Data(gradient) == _places[i];
        NativeTensor.Dispose(gradient);
        if (!isHere)
            Move(_members[i], _parts[i]);
    }

    private static void Move(NamedTensor member, Tensor part)
    {
        using var gradient = member.Tensor.grad!;
        if (gradient.is_sparse)
        {
            throw new InvalidOperationException(
                $"The gradient of '{member.Name}' is sparse; ranks exchange dense tensors. Use dense gradients (sparse: false in an embedding).");
        }
        if (!gradient.shape.AsSpan().SequenceEqual(part.shape) || BlockedParameter.KindOf(gradient) != member.Kind)
        {
            throw new InvalidOperationException(
                $"The gradient of '{member.Name}' is [{string.Join(", ", gradient.shape)}] of {gradient.dtype} on {gradient.device}, "
                + $"and the parameter [{string.Join(", ", part.shape)}] of {part.dtype} on {part.device}. Assign a gradient like the parameter.");
        }
        part.copy_(gradient);
        member.Tensor.grad = part;
    }
}
