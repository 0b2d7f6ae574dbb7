using System.Runtime.InteropServices;
using System.Text;

namespace Shampoo.Runtime;

/// <summary>NVRTC, the compiler of CUDA kernels at run time.</summary>
internal sealed unsafe class Nvrtc
{
    private readonly delegate* unmanaged<int, nint> _errorText;
    private readonly delegate* unmanaged<nint*, byte*, byte*, int, nint, nint, int> _create;
    private readonly delegate* unmanaged<nint, int, nint*, int> _compile;
    private readonly delegate* unmanaged<nint*, int> _destroy;
    private readonly delegate* unmanaged<nint, nuint*, int> _logSize, _binarySize, _assemblySize;
    private readonly delegate* unmanaged<nint, byte*, int> _log, _binary, _assembly;

    /// <param name="library">Throws a <see cref="CudaException"/> if it has not all of the functions.</param>
    public Nvrtc(CudaLibrary library)
    {
        _errorText = (delegate* unmanaged<int, nint>)library.Find("nvrtcGetErrorString");
        _create = (delegate* unmanaged<nint*, byte*, byte*, int, nint, nint, int>)library.Find("nvrtcCreateProgram");
        _compile = (delegate* unmanaged<nint, int, nint*, int>)library.Find("nvrtcCompileProgram");
        _destroy = (delegate* unmanaged<nint*, int>)library.Find("nvrtcDestroyProgram");
        _logSize = (delegate* unmanaged<nint, nuint*, int>)library.Find("nvrtcGetProgramLogSize");
        _log = (delegate* unmanaged<nint, byte*, int>)library.Find("nvrtcGetProgramLog");
        _binarySize = (delegate* unmanaged<nint, nuint*, int>)library.Find("nvrtcGetCUBINSize");
        _binary = (delegate* unmanaged<nint, byte*, int>)library.Find("nvrtcGetCUBIN");
        _assemblySize = (delegate* unmanaged<nint, nuint*, int>)library.Find("nvrtcGetPTXSize");
        _assembly = (delegate* unmanaged<nint, byte*, int>)library.Find("nvrtcGetPTX");
        Version = ReadVersion(library);
        Architectures = ReadArchitectures(library);
    }

    /// <summary>Such as 12.8.</summary>
    public string Version { get; }

    /// <summary>The compute capabilities that it compiles for, such as 75, 80, 90; ascending.</summary>
    public int[] Architectures { get; }

    /// <summary>
    /// The architecture to compile for: the device's own where NVRTC knows it, else the newest before it, virtual, for the driver to compile
    /// (then the image is PTX).
    /// </summary>
    /// <param name="capability">The device's compute capability, such as 90 for 9.0.</param>
    public string ArchitectureFor(int capability)
    {
        var newest = Architectures.Where(architecture => architecture <= capability).DefaultIfEmpty(0).Max();
        if (newest == 0)
            throw new CudaException($"NVRTC {Version} does not compile for a device of compute capability {capability / 10}.{capability % 10}");
        return newest == capability ? $"sm_{newest}" : $"compute_{newest}";
    }

    /// <summary>Compiles a program.</summary>
    /// <param name="text">CUDA C++.</param>
    /// <param name="options">With the architecture.</param>
    /// <returns>The image, for the driver to load. Errors of the text are in the message of the <see cref="CudaException"/>.</returns>
    public byte[] Compile(string text, string[] options)
    {
        nint program;
        fixed (byte* source = Encoding.UTF8.GetBytes(text + "\0"), name = "shampoo.cu\0"u8)
            Check(_create(&program, source, name, 0, 0, 0), "nvrtcCreateProgram");
        var arguments = Array.ConvertAll(options, Marshal.StringToCoTaskMemUTF8);
        try
        {
            int result;
            fixed (nint* first = arguments)
                result = _compile(program, arguments.Length, first);
            if (result != 0)
                throw new CudaException("nvrtcCompileProgram", result, $"{ErrorText(result)}: {Encoding.UTF8.GetString(Read(program, _logSize, _log, "nvrtcGetProgramLog")).TrimEnd('\0', '\n')}");
            return Array.Exists(options, option => option.Contains("=sm_", StringComparison.Ordinal))
                ? Read(program, _binarySize, _binary, "nvrtcGetCUBIN")
                : Read(program, _assemblySize, _assembly, "nvrtcGetPTX");
        }
        finally
        {
            Array.ForEach(arguments, Marshal.FreeCoTaskMem);
            _ = _destroy(&program);
        }
    }

    private byte[] Read(nint program, delegate* unmanaged<nint, nuint*, int> size, delegate* unmanaged<nint, byte*, int> read, string call)
    {
        nuint count;
        Check(size(program, &count), call + "Size");
        var bytes = new byte[(int)count];
        fixed (byte* first = bytes)
            Check(read(program, first), call);
        return bytes;
    }

    private string ReadVersion(CudaLibrary library)
    {
        int major, minor;
        Check(((delegate* unmanaged<int*, int*, int>)library.Find("nvrtcVersion"))(&major, &minor), "nvrtcVersion");
        return $"{major}.{minor}";
    }

    private int[] ReadArchitectures(CudaLibrary library)
    {
        int count;
        Check(((delegate* unmanaged<int*, int>)library.Find("nvrtcGetNumSupportedArchs"))(&count), "nvrtcGetNumSupportedArchs");
        var architectures = new int[count];
        fixed (int* first = architectures)
            Check(((delegate* unmanaged<int*, int>)library.Find("nvrtcGetSupportedArchs"))(first), "nvrtcGetSupportedArchs");
        return architectures;
    }

    private void Check(int result, string call)
    {
        if (result != 0)
            throw new CudaException(call, result, ErrorText(result));
    }

    private string ErrorText(int result) => Marshal.PtrToStringUTF8(_errorText(result)) ?? "unknown";
}
