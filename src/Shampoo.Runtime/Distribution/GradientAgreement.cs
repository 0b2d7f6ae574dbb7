using System.Runtime.InteropServices;

namespace Shampoo.Runtime;

/// <summary>
/// What all ranks have to know of each other: who has failed, and which parameters have a gradient. Where each has gradients of its own, and before a step
/// changes anything, also whose average is not finite, and the squares of all gradients of a group. Sums of doubles, one all-reduce.
/// </summary>
internal sealed class GradientAgreement : LateFlags
{
    private readonly ProcessGroup _world;
    private readonly BlockedParameter[] _parameters;
    private readonly Dictionary<BlockedParameter, (int Number, int Group)> _index = [];
    private readonly Tensor _tensor;
    private readonly nint _data;
    private readonly double[] _values;
    private readonly bool[] _present;
    private readonly int _replicas;
    private bool _hasRead;

    /// <param name="groups">All parameters.</param>
    /// <param name="world">All ranks.</param>
    /// <param name="groupSize">How many of them share the blocks.</param>
    /// <param name="device">The device of the gradients.</param>
    public GradientAgreement(IReadOnlyList<ShardedGroup> groups, ProcessGroup world, int groupSize, torch.Device device)
        : base(world.Size + groups.Sum(group => group.Parameters.Length), device.type)
    {
        _world = world;
        _replicas = world.Size / groupSize;
        _parameters = [.. groups.SelectMany(group => group.Parameters)];
        for (var g = 0; g < groups.Count; g++)
        {
            foreach (var parameter in groups[g].Parameters)
                _index[parameter] = (_index.Count, g);
        }
        _present = new bool[_parameters.Length];
        _values = new double[world.Size + 2 * _parameters.Length + groups.Count];
        _tensor = torch.zeros([_values.Length], dtype: ScalarType.Float64, device: device).DetachFromDisposeScope();
        _data = device.type == DeviceType.CPU ? NativeTensor.DataOf(_tensor) : 0;
    }

    /// <summary>Whether the host would have to wait to read what has come: then some ranks read it, and others go on.</summary>
    public bool IsReadLate => _world.RunsAheadOf(_tensor.device_type);

    /// <summary>Begins a step.</summary>
    public void Begin(bool hasFailed)
    {
        Array.Clear(_values);
        _values[_world.Rank] = hasFailed ? 1 : 0;
        for (var p = 0; p < _parameters.Length; p++)
        {
            var isPresent = _parameters[p].IsActive;
            _hasRead &= _present[p] == isPresent;
            _present[p] = isPresent;
            Present(p) = isPresent ? 1 : 0;
        }
    }

    /// <summary>Notes the average gradient of a block.</summary>
    public void Note(BlockedParameter parameter, double squares, bool isFinite)
    {
        var (number, group) = _index[parameter];
        NonFinite(number) += isFinite ? 0 : 1;
        Squares(group) += squares;
    }

    /// <summary>Asks the other ranks. Who fails before has not been heard by them.</summary>
    public void Ask()
    {
        Upload();
        _world.all_reduce(_tensor, ReduceOp.Sum);
    }

    /// <summary>Reads what they have answered.</summary>
    /// <param name="mustRead">Whether the answer is needed; where the host runs ahead it is otherwise only read if this rank's gradients are not those of the step before.</param>
    /// <param name="hasChanged">Whether the step has changed something already.</param>
    /// <exception cref="InvalidOperationException">A rank has failed, or the ranks have gradients of different parameters, and nothing was changed.</exception>
    /// <exception cref="IncompleteStepException">The same, and something was changed.</exception>
    /// <exception cref="NotFiniteNumberException">An average is not finite.</exception>
    public void Reach(bool mustRead, bool hasChanged)
    {
        if (IsReadLate && !mustRead && _hasRead)
        {
            Send();
            return;
        }
        Download();
        _hasRead = true;
        for (var rank = 0; rank < _world.Size; rank++)
        {
            if (_values[rank] != 0)
                throw Refusal(Shards.Failed(rank).Message, hasChanged);
        }
        for (var p = 0; p < _parameters.Length; p++)
        {
            if (Present(p) != 0 && Present(p) != _world.Size)
                throw Refusal(
                    $"The parameter '{_parameters[p].Name}' has a gradient on {Present(p)} of {_world.Size} ranks. "
                    + "All ranks must have gradients of the same parameters: give a parameter that one of them did not use a gradient of zeros.", hasChanged);
            if (NonFinite(p) != 0)
                throw new NotFiniteNumberException(
                    $"The average gradient of '{_parameters[p].Name}' over {_world.Size} ranks contains NaN or infinity. Neither parameters nor state were changed: skip the step, or lower the learning rate or loss scale.");
        }
    }

    /// <summary>Looks at what ranks have said in earlier steps, as far as it has arrived. Waits for nothing.</summary>
    /// <exception cref="IncompleteStepException">A rank has failed in one of them, or the ranks had gradients of different parameters.</exception>
    public void RequireEarlierAgreement()
    {
        while (TryRead(out _, out var flags))
        {
            var first = flags.IndexOf((byte)1);
            EndRead();
            if (first < 0)
                continue;
            Forget();
            throw IncompleteStepException.OfRanks("So it was in an earlier step, which the device has reported now. " + (first < _world.Size
                ? Shards.Failed(first).Message
                : $"The parameter '{_parameters[first - _world.Size].Name}' had a gradient on some ranks only."));
        }
    }

    /// <summary>The norm of all gradients of a group, when the others have been asked.</summary>
    public double Norm(int group) => Math.Sqrt(Squares(group) / _replicas);

    public override void Dispose()
    {
        base.Dispose();
        _tensor.Dispose();
    }

    private static Exception Refusal(string message, bool hasChanged) =>
        hasChanged ? IncompleteStepException.OfRanks(message) : new InvalidOperationException($"{message} Nothing was changed.");

    private ref double Present(int parameter) => ref _values[_world.Size + parameter];

    private ref double NonFinite(int parameter) => ref _values[_world.Size + _parameters.Length + parameter];

    private ref double Squares(int group) => ref _values[_world.Size + 2 * _parameters.Length + group];

    // A rank has failed; a parameter has a gradient on some ranks, but not on all.
    private void Send()
    {
        using var scope = torch.NewDisposeScope();
        using Scalar zero = 0.0, all = (double)_world.Size;
        var failed = _tensor.narrow(0, 0, _world.Size);
        var present = _tensor.narrow(0, _world.Size, _parameters.Length);
        Send(step: 0, torch.cat([failed, present.mul(present.sub(all))]).ne(zero).to_type(ScalarType.Byte));
    }

    private void Upload()
    {
        if (_data != 0)
        {
            Marshal.Copy(_values, 0, _data, _values.Length);
            return;
        }
        using var values = torch.tensor(_values);
        _tensor.copy_(values);
    }

    private void Download()
    {
        if (_data != 0)
        {
            Marshal.Copy(_data, _values, 0, _values.Length);
            return;
        }
        using var values = _tensor.cpu();
        values.data<double>().CopyTo(_values);
    }
}
