using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) => new(inputSize, outputSize, hasBias, device, dtype);
        public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);
        public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(in_channels, out_channels, Both(kernel_size), Both(stride), Both(padding), Padding.Valid, Both(dilation), padding_mode, groups, bias, device, dtype);
        public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(in_channels, out_channels, Both(kernel_size), Both(stride), null, padding, Both(dilation), padding_mode, groups, bias, device, dtype);
        public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(in_channels, out_channels, kernel_size, stride ?? (1, 1), padding ?? (0, 0), Padding.Valid, dilation ?? (1, 1), padding_mode, groups, bias, device, dtype);
        public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, Padding padding, (long, long)? stride = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(in_channels, out_channels, kernel_size, stride ?? (1, 1), null, padding, dilation ?? (1, 1), padding_mode, groups, bias, device, dtype);
        public static Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null) => Modules.Embedding.Random(num_embeddings, embedding_dims, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, device, dtype);
        public static Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null) => new(new Parameter(embeddings.to(dtype ?? embeddings.dtype, device ?? embeddings.device), !freeze), padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);
        public static LayerNorm LayerNorm(long[] normalized_shape, double eps = 1E-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) => new(normalized_shape, eps, elementwise_affine, bias, device, dtype);
        public static LayerNorm LayerNorm(long normalized_shape, double eps = 1E-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) => new([normalized_shape], eps, elementwise_affine, bias, device, dtype);
        public static GroupNorm GroupNorm(long num_groups, long num_channels, double eps = 1E-05, bool affine = true, Device? device = null, ScalarType? dtype = null) => new(num_groups, num_channels, eps, affine, device, dtype);
        public static BatchNorm1d BatchNorm1d(long num_features, double eps = 1E-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) => new(num_features, eps, momentum, affine, track_running_stats, device, dtype);
        public static BatchNorm2d BatchNorm2d(long num_features, double eps = 1E-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null) => new(num_features, eps, momentum, affine, track_running_stats, device, dtype);
        public static Sequential Sequential() => new(Array.Empty<Module<Tensor, Tensor>>());
        public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) => new(modules);
        public static Sequential Sequential(params (string, Module<Tensor, Tensor>)[] modules) => new(modules);
        public static Sequential Sequential(params Tuple<string, Module<Tensor, Tensor>>[] modules) => new(modules.Select(m => (m.Item1, m.Item2)).ToArray());
        public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) => new(modules.ToArray());
        public static Sequential Sequential(IEnumerable<(string, Module<Tensor, Tensor>)> modules) => new(modules.ToArray());
        public static Sequential Sequential(IEnumerable<Tuple<string, Module<Tensor, Tensor>>> modules) => new(modules.Select(m => (m.Item1, m.Item2)).ToArray());
        public static ReLU ReLU(bool inplace = false) => new(inplace);
        public static LeakyReLU LeakyReLU(double negative_slope = 0.01, bool inplace = false) => new(negative_slope, inplace);
        public static GELU GELU() => new(false);
        public static GELU GELU(bool inplace) => new(inplace);
        public static SiLU SiLU() => new(false);
        public static SiLU SiLU(bool inplace) => new(inplace);
        public static Sigmoid Sigmoid() => new(false);
        public static Sigmoid Sigmoid(bool inplace) => new(inplace);
        public static Tanh Tanh() => new(false);
        public static Tanh Tanh(bool inplace = false) => new(inplace);
        public static Softmax Softmax(long dim) => new(dim);
        public static LogSoftmax LogSoftmax(long dim) => new(dim);
        public static Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);
        public static Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);
        public static Identity Identity() => new();
        public static MaxPool2d MaxPool2d(long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) => new(List(Both(kernel_size)), List(Both(stride)), List(Both(padding)), List(Both(dilation)), ceil_mode);
        public static MaxPool2d MaxPool2d((long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, bool ceil_mode = false) => new(List(kernel_size), List(stride), List(padding), List(dilation), ceil_mode);
        public static MaxPool2d MaxPool2d(long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) => new(kernel_size, stride, padding, dilation, ceil_mode);
        public static AvgPool2d AvgPool2d(long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => new(List(Both(kernel_size)), List(Both(stride)), List(Both(padding)), ceil_mode, count_include_pad, divisor_override);
        public static AvgPool2d AvgPool2d((long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => new(List(kernel_size), List(stride), List(padding), ceil_mode, count_include_pad, divisor_override);
        public static AvgPool2d AvgPool2d(long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => new(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
        public static AdaptiveAvgPool2d AdaptiveAvgPool2d(long output_size) => new(List(Both(output_size)));
        public static AdaptiveAvgPool2d AdaptiveAvgPool2d((long, long) output_size) => new(List(output_size));
        public static AdaptiveAvgPool2d AdaptiveAvgPool2d(long[] output_size) => new(output_size);
        public static MSELoss MSELoss(Reduction reduction = Reduction.Mean) => new(reduction);
        public static L1Loss L1Loss(Reduction reduction = Reduction.Mean) => new(reduction);
        public static NLLLoss NLLLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);
        public static CrossEntropyLoss CrossEntropyLoss(Tensor? weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean) => new(weight, ignore_index, reduction);

        public static ModuleList<Module> ModuleList(params Module[] modules) => new(modules);
        public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);

        private static (long, long) Both(long n) => (n, n);
        private static (long, long)? Both(long? n) => n is long v ? (v, v) : null;
        private static long[] List((long, long) pair) => [pair.Item1, pair.Item2];
        private static long[]? List((long, long)? pair) => pair is (long, long) p ? [p.Item1, p.Item2] : null;
    }
}
