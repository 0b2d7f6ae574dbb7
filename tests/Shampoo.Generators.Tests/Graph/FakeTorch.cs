namespace Shampoo.Generators.Tests.Graph;

/// <summary>A torch of one block and a few elements, to run printed sweeps in: it knows who has been disposed.</summary>
internal static class FakeTorch
{
    public const string Source = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using TorchSharp;

        namespace TorchSharp
        {
            public abstract class Owned : IDisposable
            {
                public static int Alive;

                public bool IsDisposed { get; private set; }

                protected Owned() => Alive++;

                public void Dispose() { if (IsDisposed) throw new ObjectDisposedException(GetType().Name); IsDisposed = true; Alive--; }
            }

            public sealed class Scalar(double value) : Owned
            {
                public double Value => IsDisposed ? throw new ObjectDisposedException("Scalar") : value;
                public static implicit operator Scalar(double value) => new Scalar(value);
            }

            public static class torch
            {
                public sealed class Tensor(double[] data) : Owned
                {
                    public double[] Data => IsDisposed ? throw new ObjectDisposedException("Tensor") : data;

                    public Tensor clone() => new Tensor((double[])Data.Clone());
                    public Tensor copy_(Tensor other) => Set(i => other.Data[i]);
                    public Tensor sqrt() => clone().sqrt_();
                    public Tensor sqrt_() => Set(i => Math.Sqrt(Data[i]));
                    public Tensor sign() => clone().sign_();
                    public Tensor sign_() => Set(i => Data[i] > 0 ? 1 : Data[i] < 0 ? -1 : 0);
                    public Tensor pow(Scalar exponent) => clone().pow_(exponent);
                    public Tensor pow_(Scalar exponent) => Set(i => Math.Pow(Data[i], exponent.Value));
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
                    public Tensor clamp_min(Scalar least) => clone().clamp_min_(least);
                    public Tensor clamp_min_(Scalar least) => Set(i => Math.Max(least.Value, Data[i]));
                    // Torch may multiply from the left; in this order the results can be compared bit by bit.
                    public Tensor addcmul(Tensor a, Tensor b, Scalar weight) => clone().addcmul_(a, b, weight);
                    public Tensor addcmul_(Tensor a, Tensor b, Scalar weight) => Set(i => Data[i] + weight.Value * a.At(i) * b.At(i));

                    private double At(int i) => Data.Length == 1 ? Data[0] : Data[i];

                    private Tensor Set(Func<int, double> value)
                    {
                        for (int i = 0; i < Data.Length; i++) Data[i] = value(i);
                        return this;
                    }
                }
            }
        }

        namespace Shampoo.Runtime
        {
            public class BlockArray(double[] data) : IDisposable
            {
                private torch.Tensor _contents = new torch.Tensor((double[])data.Clone());

                public virtual double[] Contents => _contents.Data;

                public torch.Tensor Stack() => _contents;

                public virtual torch.Tensor Adopt(torch.Tensor contents) { _contents.Dispose(); return _contents = contents; }

                public virtual void Dispose() => _contents.Dispose();
            }

            /// <summary>Gradient or parameters: stacking copies them, and nobody may change the copy.</summary>
            public sealed class ModelArray(double[] data) : BlockArray(data)
            {
                private readonly double[] _data = (double[])data.Clone();

                public override double[] Contents => _data;

                public override torch.Tensor Adopt(torch.Tensor contents) => throw new NotSupportedException();

                public void Add(torch.Tensor direction, Scalar alpha)
                {
                    for (int i = 0; i < _data.Length; i++) _data[i] += alpha.Value * direction.Data[i];
                }

                public override void Dispose()
                {
                    if (!Stack().Data.SequenceEqual(data)) throw new InvalidOperationException("A stack of the model was changed.");
                    base.Dispose();
                }
            }

            public sealed class BlockNorms(double norm) : IDisposable
            {
                public torch.Tensor Tensor { get; private set; } = new torch.Tensor(new[] { norm });

                private torch.Tensor _rms;

                public torch.Tensor Rms => _rms ??= new torch.Tensor(new[] { Tensor.Data[0] / Math.Sqrt(3) });

                public void Take(torch.Tensor x) { Dispose(); _rms = null; Tensor = new torch.Tensor(new[] { Math.Sqrt(x.Data.Sum(v => v * v)) }); }

                public void Dispose() { Tensor.Dispose(); _rms?.Dispose(); }
            }
        }

        public static class Torch
        {
            /// <summary>Runs a method of TorchBlocks over arrays and norms by name, changes them, and looks for what has been left behind.</summary>
            public static void Run(string sweep, Dictionary<string, double[]> arrays, Dictionary<string, double> norms)
            {
                var blocks = new TorchBlocks { state = new State() };
                var owned = new List<IDisposable>();
                var stacks = new Dictionary<string, Shampoo.Runtime.BlockArray>();
                foreach (var owner in new object[] { blocks, blocks.state })
                foreach (var field in owner.GetType().GetFields())
                {
                    object value = field.FieldType == typeof(State) ? blocks.state
                        : field.FieldType == typeof(Shampoo.Runtime.ModelArray) ? stacks[field.Name] = new Shampoo.Runtime.ModelArray(arrays[field.Name])
                        : field.FieldType == typeof(Shampoo.Runtime.BlockArray) ? stacks[field.Name] = new Shampoo.Runtime.BlockArray(arrays[field.Name])
                        : new Shampoo.Runtime.BlockNorms(norms[field.Name]);
                    field.SetValue(owner, value);
                    if (value is IDisposable disposable) owned.Add(disposable);
                }
                var method = typeof(TorchBlocks).GetMethod(sweep);
                method.Invoke(blocks, method.GetParameters().Select(p => Activator.CreateInstance(typeof(Numbers))).ToArray());
                foreach (var array in stacks) arrays[array.Key] = (double[])array.Value.Contents.Clone();
                foreach (var name in norms.Keys.ToArray()) norms[name] = ((Shampoo.Runtime.BlockNorms)typeof(TorchBlocks).GetField(name).GetValue(blocks)).Tensor.Data[0];
                foreach (var disposable in owned) disposable.Dispose();
                if (Owned.Alive != 0) throw new InvalidOperationException($"{Owned.Alive} tensors and scalars were left behind.");
            }
        }
        """;
}
