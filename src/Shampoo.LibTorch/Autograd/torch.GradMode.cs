using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Switches gradients off on this thread until the result is disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    /// <summary>Switches gradients on (or off) on this thread until the result is disposed.</summary>
    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    /// <inheritdoc cref="enable_grad"/>
    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    /// <summary>As <see cref="no_grad"/>, and tensors made meanwhile can never take part in a gradient.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_grad_enabled() => LibTorch.shp_grad_mode() != 0;

    public static bool is_inference_mode_enabled() => LibTorch.shp_inference_mode() != 0;

    private sealed class GradMode : IDisposable
    {
        private readonly int _previous = LibTorch.shp_grad_mode();
        private bool _disposed;

        internal GradMode(bool enabled) => LibTorch.shp_set_grad_mode(enabled ? 1 : 0);

        public void Dispose()
        {
            if (_disposed) return;
            _disposed = true;
            LibTorch.shp_set_grad_mode(_previous);
        }
    }

    private sealed class InferenceMode(bool enabled) : IDisposable
    {
        private IntPtr _guard = LibTorch.Check(LibTorch.shp_inference_guard(enabled ? 1 : 0));

        public void Dispose()
        {
            if (_guard == IntPtr.Zero) return;
            LibTorch.shp_inference_guard_dispose(_guard);
            _guard = IntPtr.Zero;
        }
    }
}
