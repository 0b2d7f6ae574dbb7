using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Functions of lists of parameters.</summary>
        public static class utils
        {
            /// <summary>Scales the gradients so that the norm of all of them together is at most <paramref name="max_norm"/>, and returns what it was.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                using var mode = no_grad();
                using var scope = NewDisposeScope();
                var grads = tensors.Select(p => p.grad).OfType<Tensor>().ToList();
                if (grads.Count == 0) return 0;
                var norms = stack(grads.Select(g => linalg.vector_norm(g, norm_type).to(grads[0].device)));
                double total = linalg.vector_norm(norms, norm_type).ToDouble();
                double scale = Math.Min(max_norm / (total + 1e-6), 1);
                foreach (var grad in grads) grad.mul_(scale);
                return total;
            }

            /// <summary>Limits the elements of the gradients to [-clip_value, clip_value].</summary>
            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var mode = no_grad();
                foreach (var parameter in tensors) {
                    using var grad = parameter.grad;
                    grad?.clamp_(-clip_value, clip_value);
                }
            }

            /// <summary>All parameters in one vector.</summary>
            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                return scope.MoveToOuter(cat(tensors.Select(p => p.view(-1)).ToArray()));
            }

            /// <summary>Copies consecutive pieces of a vector into the parameters.</summary>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using var mode = no_grad();
                long start = 0;
                foreach (var parameter in tensors) {
                    using var piece = vec.narrow(0, start, parameter.numel());
                    using var shaped = piece.view_as(parameter);
                    parameter.copy_(shaped);
                    start += parameter.numel();
                }
            }
        }
    }
}
