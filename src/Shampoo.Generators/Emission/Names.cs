namespace Shampoo.Generators.Emission;

/// <summary>Full names, so that nothing the user declares can come between.</summary>
internal static class Names
{
    public const string Tensor = "global::TorchSharp.torch.Tensor";
    public const string Scalar = "global::TorchSharp.Scalar";
    public const string Parameter = "global::TorchSharp.Modules.Parameter";
    public const string IBetas = "global::TorchSharp.torch.optim.IBetas";
    public const string IMomentum = "global::TorchSharp.torch.optim.IMomentum";
    public const string Runtime = "global::Shampoo.Runtime.";
    public const string Precision = "global::Shampoo.Precision.";
    public const string LargeDimensions = "global::Shampoo.LargeDimensions";
    public const string Elementwise = "global::Shampoo.ElementwiseDialect";
    public const string Communicated = "global::Shampoo.Communicated.";
    public const string BlockCost = "global::Shampoo.BlockCost.";
    public const string ProcessGroup = "global::Shampoo.Runtime.ProcessGroup";
    public const string Enumerable = "global::System.Collections.Generic.IEnumerable";
    public const string FloatingPoint = "global::System.Numerics.IBinaryFloatingPointIeee754";

    /// <summary>For loops over all parameters: the first step does not run what is not optimized yet.</summary>
    public const string OptimizedAtOnce = "[global::System.Runtime.CompilerServices.MethodImpl(global::System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]";
}
