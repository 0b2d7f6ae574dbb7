using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params long[] indices]
        {
            get => At(indices);
            set => Assign(At(indices), value);
        }

        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => Assign(select(0, i1), value);
        }

        public Tensor this[long i1, long i2]
        {
            get => At([i1, i2]);
            set => Assign(At([i1, i2]), value);
        }

        public Tensor this[long i1, long i2, long i3]
        {
            get => At([i1, i2, i3]);
            set => Assign(At([i1, i2, i3]), value);
        }

        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => At([i1, i2, i3, i4]);
            set => Assign(At([i1, i2, i3, i4]), value);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => At([i1, i2, i3, i4, i5]);
            set => Assign(At([i1, i2, i3, i4, i5]), value);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => At([i1, i2, i3, i4, i5, i6]);
            set => Assign(At([i1, i2, i3, i4, i5, i6]), value);
        }

        /// <summary>The elements that the indices name: a view where no index is a tensor.</summary>
        public Tensor index(params TensorIndex[] indices)
        {
            var (view, tensors) = Narrowed(indices);
            if (tensors is null) return view;
            using (view) return Aten.index_Tensor.Call(view, Arg.OptionalList(tensors));
        }

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            var (view, tensors) = Narrowed(indices);
            using (view) {
                if (tensors is not null) Aten.index_put_.InPlace(view, Arg.OptionalList(tensors), value, accumulate);
                else if (accumulate) view.add_(value);
                else view.copy_(value);
            }
            return this;
        }

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using Tensor number = torch.FromScalar(value, dtype, device);
            return index_put_(number, indices, false);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices)
        {
            using Tensor number = torch.FromScalar(value, dtype, device);
            return index_put_(number, indices, false);
        }

        private Tensor At(ReadOnlySpan<long> indices)
        {
            var view = select(0, indices[0]);
            for (int i = 1; i < indices.Length; i++) {
                using var outer = view;
                view = outer.select(0, indices[i]);
            }
            return view;
        }

        private static void Assign(Tensor view, Tensor value)
        {
            using (view) view.copy_(value);
        }

        /// <summary>Applies what is a view; the indices that are tensors remain, one place (maybe empty) for each dimension before the last of them.</summary>
        private (Tensor view, Tensor?[]? tensors) Narrowed(TensorIndex[] indices)
        {
            var view = alias();
            List<Tensor?>? tensors = null;
            long used = indices.Sum(i => i.Dimensions);
            long dim = 0;

            void Step(Func<Tensor, Tensor> step)
            {
                using var outer = view;
                view = step(outer);
            }

            void Keep(Tensor tensor)
            {
                tensors ??= [];
                while (tensors.Count < dim) tensors.Add(null);
                tensors.Add(tensor);
            }

            foreach (var index in indices) {
                switch (index.Kind) {
                    case TensorIndexKind.None:
                        Step(t => t.unsqueeze(dim));
                        dim++;
                        break;
                    case TensorIndexKind.Ellipsis:
                        dim += Dimensions - used;
                        break;
                    case TensorIndexKind.Single:
                        Step(t => t.select(dim, index.Start!.Value));
                        break;
                    case TensorIndexKind.Slice:
                        if (index.Start is not null || index.Stop is not null || index.Step is not null)
                            Step(t => Aten.slice_Tensor.Call(t, dim, index.Start, index.Stop, index.Step ?? 1));
                        dim++;
                        break;
                    case TensorIndexKind.Bool:
                        Step(t => t.unsqueeze(dim));
                        Keep(torch.tensor(new[] { index.Flag }, device: device));
                        dim++;
                        break;
                    case TensorIndexKind.Tensor:
                        Keep(index.Value!);
                        dim += index.Dimensions;
                        break;
                }
            }
            return (view, tensors?.ToArray());
        }
    }
}
