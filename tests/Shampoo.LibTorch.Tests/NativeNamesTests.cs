using System.Runtime.InteropServices;

namespace Shampoo.LibTorch.Tests;

/// <summary>The functions that others bind themselves, under the names of TorchSharp's native library.</summary>
public unsafe class NativeNamesTests
{
    [DllImport("LibTorchSharp")] private static extern IntPtr THSTensor_data(IntPtr tensor);
    [DllImport("LibTorchSharp")] private static extern IntPtr THSTensor_grad(IntPtr tensor);
    [DllImport("LibTorchSharp")] private static extern void THSTensor_dispose(IntPtr tensor);
    [DllImport("LibTorchSharp")] private static extern long THSTensor_ndimension(IntPtr tensor);
    [DllImport("LibTorchSharp")] private static extern long THSTensor_numel(IntPtr tensor);
    [DllImport("LibTorchSharp")] private static extern long THSTensor_element_size(IntPtr tensor);
    [DllImport("LibTorchSharp")] private static extern long THSTensor_size(IntPtr tensor, long dim);
    [DllImport("LibTorchSharp")] private static extern long THSTensor_stride(IntPtr tensor, long dim);
    [DllImport("LibTorchSharp")] private static extern sbyte THSTensor_type(IntPtr tensor);
    [DllImport("LibTorchSharp")] private static extern int THSTensor_device_type(IntPtr tensor);
    [DllImport("LibTorchSharp")] private static extern int THSTensor_device_index(IntPtr tensor);
    [DllImport("LibTorchSharp")] private static extern int THSTensor_is_sparse(IntPtr tensor);
    [DllImport("LibTorchSharp")] private static extern int THSTensor_is_contiguous(IntPtr tensor);

    [Fact]
    public void They_describe_a_tensor()
    {
        using var whole = arange(0, 12, dtype: ScalarType.Float64).view(3, 4);
        using var part = whole.narrow(1, 1, 2);
        IntPtr handle = part.Handle;
        Assert.Equal(1.0, *(double*)THSTensor_data(handle));
        Assert.Equal(2, THSTensor_ndimension(handle));
        Assert.Equal(6, THSTensor_numel(handle));
        Assert.Equal(8, THSTensor_element_size(handle));
        Assert.Equal(3, THSTensor_size(handle, 0));
        Assert.Equal(4, THSTensor_stride(handle, 0));
        Assert.Equal((sbyte)ScalarType.Float64, THSTensor_type(handle));
        Assert.Equal(0, THSTensor_device_type(handle));
        Assert.Equal(-1, THSTensor_device_index(handle));
        Assert.Equal(0, THSTensor_is_sparse(handle));
        Assert.Equal(0, THSTensor_is_contiguous(handle));
        Assert.Equal(1, THSTensor_is_contiguous(whole.Handle));
    }

    [Fact]
    public void They_give_gradients_and_take_tensors_back()
    {
        using var p = new Parameter(ones(2));
        Assert.Equal(IntPtr.Zero, THSTensor_grad(p.Handle));
        p.sum().backward();
        IntPtr grad = THSTensor_grad(p.Handle);
        Assert.Equal(2, THSTensor_numel(grad));
        Assert.Equal(1f, *(float*)THSTensor_data(grad));
        THSTensor_dispose(grad);
        Values.Near([1, 1], p.grad!);
    }
}
