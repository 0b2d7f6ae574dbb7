using System.Runtime.ExceptionServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Runtime.Tests;

/// <summary>
/// Ranks that are threads of this process and meet at a barrier. Between two meetings they take turns, because the number of threads of BLAS, by which it
/// rounds, is one for the process. Counts what it is asked for.
/// </summary>
internal sealed class ThreadGroup : ProcessGroup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly SemaphoreSlim s_turn = new(1);

    private readonly Meeting _meeting;
    private readonly Fault _fault;  // of this rank, in all of its groups

    private ThreadGroup(Meeting meeting, int rank, Fault? fault = null) => (_meeting, Rank, _fault) = (meeting, rank, fault ?? new Fault());

    public override int Rank { get; }

    public override int Size => _meeting.Size;

    /// <summary>The calls so far: the collective, and the elements that all ranks together have after it or before it.</summary>
    public List<(string Name, long Elements, ScalarType Type)> Calls { get; } = [];

    /// <summary>Whether what is exchanged is read as where the host runs ahead of a device.</summary>
    public bool RunsAhead { get; set; }

    /// <summary>This rank fails once, at a collective, before the others hear of it.</summary>
    /// <param name="collective">Its name.</param>
    /// <param name="skipped">How many of this name go well before.</param>
    public void FailBefore(string collective, int skipped = 0) => (_fault.Collective, _fault.Skipped) = (collective, skipped);

    /// <summary>Runs a program on every rank.</summary>
    /// <returns>What it has returned, by rank.</returns>
    public static T[] Run<T>(int size, Func<ThreadGroup, T> program)
    {
        var results = new T[size];
        Exception?[] failures = Failures(size, group => results[group.Rank] = program(group));
        // One that fails keeps the others waiting: theirs is not what went wrong.
        if ((failures.FirstOrDefault(static e => e is not null and not TimeoutException) ?? failures.FirstOrDefault(static e => e is not null)) is { } failure)
            ExceptionDispatchInfo.Throw(failure);
        return results;
    }

    /// <summary>Runs a program on every rank that may fail.</summary>
    /// <returns>What it has thrown, by rank; null for nothing.</returns>
    public static Exception?[] Failures(int size, Action<ThreadGroup> program)
    {
        var meeting = new Meeting(size);
        var failures = new Exception?[size];
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            s_turn.Wait();
            try { program(new ThreadGroup(meeting, rank)); }
            catch (Exception e) { failures[rank] = e; }
            finally { s_turn.Release(); }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return failures;
    }

    public override CollectiveWork all_gather_async(Tensor output, Tensor input) =>
        all_gather_async(output, input, [.. Enumerable.Repeat(input.numel(), Size)]);

    public override CollectiveWork all_gather_async(Tensor output, Tensor input, ReadOnlySpan<long> counts)
    {
        Assert.Equal(counts[Rank], input.numel());
        Assert.Equal(Sum(counts), output.numel());
        long[] parts = counts.ToArray();
        return Exchange("all_gather", output, input, inputs => cat([.. inputs.Select((part, r) => part.numel() == parts[r] ? part : throw new InvalidOperationException("Counts differ."))]));
    }

    public override CollectiveWork all_reduce_async(Tensor tensor, ReduceOp op = ReduceOp.Sum) =>
        Exchange("all_reduce", tensor, tensor, inputs => Reduce(inputs, op));

    public override CollectiveWork reduce_scatter_async(Tensor output, Tensor input, ReadOnlySpan<long> counts, ReduceOp op = ReduceOp.Sum)
    {
        Assert.Equal(Sum(counts), input.numel());
        long start = Sum(counts[..Rank]), count = counts[Rank];
        return Exchange("reduce_scatter", output, input, inputs => Reduce(inputs, op).narrow(0, start, count));
    }

    public override CollectiveWork all_to_all_async(Tensor output, Tensor input, ReadOnlySpan<long> outputCounts, ReadOnlySpan<long> inputCounts) => throw new NotSupportedException();

    public override CollectiveWork broadcast_async(Tensor tensor, int source) => Exchange("broadcast", tensor, tensor, inputs => inputs[source]);

    public override void barrier() => _meeting.Wait();

    public override ProcessGroup split(int colour, int key = 0)
    {
        (int Colour, int Key, int Rank)[] all = [.. _meeting.Share(Rank, (colour, key, Rank)).Cast<(int, int, int)>()];
        (int Colour, int Key, int Rank)[] mine = [.. all.Where(other => other.Colour == colour).OrderBy(static other => other.Key).ThenBy(static other => other.Rank)];
        int rank = Array.FindIndex(mine, other => other.Rank == Rank);
        object?[] meetings = _meeting.Share(Rank, rank == 0 ? new Meeting(mine.Length) : null);
        return new ThreadGroup((Meeting)meetings[mine[0].Rank]!, rank, _fault) { RunsAhead = RunsAhead };
    }

    internal override bool RunsAheadOf(DeviceType device) => RunsAhead;

    private CompletedWork Exchange(string name, Tensor output, Tensor input, Func<Tensor[], Tensor> combine)
    {
        if (name == _fault.Collective && _fault.Skipped-- == 0)
        {
            _fault.Collective = null;
            throw new InvalidOperationException($"Out of memory before {name}.");
        }
        Calls.Add((name, Math.Max(output.numel(), input.numel()), output.dtype));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        (string, Tensor)[] all = [.. _meeting.Share(Rank, (name, input)).Cast<(string, Tensor)>()];
        bool agree = all.All(other => other.Item1 == name && other.Item2.dtype == input.dtype);
        Tensor result = agree ? combine([.. all.Select(static other => other.Item2)]).clone() : output;
        _meeting.Wait(); // until all have read what the others have
        if (!agree) throw new InvalidOperationException($"The ranks call different collectives: {string.Join(", ", all.Select(static other => other.Item1))}.");
        output.copy_(result);
        return new CompletedWork();
    }

    private static Tensor Reduce(Tensor[] inputs, ReduceOp op)
    {
        if (op == ReduceOp.Max) return stack(inputs).amax([0]);
        Tensor sum = inputs.Skip(1).Aggregate(inputs[0].clone(), static (total, next) => total.add_(next));
        return op switch
        {
            ReduceOp.Sum => sum,
            ReduceOp.Average => sum.div_(inputs.Length),
            _ => throw new NotSupportedException(),
        };
    }

    private static long Sum(ReadOnlySpan<long> counts)
    {
        long sum = 0;
        foreach (long count in counts) sum += count;
        return sum;
    }

    private sealed class Fault
    {
        public string? Collective { get; set; }

        public int Skipped { get; set; }
    }

    private sealed class Meeting(int size)
    {
        private readonly Barrier _barrier = new(size);
        private readonly object?[] _slots = new object?[size];

        public int Size => size;

        public void Wait()
        {
            s_turn.Release();
            bool hasCome = _barrier.SignalAndWait(Patience);
            s_turn.Wait();
            if (!hasCome) throw new TimeoutException("A rank did not come.");
        }

        public object?[] Share(int rank, object? value)
        {
            _slots[rank] = value;
            Wait();
            object?[] all = [.. _slots];
            Wait();
            return all;
        }
    }

    private sealed class CompletedWork : CollectiveWork
    {
        public override bool IsCompleted => true;

        public override void Wait()
        {
        }
    }
}
