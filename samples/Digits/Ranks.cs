using System.ComponentModel;
using System.Diagnostics;

namespace Digits;

/// <summary>Starts this program again, as several processes that MPI connects.</summary>
internal static class Ranks
{
    /// <summary>Runs the processes with the arguments of this one.</summary>
    /// <returns>The exit code; null where there is no mpirun.</returns>
    public static int? Start(int count)
    {
        var start = new ProcessStartInfo("mpirun", ["--oversubscribe", "--bind-to", "none", "-n", $"{count}", .. ThisProgram()]);
        start.Environment["TERM"] = "dumb"; // the ranks write into a pipe
        start.Environment["SHAMPOO_COLLECTIVE_ENGINE"] = "mpi"; // the networks are on the CPU, whatever the machine has
        if (Environment.IsPrivilegedProcess)
            start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        try
        {
            using var mpirun = Process.Start(start)!;
            mpirun.WaitForExit();
            return mpirun.ExitCode;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    // Started by itself, or by the dotnet command.
    private static IEnumerable<string> ThisProgram()
    {
        var (process, arguments) = (Environment.ProcessPath!, Environment.GetCommandLineArgs());
        return Path.GetFileNameWithoutExtension(process) == "dotnet" ? [process, .. arguments] : [process, .. arguments.Skip(1)];
    }
}
