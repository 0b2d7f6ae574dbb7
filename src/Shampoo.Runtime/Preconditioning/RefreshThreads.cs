namespace Shampoo.Runtime;

/// <summary>
/// The threads that compute refreshes beside the steps: one less than <see cref="ShampooThreads.Count"/>, and one at least. They are others than
/// the <see cref="Workers"/>, who have to be free for the steps. Refreshes have their turns in the order in which they were started.
/// </summary>
internal static class RefreshThreads
{
    private static readonly object s_gate = new();          // guards the fields below
    private static readonly Queue<PendingRefresh> s_waiting = new();
    private static int s_threads;
    private static int s_working;
    private static bool s_isEnding;

    // The runtime unloads libraries while threads may still compute with them.
    static RefreshThreads() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => End();

    // Where BLAS cannot be told to use one thread, one of these calls it; a thread that waits for a refresh helps all the same.
    private static int Limit => Blas.Threads.CanBeSet ? Math.Max(ShampooThreads.Count - 1, 1) : 1;

    /// <summary>Has it computed.</summary>
    public static void Start(PendingRefresh refresh)
    {
        lock (s_gate)
        {
            for (; s_threads < Limit; s_threads++)
                new Thread(Serve) { IsBackground = true, Name = $"Shampoo refresh {s_threads + 1}" }.Start();
            s_waiting.Enqueue(refresh);
            Monitor.PulseAll(s_gate);
        }
    }

    private static void Serve()
    {
        while (true)
        {
            var refresh = Take();
            var isDone = !refresh.DoNext();
            lock (s_gate)
            {
                s_working--;
                if (isDone && s_waiting.TryPeek(out var first) && first == refresh)
                    s_waiting.Dequeue();
                Monitor.PulseAll(s_gate);
            }
        }
    }

    private static PendingRefresh Take()
    {
        lock (s_gate)
        {
            while (s_waiting.Count == 0 || s_working >= Limit || s_isEnding)
                Monitor.Wait(s_gate);
            s_working++;
            return s_waiting.Peek();
        }
    }

    private static void End()
    {
        lock (s_gate)
        {
            s_isEnding = true;
            while (s_working > 0)
                Monitor.Wait(s_gate);
        }
    }
}
