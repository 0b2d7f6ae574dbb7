namespace Shampoo.Generators.Tests.Graph;

/// <summary>A torch of one block and three elements, to run printed stages in: it knows who has been disposed.</summary>
internal static class FakeTorch
{
    public const string Source = """
        using System;
        using System.Linq;

        namespace TorchSharp
        {
            public sealed class Scalar { public double Value; public static implicit operator Scalar(double value) => new Scalar { Value = value }; }

            public static class torch
            {
                public sealed class Tensor : IDisposable
                {
                    public static int Alive;
                    private readonly double[] _data;
                    private bool _disposed;

                    public Tensor(double[] data) { _data = data; Alive++; }

                    public double[] Data => _disposed ? throw new ObjectDisposedException("Tensor") : _data;

                    public void Dispose() { if (_disposed) throw new ObjectDisposedException("Tensor"); _disposed = true; Alive--; }

                    public Tensor clone() => new Tensor((double[])Data.Clone());
                    public Tensor copy_(Tensor other) => Set(i => other.Data[i]);
                    public Tensor sqrt() => clone().sqrt_();
                    public Tensor sqrt_() => Set(i => Math.Sqrt(Data[i]));
                    public Tensor add(Tensor other) => clone().add_(other);
                    public Tensor add_(Tensor other) => Set(i => Data[i] + other.At(i));
                    public Tensor add(Scalar other) => clone().add_(other);
                    public Tensor add_(Scalar other) => Set(i => Data[i] + other.Value);
                    public Tensor add(Tensor other, Scalar weight) => clone().add_(other, weight);
                    public Tensor add_(Tensor other, Scalar weight) => Set(i => Data[i] + weight.Value * other.At(i));
                    public Tensor mul(Tensor other) => clone().mul_(other);
                    public Tensor mul_(Tensor other) => Set(i => Data[i] * other.At(i));
                    public Tensor mul(Scalar other) => clone().mul_(other);
                    public Tensor mul_(Scalar other) => Set(i => Data[i] * other.Value);
                    public Tensor div(Tensor other) => clone().div_(other);
                    public Tensor div_(Tensor other) => Set(i => Data[i] / other.At(i));
                    public Tensor div(Scalar other) => clone().div_(other);
                    public Tensor div_(Scalar other) => Set(i => Data[i] / other.Value);
                    public Tensor addcmul(Tensor a, Tensor b, Scalar weight) => clone().addcmul_(a, b, weight);
                    public Tensor addcmul_(Tensor a, Tensor b, Scalar weight) => Set(i => Data[i] + weight.Value * a.At(i) * b.At(i));

                    private double At(int i) => Data.Length == 1 ? Data[0] : Data[i];

                    private Tensor Set(Func<int, double> value)
                    {
                        for (int i = 0; i < Data.Length; i++) _data[i] = value(i);
                        return this;
                    }
                }
            }
        }

        namespace Shampoo.Runtime
        {
            public sealed class BlockSlice
            {
                public TorchSharp.torch.Tensor Norm(TorchSharp.torch.Tensor x) => new TorchSharp.torch.Tensor(new[] { Math.Sqrt(x.Data.Sum(v => v * v)) });
            }
        }

        public sealed class State { public TorchSharp.torch.Tensor first_moment, momentum; }

        public sealed class Numbers { public TorchSharp.Scalar s = 0.75, w = 1.25; }
        """;
}
