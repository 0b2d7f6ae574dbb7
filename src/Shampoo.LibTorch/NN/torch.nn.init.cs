using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Initial values of parameters.</summary>
        public static partial class init
        {
            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null) => Quietly(tensor, t => t.normal_(mean, std, generator));
            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null) => Quietly(tensor, t => t.uniform_(low, high, generator));
            public static Tensor constant_(Tensor tensor, Scalar val) => Quietly(tensor, t => t.fill_(val));
            public static Tensor zeros_(Tensor tensor) => Quietly(tensor, t => t.zero_());
            public static Tensor ones_(Tensor tensor) => Quietly(tensor, t => t.fill_(1));
            public static Tensor eye_(Tensor tensor) => Quietly(tensor, t => { using var identity = eye(t.shape[0], t.shape[1], t.dtype, t.device); t.copy_(identity); });
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0, double std = 1, double a = -2, double b = 2, Generator? generator = null) => Quietly(tensor, t => Truncated(t, mean, std, a, b, generator));
            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1) => Uniform(tensor, gain * Math.Sqrt(6.0 / FanSum(tensor)));
            public static Tensor xavier_normal_(Tensor tensor, double gain = 1) => normal_(tensor, 0, gain * Math.Sqrt(2.0 / FanSum(tensor)));
            public static Tensor glorot_uniform_(Tensor tensor, double gain = 1) => xavier_uniform_(tensor, gain);
            public static Tensor glorot_normal_(Tensor tensor, double gain = 1) => xavier_normal_(tensor, gain);
            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) => Uniform(tensor, calculate_gain(nonlinearity, a) * Math.Sqrt(3.0 / Fan(tensor, mode)));
            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) => normal_(tensor, 0, calculate_gain(nonlinearity, a) / Math.Sqrt(Fan(tensor, mode)));
            public static Tensor orthogonal_(Tensor tensor, double gain = 1) => Quietly(tensor, t => Orthogonal(t, gain));

            /// <summary>Which side's connections the scale is taken from.</summary>
            public enum FanInOut
            {
                FanIn = 0,
                FanOut = 1,
            }

            /// <summary>What follows the parameter, which decides the gain.</summary>
            public enum NonlinearityType
            {
                Linear = 0,
                Conv1D = 1,
                Conv2D = 2,
                Conv3D = 3,
                ConvTranspose1D = 4,
                ConvTranspose2D = 5,
                ConvTranspose3D = 6,
                Sigmoid = 7,
                Tanh = 8,
                ReLU = 9,
                LeakyReLU = 10,
            }

            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0) => nonlinearity switch {
                NonlinearityType.Tanh => 5.0 / 3,
                NonlinearityType.ReLU => Math.Sqrt(2),
                NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + param * param)),
                _ => 1,
            };

            public static (long, long) CalculateFanInAndFanOut(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length < 2) throw new ArgumentException("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
                long receptive = 1;
                foreach (long n in shape.AsSpan(2)) receptive *= n;
                return (shape[1] * receptive, shape[0] * receptive);
            }

            private static long Fan(Tensor tensor, FanInOut mode)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return mode == FanInOut.FanIn ? fanIn : fanOut;
            }

            private static long FanSum(Tensor tensor)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return fanIn + fanOut;
            }

            private static Tensor Uniform(Tensor tensor, double bound) => uniform_(tensor, -bound, bound);

            private static Tensor Quietly(Tensor tensor, Action<Tensor> change)
            {
                using var mode = no_grad();
                change(tensor);
                return tensor;
            }

            /// <summary>A normal variable within [a, b], by the inverse of the distribution function.</summary>
            private static void Truncated(Tensor tensor, double mean, double std, double a, double b, Generator? generator)
            {
                double low = Cumulative((a - mean) / std), high = Cumulative((b - mean) / std);
                tensor.uniform_(2 * low - 1, 2 * high - 1, generator).erfinv_().mul_(std * Math.Sqrt(2)).add_(mean).clamp_(a, b);
            }

            private static double Cumulative(double x)
            {
                using var value = torch.tensor(x / Math.Sqrt(2), ScalarType.Float64);
                using var erf = value.erf();
                return (1 + erf.item<double>()) / 2;
            }

            private static void Orthogonal(Tensor tensor, double gain)
            {
                if (tensor.Dimensions < 2) throw new ArgumentException("Only tensors with 2 or more dimensions are supported");
                using var scope = NewDisposeScope();
                long rows = tensor.shape[0], columns = tensor.numel() / rows;
                var random = randn(Math.Max(rows, columns), Math.Min(rows, columns), tensor.dtype, tensor.device);
                var (q, r) = linalg.qr(random);
                q = q * r.diagonal().sign();
                tensor.copy_((rows < columns ? q.t() : q).reshape(tensor.shape)).mul_(gain);
            }
        }
    }
}
