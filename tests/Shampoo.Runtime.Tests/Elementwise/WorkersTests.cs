namespace Shampoo.Runtime.Tests.Elementwise;

public sealed class WorkersTests : IDisposable
{
    private readonly int _threads = ShampooThreads.Count;

    public WorkersTests() => ShampooThreads.Count = 5;

    public void Dispose() => ShampooThreads.Count = _threads;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Does_every_index_once(int count)
    {
        var work = new Counting(count);
        for (var call = 1; call <= 50; call++)
        {
            Workers.Run(work, count);
            Assert.All(work.Calls, calls => Assert.Equal(call, calls));
        }
    }

    [Fact]
    public void Uses_as_many_threads_as_torch()
    {
        var work = new Meeting(5);
        Workers.Run(work, 5);
        Assert.True(work.HaveMet);
    }

    [Fact]
    public void Serves_two_callers_at_a_time()
    {
        var works = (Counting[])[new(500), new(500), new(500)];
        var callers = works.Select(work => new Thread(() =>
        {
            ShampooThreads.Count = 5;
            for (var call = 0; call < 200; call++)
                Workers.Run(work, 500);
        })).ToList();
        callers.ForEach(caller => caller.Start());
        callers.ForEach(caller => caller.Join());

        Assert.All(works, work => Assert.All(work.Calls, calls => Assert.Equal(200, calls)));
    }

    [Fact]
    public void Throws_in_the_caller_what_the_work_throws()
    {
        for (var culprit = 0; culprit < 100; culprit += 9)
        {
            var work = new Failing(culprit);
            Assert.Equal($"at {culprit}", Assert.Throws<InvalidOperationException>(() => Workers.Run(work, 100)).Message);
        }
        Does_every_index_once(100);
    }

    [Fact]
    public void Does_alone_what_work_asks_for()
    {
        var inner = new Counting(20);
        Workers.Run(new Nested(inner), 10);
        Assert.All(inner.Calls, calls => Assert.Equal(10, calls));
    }

    [Fact]
    public void Allocates_nothing()
    {
        var work = new Counting(100);
        Assert.Equal(0, Allocations.Least(() => Workers.Run(work, 100)));
    }

    [Fact]
    public void Uses_no_time_while_there_is_nothing_to_do()
    {
        Workers.Run(new Counting(100), 100);
        var least = TimeSpan.MaxValue; // the test host has threads of its own
        for (var i = 0; i < 6; i++)
        {
            var before = Environment.CpuUsage.TotalTime;
            Thread.Sleep(60);
            var used = Environment.CpuUsage.TotalTime - before;
            least = used < least ? used : least;
        }
        Assert.InRange(least.TotalMilliseconds, 0, 20);
    }

    private sealed class Counting(int count) : Work
    {
        private readonly int[] _calls = new int[count];

        public IReadOnlyList<int> Calls => _calls;

        public override void Do(int index) => Interlocked.Increment(ref _calls[index]);
    }

    private sealed class Failing(int culprit) : Work
    {
        public override void Do(int index)
        {
            if (index == culprit)
                throw new InvalidOperationException($"at {index}");
        }
    }

    private sealed class Nested(Work inner) : Work
    {
        public override void Do(int index) => Workers.Run(inner, 20);
    }

    // Every index waits until all have begun, each on a thread of its own.
    private sealed class Meeting(int count) : Work
    {
        private readonly CountdownEvent _missing = new(count);

        public bool HaveMet { get; private set; } = true;

        public override void Do(int index)
        {
            _missing.Signal();
            if (!_missing.Wait(TimeSpan.FromSeconds(20)))
                HaveMet = false;
        }
    }
}
