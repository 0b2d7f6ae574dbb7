using System.Globalization;

namespace Shampoo.Runtime;

/// <summary>
/// What every rank says of itself with what it sends: whether it has failed, and which parameters have a gradient. One element each, 0 or 1, which every
/// dtype can hold. As long as all say the same, nothing is computed but a comparison of bytes.
/// </summary>
/// <param name="buffer">Whose parts begin with the headers.</param>
/// <param name="parameters">The parameters of all groups.</param>
/// <param name="rank">This rank.</param>
/// <param name="isLate">Whether reading what has come makes the host wait, so that it is left to the next step.</param>
internal sealed class StepHeader(FlatBuffer buffer, BlockedParameter[] parameters, int rank, bool isLate)
    : LateFlags(buffer.Layout.Starts.Length * ElementsFor(parameters.Length), buffer.All.device_type)
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
    /// Compares the headers that have come. Where the host would have to wait for them, only if this rank's header is not that of the step before;
    /// the others are left to <see cref="RequireEarlierAgreement"/>.
    /// </summary>
    /// <exception cref="IncompleteStepException">A rank has failed, or the ranks have gradients of different parameters.</exception>
    public void RequireAgreement()
    {
        if (isLate && !_isNew)
            Send();
        else if (isLate || !NativeTensor.IsAvailable || !AllBytesAgree())
            Compare(Array.ConvertAll(buffer.Layout.Starts, Read), "");
    }

    /// <summary>Compares the headers of earlier steps, as far as they have arrived. Waits for nothing.</summary>
    /// <exception cref="IncompleteStepException">A rank has failed in one of them, or the ranks had gradients of different parameters.</exception>
    public void RequireEarlierAgreement()
    {
        while (TryRead(out _, out var flags))
        {
            var headers = new bool[buffer.Layout.Starts.Length][];
            for (var r = 0; r < headers.Length; r++)
                headers[r] = Array.ConvertAll(flags.Slice(r * _written.Length, _written.Length).ToArray(), value => value != 0);
            EndRead();
            Compare(headers, "So it was in an earlier step, which the device has reported now. ");
        }
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

    private void Send()
    {
        using var scope = torch.NewDisposeScope();
        using Scalar zero = 0.0;
        var headers = torch.cat([.. buffer.Layout.Starts.Select(start => buffer.All.narrow(0, start, _written.Length))]);
        Send(step: 0, headers.ne(zero).to_type(ScalarType.Byte));
    }

    private void Compare(bool[][] headers, string remark)
    {
        for (var r = 0; r < headers.Length; r++)
        {
            if (r != rank && headers[r][0])
                throw Refuse(Shards.Failed(r).Message);
        }
        for (var p = 0; p < parameters.Length; p++)
        {
            var with = Enumerable.Range(0, headers.Length).Where(r => headers[r][1 + p]).ToArray();
            if (with.Length > 0 && with.Length < headers.Length)
                throw Refuse(Disagreement(parameters[p].Name, with, headers.Length));
        }

        IncompleteStepException Refuse(string message)
        {
            Forget();
            return IncompleteStepException.OfRanks(remark + message);
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
