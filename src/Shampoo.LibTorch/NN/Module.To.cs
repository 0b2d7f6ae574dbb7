using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                Convert(dtype, InitializeDevice(device), non_blocking);
                return this;
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                Convert(null, InitializeDevice(new Device(deviceType, deviceIndex)), non_blocking);
                return this;
            }

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                Convert(dtype, null, non_blocking);
                return this;
            }

            public Module _to(Tensor other, bool non_blocking) => _to(other.device, other.dtype, non_blocking);

            /// <summary>Replaces the parameters and buffers of this module and of those below; the old objects are disposed.</summary>
            private void Convert(ScalarType? dtype, Device? device, bool non_blocking)
            {
                foreach (var (_, child) in named_children()) {
                    if (dtype is null) child._to(device!.type, device.index, non_blocking);
                    else if (device is null) child._to(dtype.Value, non_blocking);
                    else child._to(device, dtype.Value, non_blocking);
                }
                _toEpilog(dtype, device, non_blocking);
            }

            protected virtual void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
            {
                var replaced = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (own, parameter) in _internal_params.ToList()) {
                    if (!ReplaceParameter(dtype, device, parameter, out var successor)) continue;
                    _internal_params[own] = successor!;
                    replaced.Add(parameter, successor!);
                }
                foreach (var (own, (buffer, persistent)) in _internal_buffers.ToList()) {
                    var kept = is_floating_point(buffer) ? dtype : null;
                    if (!ReplaceBuffer(kept, device, buffer, out var successor)) continue;
                    _internal_buffers[own] = (successor!, persistent);
                    replaced.Add(buffer, successor!);
                }
                if (replaced.Count == 0) return;
                foreach (var field in Fields())
                    if (field.GetValue(this) is Tensor old && replaced.TryGetValue(old, out var successor)) field.SetValue(this, successor);
            }

            /// <summary>A parameter elsewhere or of another type, in place of one that is disposed.</summary>
            protected static bool ReplaceParameter(ScalarType? dtype, Device? device, Parameter param, out Parameter? p)
            {
                p = null;
                if (!Differs(param, dtype, device)) return false;
                using var mode = no_grad();
                using var grad = param.grad;
                bool trained = param.requires_grad;
                p = new Parameter(param.to(dtype ?? param.dtype, device ?? param.device), trained);
                p.DetachFromDisposeScope();
                if (grad is not null) p.grad = grad.to(p.dtype, p.device);
                param.Dispose();
                return true;
            }

            /// <summary>A buffer elsewhere or of another type, in place of one that is disposed.</summary>
            protected static bool ReplaceBuffer(ScalarType? dtype, Device? device, Tensor buffer, out Tensor? result)
            {
                result = null;
                if (!Differs(buffer, dtype, device)) return false;
                using var mode = no_grad();
                result = buffer.to(dtype ?? buffer.dtype, device ?? buffer.device).DetachFromDisposeScope();
                buffer.Dispose();
                return true;
            }

            private static bool Differs(Tensor tensor, ScalarType? dtype, Device? device) =>
                (dtype is ScalarType type && type != tensor.dtype)
                || (device is not null && (device.type != tensor.device_type || (device.index >= 0 && device.index != tensor.device_index)));
        }
    }
}
