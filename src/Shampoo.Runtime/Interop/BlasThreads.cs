namespace Shampoo.Runtime;

/// <summary>
/// The number of threads of a BLAS. Blocks are worked on side by side, each by one thread (<see cref="Workers"/>), so BLAS has to do
/// with one thread for so long. OpenBLAS keeps one number for the process, MKL and OpenMP keep one for each thread.
/// </summary>
internal sealed unsafe class BlasThreads
{
    private readonly delegate* unmanaged<int, void> _setProcess;  // OpenBLAS with threads of its own
    private readonly delegate* unmanaged<int> _getProcess;
    private readonly delegate* unmanaged<int, void> _setOpenMP;   // OpenBLAS on OpenMP
    private readonly delegate* unmanaged<int> _getOpenMP;
    private readonly delegate* unmanaged<int, int> _exchangeMkl;  // returns the last number; 0 stands for none
    private readonly object _gate = new();
    private int _uses;
    private int _threads;

    /// <param name="find">Gives the address of a function of the BLAS by its name; 0 if there is none.</param>
    public BlasThreads(Func<string, nint> find)
    {
        var kind = (delegate* unmanaged<int>)find("openblas_get_parallel");
        const int ownThreads = 1, openMP = 2;
        if (kind != null && kind() == ownThreads)
        {
            _setProcess = (delegate* unmanaged<int, void>)find("openblas_set_num_threads");
            _getProcess = (delegate* unmanaged<int>)find("openblas_get_num_threads");
        }
        if (kind != null && kind() == openMP)
        {
            _setOpenMP = (delegate* unmanaged<int, void>)find("omp_set_num_threads");
            _getOpenMP = (delegate* unmanaged<int>)find("omp_get_max_threads");
        }
        if (kind == null)
            _exchangeMkl = (delegate* unmanaged<int, int>)find("MKL_Set_Num_Threads_Local");
        CanBeSet = (_setProcess != null && _getProcess != null) || (_setOpenMP != null && _getOpenMP != null) || _exchangeMkl != null;
    }

    /// <summary>
    /// Whether BLAS can be called from several threads, with one thread for each call. If not, call it from one and leave it its threads.
    /// Tests set it.
    /// </summary>
    public bool CanBeSet { get; set; }

    /// <summary>The number for the process; 0 if the library has no such number. Tests set it.</summary>
    public int Process
    {
        get => _getProcess != null ? _getProcess() : 0;
        set
        {
            if (_setProcess != null)
                _setProcess(value);
        }
    }

    /// <summary>One thread for every call of the process until all such scopes have ended, of which there may be several at a time.</summary>
    public ProcessScope OneThread()
    {
        if (_setProcess == null || _getProcess == null)
            return default;
        lock (_gate)
        {
            if (_uses++ == 0)
            {
                _threads = _getProcess();
                _setProcess(1);
            }
        }
        return new ProcessScope(this);
    }

    /// <summary>One thread for the calls of this thread.</summary>
    public ThreadScope OneThreadHere()
    {
        var openMP = _setOpenMP != null && _getOpenMP != null ? _getOpenMP() : 0;
        if (openMP != 0)
            _setOpenMP(1);
        return new ThreadScope(this, openMP, _exchangeMkl != null ? _exchangeMkl(1) : 0);
    }

    private void RestoreProcess()
    {
        lock (_gate)
        {
            if (--_uses == 0)
                _setProcess(_threads);
        }
    }

    private void RestoreThread(int openMP, int mkl)
    {
        if (openMP != 0)
            _setOpenMP(openMP);
        if (_exchangeMkl != null)
            _exchangeMkl(mkl);
    }

    /// <summary>Dispose exactly once.</summary>
    public readonly struct ProcessScope(BlasThreads? threads) : IDisposable
    {
        public void Dispose() => threads?.RestoreProcess();
    }

    /// <summary>Dispose on the same thread.</summary>
    public readonly struct ThreadScope(BlasThreads threads, int openMP, int mkl) : IDisposable
    {
        public void Dispose() => threads.RestoreThread(openMP, mkl);
    }
}
