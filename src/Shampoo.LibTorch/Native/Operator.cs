using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.LibTorch.Native;

/// <summary>
/// One operator of torch, found by name when it is first called. The methods differ in what the operator returns.
/// Trailing arguments may be left out: the schema's defaults are taken.
/// </summary>
internal sealed unsafe class Operator(string name, string overload = "")
{
    private const int MaxArguments = 24;
    private const int ScratchSize = 512;

    private IntPtr _native;

    internal string Name => name;
    internal string Overload => overload;

    internal Tensor Call(params ReadOnlySpan<Arg> arguments)
    {
        Value result = default;
        Expect(1, Invoke(null, arguments, &result, 1));
        return Take(result);
    }

    internal (Tensor, Tensor) Call2(params ReadOnlySpan<Arg> arguments)
    {
        Value* results = stackalloc Value[2];
        Expect(2, Invoke(null, arguments, results, 2));
        return (Take(results[0]), Take(results[1]));
    }

    internal (Tensor, Tensor, Tensor) Call3(params ReadOnlySpan<Arg> arguments)
    {
        Value* results = stackalloc Value[3];
        Expect(3, Invoke(null, arguments, results, 3));
        return (Take(results[0]), Take(results[1]), Take(results[2]));
    }

    internal (Tensor, Tensor, Tensor, Tensor) Call4(params ReadOnlySpan<Arg> arguments)
    {
        Value* results = stackalloc Value[4];
        Expect(4, Invoke(null, arguments, results, 4));
        return (Take(results[0]), Take(results[1]), Take(results[2]), Take(results[3]));
    }

    internal Tensor[] CallList(params ReadOnlySpan<Arg> arguments)
    {
        Value result = default;
        Expect(1, Invoke(null, arguments, &result, 1));
        var handles = (IntPtr*)result.Pointer;
        var tensors = new Tensor[result.Count];
        for (int i = 0; i < tensors.Length; i++) tensors[i] = new Tensor(handles[i]);
        LibTorch.shp_free(handles);
        return tensors;
    }

    internal bool CallBool(params ReadOnlySpan<Arg> arguments)
    {
        Value result = default;
        Expect(1, Invoke(null, arguments, &result, 1));
        return result.Integer != 0;
    }

    internal Scalar CallScalar(params ReadOnlySpan<Arg> arguments)
    {
        Value result = default;
        Expect(1, Invoke(null, arguments, &result, 1));
        switch (result.Tag) {
            case Tag.Int:
                return result.Integer;
            case Tag.Bool:
                return result.Integer != 0;
            case Tag.Double:
                return result.Real;
            default:
                var parts = (double*)result.Pointer;
                var value = new Complex(parts[0], parts[1]);
                LibTorch.shp_free(parts);
                return value;
        }
    }

    /// <summary>Calls an operator that changes its first argument, and returns that very argument.</summary>
    internal Tensor InPlace(Tensor self, params ReadOnlySpan<Arg> arguments)
    {
        Invoke(self, arguments, null, 0);
        return self;
    }

    /// <summary>Calls an operator for what it does, as one with an out argument.</summary>
    internal void Run(params ReadOnlySpan<Arg> arguments) => Invoke(null, arguments, null, 0);

    [SkipLocalsInit]
    private int Invoke(Tensor? self, ReadOnlySpan<Arg> arguments, Value* results, int capacity)
    {
        IntPtr native = _native;
        if (native == IntPtr.Zero) native = Find();

        Value* values = stackalloc Value[MaxArguments];
        byte* stack = stackalloc byte[ScratchSize];
        var scratch = new Scratch(stack, ScratchSize);
        int count = 0;
        if (self is not null) {
            values[0].Tag = Tag.Tensor;
            values[0].Pointer = self.Handle;
            count = 1;
        }
        int returned;
        try {
            foreach (ref readonly var argument in arguments) argument.Write(out values[count++], ref scratch);
            returned = LibTorch.shp_call(native, values, count, results, capacity);
        } finally {
            scratch.Free();
        }
        GC.KeepAlive(self);
        foreach (ref readonly var argument in arguments) GC.KeepAlive(argument.Source);
        if (returned < 0) LibTorch.ThrowLastError();
        return returned;
    }

    private IntPtr Find()
    {
        IntPtr found = Look();
        if (found == IntPtr.Zero) LibTorch.ThrowLastError();
        return found;
    }

    /// <summary>Whether the installed libtorch has this operator.</summary>
    internal bool Exists
    {
        get {
            if (Look() != IntPtr.Zero) return true;
            LibTorch.shp_last_error();
            return false;
        }
    }

    private IntPtr Look()
    {
        if (_native != IntPtr.Zero) return _native;
        fixed (byte* name0 = Encoding.UTF8.GetBytes("aten::" + name + '\0'), overload0 = Encoding.UTF8.GetBytes(overload + '\0'))
            return _native = LibTorch.shp_operator(name0, overload0);
    }

    private void Expect(int wanted, int returned)
    {
        if (returned != wanted)
            throw new InvalidOperationException($"aten::{name}.{overload} returned {returned} results; this version of libtorch does not fit ({wanted} expected).");
    }

    private static Tensor Take(in Value value) => new(value.Pointer);
}
