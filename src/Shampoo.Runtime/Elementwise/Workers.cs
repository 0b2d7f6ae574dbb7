using System.Runtime.ExceptionServices;

namespace Shampoo.Runtime;

/// <summary>Something that is done for every index of a range, in any order, by several threads.</summary>
internal abstract class Work
{
    /// <summary>Does it for one index.</summary>
    public abstract void Do(int index);
}

/// <summary>
/// Threads that share the indices of a <see cref="Work"/> with the thread that calls <see cref="Run"/>: all together <see cref="ShampooThreads.Count"/>.
/// A call allocates nothing once the threads exist. Between two calls they wait without using the CPU.
/// </summary>
internal static class Workers
{
    private const int Spins = 200;

    private static readonly object s_region = new();    // held by the caller whose work is done
    private static readonly object s_gate = new();      // guards the fields below
    private static int s_threads;
    private static Work? s_work;
    private static int s_places;                        // how many threads may still join
    private static int s_joined;                        // how many have joined and not left
    private static int s_calls;
    private static bool s_isAwaited;                    // by the caller, who waits for the last one to leave

    private static int s_next;                          // the next index that nobody has taken; interlocked
    private static int s_count;
    private static Exception? s_failure;

    [ThreadStatic] private static bool t_isWorking;

    /// <summary>Does the work for the indices 0 to <paramref name="count"/> − 1, and returns when all of it is done.</summary>
    /// <remarks>Several callers take turns. Work that calls this again does that part alone.</remarks>
    /// <exception cref="Exception">What the work has thrown first, on whatever thread; the indices that nobody had begun are left out.</exception>
    public static void Run(Work work, int count)
    {
        var workers = t_isWorking ? 1 : Math.Min(count, ShampooThreads.Count);
        if (workers <= 1)
        {
            for (var i = 0; i < count; i++)
                work.Do(i);
            return;
        }
        lock (s_region)
            RunTogether(work, count, workers - 1);
    }

    private static void RunTogether(Work work, int count, int helpers)
    {
        Open(work, count, helpers);
        DoAll(work);
        Close();
        if (s_failure is not { } failure)
            return;
        s_failure = null;
        ExceptionDispatchInfo.Throw(failure);
    }

    private static void Open(Work work, int count, int helpers)
    {
        lock (s_gate)
        {
            for (; s_threads < helpers; s_threads++)
                new Thread(Help) { IsBackground = true, Name = $"Shampoo worker {s_threads + 1}" }.Start();
            s_next = 0;
            s_count = count;
            s_work = work;
            s_places = helpers;
            s_calls++;
            Monitor.PulseAll(s_gate);
        }
    }

    // Nobody joins from now on; those that did are waited for.
    private static void Close()
    {
        lock (s_gate)
        {
            s_work = null;
            s_places = 0;
        }
        SpinWhileJoined();
        lock (s_gate)
        {
            s_isAwaited = s_joined > 0;
            while (s_joined > 0)
                Monitor.Wait(s_gate);
            s_isAwaited = false;
        }
    }

    private static void DoAll(Work work)
    {
        t_isWorking = true;
        try
        {
            for (var i = Interlocked.Increment(ref s_next) - 1; i < s_count; i = Interlocked.Increment(ref s_next) - 1)
                work.Do(i);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref s_failure, e, null);
            Volatile.Write(ref s_next, s_count);
        }
        finally
        {
            t_isWorking = false;
        }
    }

    private static void Help()
    {
        var calls = 0;
        while (true)
        {
            SpinUntilCalled(calls);
            var work = Join(ref calls);
            DoAll(work);
            lock (s_gate)
            {
                if (--s_joined == 0 && s_isAwaited)
                    Monitor.PulseAll(s_gate);
            }
        }
    }

    private static Work Join(ref int calls)
    {
        lock (s_gate)
        {
            while (s_places == 0)
                Monitor.Wait(s_gate);
            s_places--;
            s_joined++;
            calls = s_calls;
            return s_work!;
        }
    }

    // The next sweep of a step often comes at once.
    private static void SpinUntilCalled(int calls)
    {
        for (var i = 0; i < Spins && Volatile.Read(ref s_calls) == calls; i++)
            Thread.SpinWait(10);
    }

    private static void SpinWhileJoined()
    {
        for (var i = 0; i < Spins && Volatile.Read(ref s_joined) > 0; i++)
            Thread.SpinWait(10);
    }
}
