using System.Runtime.InteropServices;

namespace Shampoo.Runtime.Tests;

/// <summary>The number of threads of libraries of every kind: functions of theirs, written for the test.</summary>
public sealed unsafe class BlasThreadsTests
{
    private static int s_process;
    private static readonly List<int> s_settings = [];
    [ThreadStatic] private static int t_openMP;
    [ThreadStatic] private static int t_mkl;

    [Fact]
    public void Restores_the_number_of_the_process_when_the_last_scope_ends()
    {
        var threads = OpenBlas(kind: 1);
        s_process = 7;
        var first = threads.OneThread();
        Assert.Equal(1, threads.Process);
        var second = threads.OneThread();
        first.Dispose();
        Assert.Equal(1, threads.Process);
        second.Dispose();
        Assert.Equal(7, threads.Process);
    }

    [Fact]
    public void Restores_it_after_scopes_of_several_threads()
    {
        var threads = OpenBlas(kind: 1);
        s_process = 7;
        Parallel.For(0, 2000, _ =>
        {
            using (threads.OneThread())
                Assert.Equal(1, threads.Process);
        });
        Assert.Equal(7, threads.Process);
    }

    [Fact]
    public void Restores_the_number_of_the_thread_on_OpenMP()
    {
        var threads = OpenBlas(kind: 2);
        (s_process, t_openMP) = (7, 5);
        using (threads.OneThread())
        using (threads.OneThreadHere())
            Assert.Equal((1, 7), (t_openMP, s_process));
        Assert.Equal(5, t_openMP);
    }

    [Fact]
    public void Restores_the_number_of_the_thread_of_MKL()
    {
        var threads = new BlasThreads(name => name == "MKL_Set_Num_Threads_Local" ? (nint)(delegate* unmanaged<int, int>)&ExchangeMkl : 0);
        Assert.True(threads.CanBeSet);
        t_mkl = 0;
        using (threads.OneThread())
        using (threads.OneThreadHere())
            Assert.Equal(1, t_mkl);
        Assert.Equal(0, t_mkl);
    }

    [Fact]
    public void Leaves_a_sequential_library_and_an_unknown_one_alone()
    {
        foreach (var threads in (BlasThreads[])[OpenBlas(kind: 0), new(_ => 0)])
        {
            Assert.False(threads.CanBeSet);
            s_settings.Clear();
            threads.OneThread().Dispose();
            threads.OneThreadHere().Dispose();
            Assert.Empty(s_settings);
        }
    }

    [Fact]
    public void Restores_the_library_in_use_after_an_exception()
    {
        var before = Blas.Threads.Process;
        var work = new FailingWork();
        Blas.Threads.Process = 2;
        try
        {
            Assert.Throws<NotSupportedException>(() => work.Run(8));

            Assert.Equal(2, Blas.Threads.Process);
            Assert.Equal(1, work.ThreadsInside);
        }
        finally
        {
            Blas.Threads.Process = before;
        }
    }

    private sealed class FailingWork : BlasWork
    {
        public int ThreadsInside { get; private set; } = -1;

        public void Run(int count) => MultiplyAll(count);

        protected override void Multiply(int item)
        {
            ThreadsInside = Blas.Threads.Process;
            throw new NotSupportedException();
        }
    }

    private static int s_kind;

    private static BlasThreads OpenBlas(int kind)
    {
        s_kind = kind;
        return new BlasThreads(name => name switch
        {
            "openblas_get_parallel" => (nint)(delegate* unmanaged<int>)&Kind,
            "openblas_get_num_threads" => (nint)(delegate* unmanaged<int>)&GetProcess,
            "openblas_set_num_threads" => (nint)(delegate* unmanaged<int, void>)&SetProcess,
            "omp_get_max_threads" => (nint)(delegate* unmanaged<int>)&GetOpenMP,
            "omp_set_num_threads" => (nint)(delegate* unmanaged<int, void>)&SetOpenMP,
            _ => 0,
        });
    }

    [UnmanagedCallersOnly]
    private static int Kind() => s_kind;

    [UnmanagedCallersOnly]
    private static int GetProcess() => s_process;

    [UnmanagedCallersOnly]
    private static void SetProcess(int count)
    {
        s_process = count;
        s_settings.Add(count);
    }

    [UnmanagedCallersOnly]
    private static int GetOpenMP() => t_openMP;

    [UnmanagedCallersOnly]
    private static void SetOpenMP(int count)
    {
        t_openMP = count;
        s_settings.Add(count);
    }

    [UnmanagedCallersOnly]
    private static int ExchangeMkl(int count)
    {
        (var before, t_mkl) = (t_mkl, count);
        return before;
    }
}
