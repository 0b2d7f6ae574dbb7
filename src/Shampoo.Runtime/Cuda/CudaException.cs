namespace Shampoo.Runtime;

/// <summary>A call of the CUDA driver or of NVRTC, the compiler of its kernels, failed.</summary>
public sealed class CudaException : Exception
{
    internal CudaException(string call, int code, string text) : base($"{call} failed with code {code} ({text}).")
    {
        Call = call;
        Code = code;
    }

    internal CudaException(string message) : base(message) => Call = "";

    /// <summary>The function that failed, such as <c>cuLaunchKernel</c>; empty if there was none to call.</summary>
    public string Call { get; }

    /// <summary>What it returned: a <c>CUresult</c> or <c>nvrtcResult</c>; 0 if there was none to call.</summary>
    public int Code { get; }
}
