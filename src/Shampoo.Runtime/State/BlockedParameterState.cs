using System.Runtime.InteropServices;
using TorchSharp.Modules;

namespace Shampoo.Runtime;

/// <summary>The part of the buckets' state that belongs to one parameter, as TorchSharp's state dictionaries want to see it.</summary>
internal sealed class BlockedParameterState(BlockedParameter parameter, (Bucket Bucket, int Position)[] places) : OptimizerState(parameter.Parameter)
{
    public string Name => parameter.Name;

    /// <summary>The part of a load through a reader that this state is.</summary>
    public StagedPart Part { get; set; }

    /// <summary>Nothing to do: buckets are initialised when they are made.</summary>
    public override void Initialize(OptimizerOptions options)
    {
    }

    public override void to(torch.Device device)
    {
        foreach (var (bucket, _) in places)
            bucket.Move(device);
    }

    public override void SaveStateDict(BinaryWriter writer)
    {
        writer.Write(Name);
        SavedArray.Write(writer, parameter.Shape);
        writer.Write7BitEncodedInt(places.Length);
        foreach (var (bucket, position) in places)
        {
            bucket.Settle();
            writer.Write7BitEncodedInt(bucket.Arrays.Count);
            foreach (var array in bucket.Arrays)
                SavedArray.Write(writer, array, position);
            writer.Write7BitEncodedInt(bucket.Counters.Count);
            foreach (var counters in bucket.Counters)
            {
                writer.Write(counters.Name);
                writer.Write(counters.Values[position]);
            }
        }
    }

    /// <summary>Reads what <see cref="SaveStateDict"/> wrote; it is taken over when the state of the last parameter has been read.</summary>
    public override void LoadStateDict(BinaryReader reader) => Part.Stage(() =>
    {
        var staged = Read(reader);
        return () => Commit(staged);
    });

    public override void LoadStateDict(OptimizerState source)
    {
        var other = RequireSameState(source);
        if (ReferenceEquals(other, this))
            return;
        var otherPlaces = other.Places;
        for (var b = 0; b < places.Length; b++)
            Copy(otherPlaces[b].Bucket, otherPlaces[b].Position, places[b].Bucket, places[b].Position);
    }

    public override bool ApproximatelyEquals(OptimizerState other)
    {
        if (other is not BlockedParameterState state || state.Differences(this) is not null)
            return false;
        for (var b = 0; b < places.Length; b++)
        {
            if (!ApproximatelyEquals(places[b], state.Places[b]))
                return false;
        }
        return true;
    }

    /// <summary>Throws, and says what differs, if <paramref name="source"/> cannot be loaded.</summary>
    public BlockedParameterState RequireSameState(OptimizerState source)
    {
        if (source is not BlockedParameterState other)
            throw new InvalidDataException($"The state of '{Name}' is that of {source?.GetType().FullName ?? "nothing"}, not of this optimizer.");
        if (other.Differences(this) is { } difference)
            throw new InvalidDataException($"The state of '{other.Name}' does not fit the parameter '{Name}': {difference}.");
        return other;
    }

    /// <summary>Reads a saved state and changes nothing yet.</summary>
    private List<SavedArray> Read(BinaryReader reader)
    {
        var saved = reader.ReadString();
        var shape = SavedArray.ReadShape(reader);
        if (!shape.AsSpan().SequenceEqual(parameter.Shape))
            throw Misfit(saved, $"it was saved for the shape [{string.Join(", ", shape)}], but the parameter is [{string.Join(", ", parameter.Shape)}]");
        RequireCount(saved, "blocks", reader.Read7BitEncodedInt(), places.Length);

        var staged = new List<SavedArray>();
        foreach (var (bucket, _) in places)
        {
            RequireCount(saved, "arrays for each block", reader.Read7BitEncodedInt(), bucket.Arrays.Count);
            foreach (var array in bucket.Arrays)
                staged.Add(SavedArray.Read(reader, array, misfit => Misfit(saved, misfit)));
            RequireCount(saved, "counters for each block", reader.Read7BitEncodedInt(), bucket.Counters.Count);
            foreach (var counters in bucket.Counters)
            {
                var name = reader.ReadString();
                if (name != counters.Name)
                    throw Misfit(saved, $"it has the counter '{name}' where this optimizer has '{counters.Name}'");
                staged.Add(new SavedArray(BitConverter.GetBytes(reader.ReadInt32())));
            }
        }
        return staged;
    }

    /// <summary>Takes over what <see cref="Read"/> has read.</summary>
    private void Commit(List<SavedArray> staged)
    {
        var next = 0;
        foreach (var (bucket, position) in places)
        {
            bucket.Forget();
            foreach (var array in bucket.Arrays)
                array.Replace(position, staged[next++].CopyTo);
            foreach (var counters in bucket.Counters)
                counters.Values[position] = BitConverter.ToInt32(staged[next++].Bytes);
        }
    }

    private (Bucket Bucket, int Position)[] Places => places;

    private static void Copy(Bucket source, int from, Bucket destination, int to)
    {
        source.Settle();
        destination.Forget();
        for (var i = 0; i < source.Arrays.Count; i++)
        {
            using var saved = source.Arrays[i].Block(from);
            destination.Arrays[i].Replace(to, own => own.copy_(saved));
        }
        for (var i = 0; i < source.Counters.Count; i++)
            destination.Counters[i].Values[to] = source.Counters[i].Values[from];
    }

    private static bool ApproximatelyEquals((Bucket Bucket, int Position) left, (Bucket Bucket, int Position) right)
    {
        left.Bucket.Settle();
        right.Bucket.Settle();
        for (var i = 0; i < left.Bucket.Arrays.Count; i++)
        {
            using var mine = left.Bucket.Arrays[i].Block(left.Position);
            using var other = right.Bucket.Arrays[i].Block(right.Position);
            if (mine.dtype != other.dtype || !AreClose(mine, other))
                return false;
        }
        return left.Bucket.Counters.Zip(right.Bucket.Counters)
            .All(pair => pair.First.Values[left.Position] == pair.Second.Values[right.Position]);
    }

    // Operators need not know 16 bits.
    private static bool AreClose(Tensor mine, Tensor other)
    {
        using var scope = torch.NewDisposeScope();
        return mine.As(mine.dtype.Arithmetic()).allclose(other.As(other.dtype.Arithmetic()));
    }

    // What keeps this state from being loaded into `target`; null if nothing does.
    private string? Differences(BlockedParameterState target)
    {
        if (!parameter.Shape.AsSpan().SequenceEqual(target.Shape))
            return $"it is for the shape [{string.Join(", ", parameter.Shape)}], but the parameter is [{string.Join(", ", target.Shape)}]";
        if (places.Length != target.Places.Length)
            return $"it has {places.Length} blocks, but the parameter has {target.Places.Length}";
        for (var b = 0; b < places.Length; b++)
        {
            var (saved, own) = (places[b].Bucket, target.Places[b].Bucket);
            var (found, expected) = (Describe(saved), Describe(own));
            if (found != expected)
                return $"block {b} has {found}, but this optimizer has {expected}";
        }
        return null;
    }

    private long[] Shape => parameter.Shape;

    private static string Describe(Bucket bucket) => string.Join(
        ", ",
        bucket.Arrays.Select(array => $"{array.Name} [{string.Join(", ", array.Tensor.shape.Skip(1))}] of {array.SavedType}")
            .Concat(bucket.Counters.Select(counters => counters.Name)));

    private void RequireCount(string saved, string what, int found, int expected)
    {
        if (found != expected)
            throw Misfit(saved, $"it has {found} {what}, but this optimizer has {expected}");
    }

    private InvalidDataException Misfit(string saved, string why) => new($"The state of '{saved}' does not fit the parameter '{Name}': {why}.");
}

/// <summary>The elements of one array of one block, as they are saved.</summary>
internal sealed class SavedArray(byte[] bytes)
{
    public byte[] Bytes => bytes;

    public static void Write(BinaryWriter writer, ReadOnlySpan<long> shape)
    {
        writer.Write7BitEncodedInt(shape.Length);
        foreach (var size in shape)
            writer.Write7BitEncodedInt64(size);
    }

    public static void Write(BinaryWriter writer, StackedArray array, int position)
    {
        using var scope = torch.NewDisposeScope();
        var block = array.Block(position).to(torch.CPU).contiguous();
        writer.Write(array.Name);
        writer.Write((byte)block.dtype);
        Write(writer, block.shape);
        writer.Write(block.bytes);
    }

    public static SavedArray Read(BinaryReader reader, StackedArray array, Func<string, Exception> misfit)
    {
        var (name, type, stack) = (array.Name, array.SavedType, array.Tensor);
        var savedName = reader.ReadString();
        var savedType = (ScalarType)reader.ReadByte();
        var savedShape = ReadShape(reader);
        var shape = stack.shape.AsSpan(1);
        if (savedName != name)
            throw misfit($"it has the array '{savedName}' where this optimizer has '{name}'");
        if (savedType != type)
            throw misfit($"its array '{name}' is {savedType}, but this optimizer's is {type}");
        if (!shape.SequenceEqual(savedShape))
            throw misfit($"its array '{name}' is [{string.Join(", ", savedShape)}], but this optimizer's is [{string.Join(", ", shape.ToArray())}]");

        var length = checked((int)(stack.numel() / stack.shape[0] * type.Size()));
        var bytes = reader.ReadBytes(length);
        return bytes.Length == length ? new SavedArray(bytes) : throw new EndOfStreamException();
    }

    public static long[] ReadShape(BinaryReader reader)
    {
        var shape = new long[Math.Clamp(reader.Read7BitEncodedInt(), 0, 64)];
        for (var k = 0; k < shape.Length; k++)
            shape[k] = reader.Read7BitEncodedInt64();
        return shape;
    }

    public void CopyTo(Tensor block)
    {
        using var scope = torch.NewDisposeScope();
        var saved = torch.empty(block.shape, dtype: block.dtype, device: torch.CPU);
        bytes.CopyTo(saved.bytes);
        block.copy_(saved);
    }
}
