using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A tensor of torch. It owns a native handle (an <c>at::Tensor*</c>) until it is disposed, collected or decoupled.</summary>
    public partial class Tensor : IDisposable
    {
        private static long _totalCount;
        private static long _peakCount;

        internal IntPtr handle;

        internal Tensor(IntPtr handle)
        {
            this.handle = handle;
            long total = Interlocked.Increment(ref _totalCount);
            if (total > _peakCount) _peakCount = total;
            OwningDisposeScope = DisposeScopeManager.OfThread.Register(this);
        }

        ~Tensor() => Free();

        internal DisposeScope? OwningDisposeScope { get; set; }

        /// <summary>The tensors that exist as objects and have not been disposed.</summary>
        public static long TotalCount => Interlocked.Read(ref _totalCount);

        /// <summary>The most there were of them.</summary>
        public static long PeakCount => _peakCount;

        /// <summary>The native tensor. Throws after it has been disposed or given away.</summary>
        public IntPtr Handle
        {
            get {
                IntPtr h = handle;
                if (h == IntPtr.Zero) ThrowDisposed();
                return h;
            }
        }

        /// <summary>Whether the tensor has been disposed or its handle given away.</summary>
        public bool IsInvalid => handle == IntPtr.Zero;

        /// <summary>A name, for people.</summary>
        public string? name { get; set; }

        /// <summary>Takes ownership of a native handle.</summary>
        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle);

        /// <summary>Gives up the native handle, which the caller then owns.</summary>
        public IntPtr DecoupleFromNativeHandle()
        {
            IntPtr decoupled = Handle;
            OwningDisposeScope?.MarkAsDisposed(this);
            MoveHandle();
            return decoupled;
        }

        /// <summary>Leaves this object empty, as after a Dispose, without freeing what it had.</summary>
        internal IntPtr MoveHandle()
        {
            IntPtr moved = handle;
            handle = IntPtr.Zero;
            if (moved != IntPtr.Zero) Interlocked.Decrement(ref _totalCount);
            GC.SuppressFinalize(this);
            return moved;
        }

        public void Dispose()
        {
            if (OwningDisposeScope is DisposeScope scope) scope.MarkAsDisposed(this);
            else if (handle != IntPtr.Zero) DisposeScopeManager.Statistics.DisposedOutsideScopeCount++;
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing) => Free();

        /// <summary>Disposes on behalf of the scope that owned the tensor.</summary>
        internal void Release()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Another object for the same native tensor.</summary>
        public Tensor alias() => new(LibTorch.Check(LibTorch.shp_alias(Handle)));

        /// <summary>Hands the tensor to the scope around the one that owns it.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes the tensor out of every scope: it lives until it is disposed or collected.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        /// <inheritdoc cref="DetachFromDisposeScope"/>
        public Tensor DetatchFromDisposeScope() => DetachFromDisposeScope();

        /// <summary>Hands the tensor to another scope.</summary>
        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            if (OwningDisposeScope is null) other?.Attach(this);
            else OwningDisposeScope.MoveToOther(other, this);
            return this;
        }

        /// <summary>Hands the tensor to the scope that owns another tensor.</summary>
        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope!);

        /// <summary>Whether both tensors have the same shape and the same elements.</summary>
        public bool Equals(Tensor target) => Aten.equal.CallBool(this, target);

        public override bool Equals(object? obj) => obj is Tensor tensor && Equals(tensor);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

        private void Free()
        {
            IntPtr freed = Interlocked.Exchange(ref handle, IntPtr.Zero);
            if (freed == IntPtr.Zero) return;
            Interlocked.Decrement(ref _totalCount);
            LibTorch.THSTensor_dispose(freed);
        }

        private static void ThrowDisposed() => throw new InvalidOperationException("Tensor invalid -- empty handle.");
    }

    /// <summary>Opens a scope that owns all tensors made on this thread until it is disposed.</summary>
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.OfThread.Open();

    /// <summary>The innermost scope of this thread.</summary>
    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.OfThread.Current;

    /// <summary>Runs a function in a scope and keeps its result only.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(expr());
    }

    /// <summary>Throws what a native call on this thread has left behind, if anything.</summary>
    public static void CheckForErrors() => LibTorch.ThrowIfError();
}
