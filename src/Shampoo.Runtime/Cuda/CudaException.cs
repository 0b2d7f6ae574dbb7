namespace Shampoo.Runtime;

/// <summary>A call of the CUDA driver or of one of its libraries, such as NVRTC, the compiler of kernels, failed.</summary>
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

    /// <summary>What it returned: a <c>CUresult</c>, <c>nvrtcResult</c> or the like; 0 if there was none to call.</summary>
    public int Code { get; }
}
