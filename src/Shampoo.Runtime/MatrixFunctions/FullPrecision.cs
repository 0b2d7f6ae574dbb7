namespace Shampoo.Runtime;

/// <summary>
/// Products of float32 matrices on CUDA that do not round their factors to TF32, until it is disposed: with 10 bits of significand every
/// coupled iteration diverges from condition numbers of 1e5 on.
/// </summary>
/// <remarks>
/// The setting is one for the process. It is given back when the last solver on any thread has finished; what other threads multiply in the
/// meantime is not rounded to TF32 either.
/// </remarks>
internal readonly struct FullPrecision : IDisposable
{
    private static readonly object Gate = new();
    private static int _users;
    private static bool _allowedBefore;
    private readonly bool _uses;

    private FullPrecision(bool uses)
    {
        _uses = uses;
        if (!uses)
            return;
        lock (Gate)
        {
            if (_users++ > 0)
                return;
            _allowedBefore = torch.backends.cuda.matmul.allow_tf32;
            if (_allowedBefore)
                torch.backends.cuda.matmul.allow_tf32 = false;
        }
    }

    /// <summary>For products of these matrices; nothing is changed where they could not be rounded.</summary>
    public static FullPrecision For(Tensor matrices) =>
        new(matrices.device_type == DeviceType.CUDA && matrices.dtype == ScalarType.Float32);

    /// <summary>For products of any matrices.</summary>
    public static FullPrecision ForAll() => new(true);

    public void Dispose()
    {
        if (!_uses)
            return;
        lock (Gate)
        {
            // Where it was not set, nobody's later choice is undone.
            if (--_users == 0 && _allowedBefore)
                torch.backends.cuda.matmul.allow_tf32 = true;
        }
    }
}
