namespace Shampoo.Runtime;

/// <summary>A parameter or a buffer of a module.</summary>
/// <param name="Role">What it is, for messages.</param>
/// <param name="Name">Its name in the module.</param>
/// <param name="Tensor">The module's own.</param>
internal sealed record NamedTensor(string Role, string Name, Tensor Tensor)
{
    private readonly nint _handle = Tensor.Handle;

    public StorageKind Kind { get; } = BlockedParameter.KindOf(Tensor);

    public long Bytes { get; } = Tensor.numel() * Tensor.element_size();

    /// <summary>All parameters of a module, and then all buffers.</summary>
    public static NamedTensor[] Of(torch.nn.Module module) =>
    [
        .. module.named_parameters().Select(parameter => new NamedTensor("parameter", parameter.name, parameter.parameter)),
        .. module.named_buffers().Select(buffer => new NamedTensor("buffer", buffer.name, buffer.buffer)),
    ];

    /// <summary>Throws if the module has another tensor by now.</summary>
    public void RequireUnmoved()
    {
        if (Tensor.IsInvalid || Tensor.Handle != _handle)
        {
            throw new InvalidOperationException(
                $"The {Role} '{Name}' was disposed or replaced, as module.to(device) or module.to(dtype) does. "
                + "Move the module first, then make DistributedDataParallel of it.");
        }
    }

    /// <summary>What has to be the same on all ranks.</summary>
    public override string ToString() =>
        $"{Role} '{Name}' [{string.Join(", ", Tensor.shape)}] of {Tensor.dtype}{(Tensor.is_sparse ? ", sparse" : "")}{(Role == "parameter" && !Tensor.requires_grad ? ", which requires no grad" : "")}";
}
