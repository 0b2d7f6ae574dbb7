namespace Shampoo.LibTorch.Tests;

public class LifetimeTests
{
    private static long Settled()
    {
        for (int i = 0; i < 2; i++) {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return Tensor.TotalCount;
    }

    [Fact]
    public void Every_tensor_is_counted_once()
    {
        long before = Settled();
        var t = ones(2);
        Assert.Equal(before + 1, Tensor.TotalCount);
        t.add_(1).mul_(2);
        Assert.Equal(before + 1, Tensor.TotalCount);
        var u = t.alias();
        Assert.Equal(before + 2, Tensor.TotalCount);
        t.Dispose();
        t.Dispose();
        Values.Near([4, 4], u);
        u.Dispose();
        Assert.Equal(before, Settled());
        Assert.True(Tensor.PeakCount >= before + 2);
    }

    [Fact]
    public void What_is_forgotten_is_collected()
    {
        long before = Settled();
        Forget();
        Assert.Equal(before, Settled());

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget()
        {
            for (int i = 0; i < 100; i++) _ = zeros(10) + 1;
        }
    }

    [Fact]
    public void A_scope_disposes_what_was_made_in_it()
    {
        long before = Settled();
        Tensor kept, outer, detached;
        using (var outside = NewDisposeScope()) {
            outer = ones(1);
            using (var inside = NewDisposeScope()) {
                var gone = outer + 1;
                kept = (gone + 1).MoveToOuterDisposeScope();
                detached = (gone + 2).DetachFromDisposeScope();
                Assert.Equal(1, inside.DisposablesCount);
                Assert.Same(inside, CurrentDisposeScope);
                inside.Dispose();
                Assert.True(gone.IsInvalid);
            }
            Assert.False(kept.IsInvalid);
            Assert.True(outside.Contains(kept));
        }
        Assert.True(kept.IsInvalid);
        Assert.True(outer.IsInvalid);
        Values.Near(4, detached);
        detached.Dispose();
        Assert.Equal(before, Settled());
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void Scopes_are_the_threads_own()
    {
        using var scope = NewDisposeScope();
        Tensor? made = null;
        var thread = new Thread(() => made = ones(1));
        thread.Start();
        thread.Join();
        Assert.Equal(0, scope.DisposablesCount);
        made!.Dispose();
    }

    [Fact]
    public void Scopes_can_be_emptied_moved_and_attached()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(1), b = ones(1);
        scope.DisposeEverythingBut(a);
        Assert.True(b.IsInvalid);
        Assert.False(a.IsInvalid);
        using (var other = NewDisposeScope()) {
            a.MoveToOtherDisposeScope(other);
            Assert.True(other.Contains(a));
            Assert.False(scope.Contains(a));
            other.Detach(a);
            scope.Attach(a);
        }
        Assert.False(a.IsInvalid);
        var result = WrappedTensorDisposeScope(() => a + 1 + 1);
        Values.Near(3, result);
        Assert.Equal(2, scope.DisposablesCount);
    }

    [Fact]
    public void Statistics_add_up()
    {
        var statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        var outside = ones(1);
        using (NewDisposeScope()) {
            _ = ones(1);
            ones(1).DetachFromDisposeScope().Dispose();
        }
        outside.Dispose();
        Assert.Equal(1, statistics.CreatedOutsideScopeCount);
        Assert.Equal(2, statistics.CreatedInScopeCount);
        Assert.Equal(1, statistics.DisposedInScopeCount);
        Assert.Equal(1, statistics.DetachedFromScopeCount);
        Assert.Equal(2, statistics.DisposedOutsideScopeCount);
        Assert.Equal(0, statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_disposed_tensor_says_so()
    {
        var t = ones(2);
        t.Dispose();
        Assert.True(t.IsInvalid);
        foreach (var use in new Action[] { () => t.add_(1), () => _ = t.shape, () => _ = t.Handle, () => t.sum(), () => ones(2).add(t), () => stack([t]), () => _ = t.grad, () => t.alias(), () => _ = t.dtype })
            Assert.Equal("Tensor invalid -- empty handle.", Assert.Throws<InvalidOperationException>(use).Message);
    }

    [Fact]
    public void Handles_can_be_given_away_and_taken()
    {
        long before = Settled();
        var t = ones(2);
        IntPtr handle = t.DecoupleFromNativeHandle();
        Assert.True(t.IsInvalid);
        Assert.Equal(before, Tensor.TotalCount);
        using (var again = Tensor.UnsafeCreateTensor(handle)) Values.Near([1, 1], again);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void A_parameter_takes_over_its_tensor()
    {
        long before = Settled();
        var data = ones(2);
        var parameter = new Parameter(data);
        Assert.True(data.IsInvalid);
        Assert.True(parameter.requires_grad);
        Assert.Equal(before + 1, Tensor.TotalCount);
        parameter.Dispose();
        Parameter inside;
        using (NewDisposeScope()) inside = ones(2).AsParameter();
        Assert.True(inside.IsInvalid);
        Assert.Equal(before, Settled());
    }

    [Fact]
    public void A_loop_in_place_makes_no_garbage()
    {
        using var p = ones(4);
        using var q = ones(4);
        Scalar half = 0.5;
        for (int i = 0; i < 100; i++) Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step() => p.mul_(half).add_(q).addcmul_(p, q, half).copy_(q);
    }
}
