using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The accumulated gradient, or null. Each get gives a new object for the same tensor.</summary>
        public Tensor? grad
        {
            get {
                IntPtr result = LibTorch.THSTensor_grad(Handle);
                if (result != IntPtr.Zero) return new Tensor(result);
                LibTorch.ThrowIfError();
                return null;
            }
            set {
                LibTorch.Check(LibTorch.shp_set_grad(Handle, value is null ? IntPtr.Zero : value.Handle));
                GC.KeepAlive(value);
            }
        }

        public bool requires_grad
        {
            get => LibTorch.Check(LibTorch.shp_requires_grad(Handle)) != 0;
            set => LibTorch.Check(LibTorch.shp_set_requires_grad(Handle, value ? 1 : 0));
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        /// <inheritdoc cref="requires_grad_"/>
        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public bool is_leaf => LibTorch.Check(LibTorch.shp_is_leaf(Handle)) != 0;

        /// <summary>Keeps the gradient of a tensor that is not a leaf.</summary>
        public void retain_grad() => LibTorch.Check(LibTorch.shp_retain_grad(Handle));

        public Tensor detach() => Aten.detach.Call(this);
        public Tensor detach_() => Aten.detach_.InPlace(this);

        public void backward() => backward(null);

        /// <summary>Adds the gradients of this tensor to the leaves it depends on (or to <paramref name="inputs"/> only).</summary>
        public unsafe void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            if (grad_tensors is { Count: > 1 }) throw new ArgumentException("One tensor has one gradient.", nameof(grad_tensors));
            var gradient = grad_tensors is { Count: 1 } ? grad_tensors[0] : null;
            int count = inputs?.Count ?? 0;
            var targets = new IntPtr[count];
            for (int i = 0; i < count; i++) targets[i] = inputs![i].Handle;
            fixed (IntPtr* p = targets)
                LibTorch.Check(LibTorch.shp_backward(Handle, gradient is null ? IntPtr.Zero : gradient.Handle, retain_graph || create_graph ? 1 : 0, create_graph ? 1 : 0, p, count));
            GC.KeepAlive(gradient);
            GC.KeepAlive(inputs);
        }
    }
}
