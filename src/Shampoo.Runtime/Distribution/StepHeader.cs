using System.Globalization;

namespace Shampoo.Runtime;

/// <summary>
/// What every rank says of itself with what it sends: whether it has failed, and which parameters have a gradient. One element each, 0 or 1, which every
/// dtype can hold. As long as all say the same, nothing is computed but a comparison of bytes.
/// </summary>
/// <param name="buffer">Whose parts begin with the headers.</param>
/// <param name="parameters">The parameters of all groups.</param>
/// <param name="rank">This rank.</param>
internal sealed class StepHeader(FlatBuffer buffer, BlockedParameter[] parameters, int rank)
{
    private readonly bool[] _written = new bool[ElementsFor(parameters.Length)];
    private bool _isWritten;
    private bool _isNew;

    /// <summary>The elements of a header.</summary>
    public static int ElementsFor(int parameters) => 1 + parameters;

    /// <summary>Writes this rank's header.</summary>
    public void Write(bool hasFailed)
    {
        _isNew = !_isWritten | Set(0, hasFailed);
        for (var p = 0; p < parameters.Length; p++)
            _isNew |= Set(1 + p, parameters[p].IsActive);
        if (!_isNew)
            return;
        using var scope = torch.NewDisposeScope();
        buffer.Own.narrow(0, 0, _written.Length).copy_(torch.tensor(Array.ConvertAll(_written, value => value ? 1f : 0f)));
        _isWritten = true;
    }

    /// <summary>
    /// Compares the headers that have come. On a GPU only where this rank's header is not that of the step before, because it has to wait for the device.
    /// </summary>
    /// <exception cref="IncompleteStepException">A rank has failed, or the ranks have gradients of different parameters.</exception>
    public void RequireAgreement()
    {
        var isHere = buffer.All.device_type == DeviceType.CPU;
        if (isHere && NativeTensor.IsAvailable ? !AllBytesAgree() : isHere || _isNew)
            Compare();
    }

    private bool Set(int place, bool value)
    {
        var isChanged = _written[place] != value;
        _written[place] = value;
        return isChanged;
    }

    private bool AllBytesAgree()
    {
        var agree = true;
        for (var r = 0; r < buffer.Layout.Starts.Length; r++)
            agree &= Bytes(r).SequenceEqual(Bytes(rank));
        return agree;
    }

    private unsafe ReadOnlySpan<byte> Bytes(int of)
    {
        var size = buffer.All.dtype.Size();
        return new((void*)(NativeTensor.Data(buffer.All.Handle) + (nint)(buffer.Layout.Starts[of] * size)), _written.Length * size);
    }

    private void Compare()
    {
        var headers = buffer.Layout.Starts.Select(Read).ToArray();
        for (var r = 0; r < headers.Length; r++)
        {
            if (r != rank && headers[r][0])
                throw IncompleteStepException.OfRanks(Shards.Failed(r).Message);
        }
        for (var p = 0; p < parameters.Length; p++)
        {
            var with = Enumerable.Range(0, headers.Length).Where(r => headers[r][1 + p]).ToArray();
            if (with.Length > 0 && with.Length < headers.Length)
                throw IncompleteStepException.OfRanks(Disagreement(parameters[p].Name, with, headers.Length));
        }
    }

    /// <summary>What is wrong where some ranks have a gradient and others have none.</summary>
    public static string Disagreement(string name, int[] with, int ranks) =>
        $"The parameter '{name}' has a gradient on rank {string.Join(", ", with.Select(r => r.ToString(CultureInfo.InvariantCulture)))} and none on the other "
        + $"{ranks - with.Length} of {ranks} ranks. All ranks must have gradients of the same parameters: average them over the ranks, or give a parameter that one of them did not use a gradient of zeros.";

    private bool[] Read(long start)
    {
        using var scope = torch.NewDisposeScope();
        var values = buffer.All.narrow(0, start, _written.Length).to(ScalarType.Float32).cpu();
        return Array.ConvertAll(values.data<float>().ToArray(), value => value != 0);
    }
}
