using TorchSharp.Modules;

namespace Shampoo.Benchmarks.Step;

/// <summary>Counts what an optimizer saves, which is its state and a few names.</summary>
internal static class StateSize
{
    public static long Of(OptimizerHelper optimizer)
    {
        using var counter = new CountingStream();
        using var writer = new BinaryWriter(counter);
        optimizer.save_state_dict(writer);
        writer.Flush();
        return counter.Length;
    }

    private sealed class CountingStream : Stream
    {
        private long _length;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position { get => _length; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => _length += count;

        public override void Write(ReadOnlySpan<byte> buffer) => _length += buffer.Length;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
