namespace Shampoo.ApiStub;

/// <summary>
/// Writes a TorchSharp.dll that has TorchSharp's signatures and nothing behind them, so that sources written
/// against Shampoo.LibTorch, which has fewer overloads, can be compiled against all of them.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not [var list, var folder])
        {
            Console.Error.WriteLine("usage: Shampoo.ApiStub LIST FOLDER   (a list of signatures; where TorchSharp.dll goes)");
            return 2;
        }
        Directory.CreateDirectory(folder);
        return Write(list, Path.Combine(folder, "TorchSharp.dll"));
    }

    private static int Write(string list, string library)
    {
        var source = new StubWriter(ApiList.Read(list)).Write();
        var result = StubCompiler.Compile(source, library);
        foreach (var problem in result.Problems) Console.Error.WriteLine(problem);
        foreach (var member in result.Skipped) Console.WriteLine($"skipped: {member}");
        Console.WriteLine($"{source.Count(line => line.Member is not null) - result.Skipped.Count} members, {result.Skipped.Count} skipped");
        return result.Problems.Count == 0 ? 0 : 1;
    }
}
