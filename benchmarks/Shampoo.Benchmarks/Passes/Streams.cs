using System.Numerics;
using System.Runtime.InteropServices;
using Shampoo.Runtime;

namespace Shampoo.Benchmarks.Passes;

/// <summary>
/// A plain vectorised copy with as many reads and writes as the sweeps of <see cref="AdamGrafted"/>, over the same cores: the time that
/// its bytes need. Where the sweeps change an array in place, so does the copy.
/// </summary>
internal sealed unsafe class Streams : Work, IDisposable
{
    private const int Chunk = 16384;
    private readonly nint _length;
    private readonly float*[] _arrays = new float*[6];
    private int _sweep;

    public Streams(nint length)
    {
        _length = length;
        for (var k = 0; k < _arrays.Length; k++)
        {
            _arrays[k] = (float*)NativeMemory.AlignedAlloc((nuint)(length * sizeof(float)), 64);
            new Span<float>(_arrays[k], (int)length).Fill(1 + k);
        }
    }

    public static int Reads => 6;

    public static int Writes => 4;

    public void Run()
    {
        for (_sweep = 0; _sweep < 3; _sweep++)
            Workers.Run(this, (int)((_length + Chunk - 1) / Chunk));
    }

    public override void Do(int index)
    {
        var first = (nint)index * Chunk;
        var end = Math.Min(first + Chunk, _length);
        float* gradient = _arrays[0], second = _arrays[1], moment = _arrays[2], filtered = _arrays[3], direction = _arrays[4], parameters = _arrays[5];
        switch (_sweep)
        {
            case 0: // three reads, three writes
                for (var i = first; i < end; i += Vector<float>.Count)
                {
                    Vector.Load(gradient + i).Store(filtered + i);
                    Vector.Load(second + i).Store(second + i);
                    Vector.Load(moment + i).Store(moment + i);
                }
                break;
            case 1: // one read
                var sum = Vector<float>.Zero;
                for (var i = first; i < end; i += Vector<float>.Count)
                    sum += Vector.Load(direction + i);
                if (Vector.Sum(sum) == 0.5f)
                    throw new InvalidOperationException("Never: the sum of ones is not a half. It keeps the loop from being left out.");
                break;
            default: // two reads, one write
                for (var i = first; i < end; i += Vector<float>.Count)
                    (Vector.Load(direction + i) + Vector.Load(parameters + i)).Store(parameters + i);
                break;
        }
    }

    public void Dispose()
    {
        foreach (var array in _arrays)
            NativeMemory.AlignedFree(array);
    }
}
