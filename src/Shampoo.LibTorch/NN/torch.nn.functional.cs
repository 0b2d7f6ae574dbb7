using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>The functions that modules are made of.</summary>
        public static partial class functional
        {
            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_() : x.relu();
            public static Tensor relu6(Tensor x, bool inplace = false) => inplace ? x.relu6_() : x.relu6();
            public static Tensor gelu(Tensor x) => x.gelu();
            public static Tensor gelu(Tensor x, bool inplace) => inplace ? x.gelu_() : x.gelu();
            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? x.silu_() : x.silu();
            public static Tensor selu(Tensor x, bool inplace = false) => inplace ? x.selu_() : x.selu();
            public static Tensor elu(Tensor x, double alpha, bool inplace = false) => inplace ? x.elu_(alpha) : x.elu(alpha);
            public static Tensor sigmoid(Tensor x) => x.sigmoid();
            public static Tensor sigmoid(Tensor x, bool inplace) => inplace ? x.sigmoid_() : x.sigmoid();
            public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? x.tanh_() : x.tanh();
            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) => inplace ? input.leaky_relu_(negative_slope) : input.leaky_relu(negative_slope);
            public static Tensor hardswish(Tensor input, bool inplace = false) => inplace ? input.hardswish_() : input.hardswish();
            public static Tensor hardsigmoid(Tensor input, bool inplace = false) => inplace ? input.hardsigmoid_() : input.hardsigmoid();
            public static Tensor hardtanh(Tensor x, double min_val = -1, double max_val = 1, bool inplace = false) => inplace ? x.hardtanh_(min_val, max_val) : x.hardtanh(min_val, max_val);
            public static Tensor mish(Tensor x, bool inplace = false) => inplace ? Aten.mish_.InPlace(x) : Aten.mish.Call(x);
            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => x.softplus(beta, threshold);
            public static Tensor prelu(Tensor input, Tensor weight) => input.prelu(weight);
            public static Tensor logsigmoid(Tensor x) => x.log_sigmoid();
            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);
            public static Tensor glu(Tensor input, long dim = -1) => Aten.glu.Call(input, dim);
            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => inplace ? Aten.dropout_.InPlace(input, p, training) : Aten.dropout.Call(input, p, training);
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Aten.linear.Call(input, weights, bias);
            public static Tensor bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias = null) => Aten.bilinear.Call(input1, input2, weight, bias);
            public static Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1) => Aten.conv1d.Call(input, weight, bias, One(stride), One(padding), One(dilation), groups);
            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) => Aten.conv2d.Call(input, weight, bias, strides ?? Arg.Default, padding ?? Arg.Default, dilation ?? Arg.Default, groups);
            public static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1) => Aten.conv2d_padding.Call(input, weight, bias, strides ?? Arg.Default, padding == Padding.Same ? "same" : "valid", dilation ?? Arg.Default, groups);
            public static Tensor conv3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) => Aten.conv3d.Call(input, weight, bias, strides ?? Arg.Default, padding ?? Arg.Default, dilation ?? Arg.Default, groups);
            public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) => Aten.conv_transpose2d_input.Call(input, weight, bias, strides ?? Arg.Default, padding ?? Arg.Default, output_padding ?? Arg.Default, groups, dilation ?? Arg.Default);
            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1E-05) => Aten.layer_norm.Call(input, normalized_shape, weight, bias, eps);
            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1E-05) => Aten.group_norm.Call(input, num_groups, weight, bias, eps);
            public static Tensor batch_norm(Tensor input, Tensor running_mean, Tensor running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1E-05) => Aten.batch_norm.Call(input, weight, bias, running_mean, running_var, training, momentum, eps, true);
            public static Tensor max_pool1d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) => Aten.max_pool1d.Call(input, One(kernel_size), One(stride), One(padding), One(dilation), ceil_mode);
            public static Tensor max_pool2d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) => Aten.max_pool2d.Call(input, Two(kernel_size), Two(stride), Two(padding), Two(dilation), ceil_mode);
            public static Tensor max_pool2d(Tensor input, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, bool ceil_mode = false) => Aten.max_pool2d.Call(input, Two(kernel_size), Two(stride), Two(padding), Two(dilation), ceil_mode);
            public static Tensor max_pool2d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) => Aten.max_pool2d.Call(input, kernel_size, strides ?? Arg.Default, padding ?? Arg.Default, dilation ?? Arg.Default, ceil_mode);
            public static Tensor avg_pool1d(Tensor input, long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true) => Aten.avg_pool1d.Call(input, One(kernel_size), One(stride), One(padding), ceil_mode, count_include_pad);
            public static Tensor avg_pool2d(Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => Aten.avg_pool2d.Call(input, Two(kernel_size), Two(stride), Two(padding), ceil_mode, count_include_pad, divisor_override);
            public static Tensor avg_pool2d(Tensor input, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => Aten.avg_pool2d.Call(input, Two(kernel_size), Two(stride), Two(padding), ceil_mode, count_include_pad, divisor_override);
            public static Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => Aten.avg_pool2d.Call(input, kernel_size, stride ?? Arg.Default, padding ?? Arg.Default, ceil_mode, count_include_pad, divisor_override);
            public static Tensor adaptive_avg_pool1d(Tensor input, long output_size) => Aten.adaptive_avg_pool1d.Call(input, One(output_size));
            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) => Aten.adaptive_avg_pool2d.Call(input, Two(output_size));
            public static Tensor adaptive_avg_pool2d(Tensor input, (long, long) output_size) => Aten.adaptive_avg_pool2d.Call(input, Two(output_size));
            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) => Aten.adaptive_avg_pool2d.Call(input, output_size);
            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0) => Aten.cross_entropy_loss.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);
            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) => Aten.nll_loss_nd.Call(input, target, weight, (long)reduction);
            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Aten.mse_loss.Call(input, target, (long)reduction);
            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Aten.l1_loss.Call(input, target, (long)reduction);
            public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1) => Aten.smooth_l1_loss.Call(input, target, (long)reduction, beta);
            public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean) => Aten.huber_loss.Call(input, target, (long)reduction, delta);
            public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) => Aten.kl_div.Call(input, target, (long)reduction, log_target);
            public static Tensor binary_cross_entropy(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) => Aten.binary_cross_entropy.Call(input, target, weight, (long)reduction);
            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) => Aten.binary_cross_entropy_with_logits.Call(input, target, weight, pos_weights, (long)reduction);
            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1E-08) => Aten.cosine_similarity.Call(x1, x2, dim, eps);
            public static Tensor pairwise_distance(Tensor input1, Tensor input2, double p = 2, double eps = 1E-06, bool keepdim = false) => Aten.pairwise_distance.Call(input1, input2, p, eps, keepdim);
            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1E-12) => Normalized(input, p, dim, eps);
            public static Tensor one_hot(Tensor x, long num_classes = -1) => Aten.one_hot.Call(x, num_classes);
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => Padded(input, pad, mode, value);
            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => Padded(input, pad.ToArray(), mode, value);
            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => Padded(input, [pad.Item1, pad.Item2], mode, value);
            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => Padded(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);
            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => Padded(input, [pad, pad], mode, value);
            public static Tensor pixel_shuffle(Tensor input, long upscale_factor) => Aten.pixel_shuffle.Call(input, upscale_factor);
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_casual = false) => Aten.scaled_dot_product_attention.Exists ? Aten.scaled_dot_product_attention.Call(query, key, value, attn_mask, p, is_casual) : Attention(query, key, value, attn_mask, p, is_casual);

            private static Tensor Normalized(Tensor input, double p, long dim, double eps)
            {
                using var norm = linalg.vector_norm(input, p, [dim], true);
                using var bounded = norm.clamp_min(eps);
                return input.div(bounded);
            }

            private static Tensor Padded(Tensor input, long[] pad, PaddingModes mode, double value) => mode switch {
                PaddingModes.Constant or PaddingModes.Zeros => Aten.pad.Call(input, pad, "constant", value),
                _ => Aten.pad.Call(input, pad, mode.ToString().ToLowerInvariant()),
            };

            /// <summary>Attention for versions of torch that have no operator for it.</summary>
            private static Tensor Attention(Tensor query, Tensor key, Tensor value, Tensor? mask, double p, bool causal)
            {
                using var scope = NewDisposeScope();
                var scores = query.matmul(key.transpose(-2, -1)).mul(1 / Math.Sqrt(query.shape[^1]));
                if (causal) mask = ones([scores.shape[^2], scores.shape[^1]], ScalarType.Bool, query.device).tril();
                if (mask is not null) scores = mask.dtype == ScalarType.Bool ? scores.masked_fill(mask.logical_not(), double.NegativeInfinity) : scores + mask;
                return scope.MoveToOuter(dropout(scores.softmax(-1), p, p > 0).matmul(value));
            }

            private static long[] One(long n) => [n];
            private static Arg One(long? n) => n is long v ? new long[] { v } : Arg.Default;
            private static long[] Two(long n) => [n, n];
            private static Arg Two(long? n) => n is long v ? new long[] { v, v } : Arg.Default;
            private static long[] Two((long, long) n) => [n.Item1, n.Item2];
            private static Arg Two((long, long)? n) => n is (long, long) v ? new long[] { v.Item1, v.Item2 } : Arg.Default;
        }
    }
}
