namespace Shampoo.Runtime;

/// <summary>The blocks of a parameter group that have a gradient, as slices. For <c>foreach</c>, which allocates nothing for it.</summary>
public readonly struct BlockSlices
{
    private readonly Bucket[] _buckets;
    private readonly IterateAverage _average;
    private readonly GroupNorms _norms;

    internal BlockSlices(Bucket[] buckets, IterateAverage average, GroupNorms norms) => (_buckets, _average, _norms) = (buckets, average, norms);

    /// <summary>Adds the weight of this step's iterate to the group's sum of weights, for schedule-free averaging. Once in a step.</summary>
    /// <param name="weight">≥ 0, such as a power of the learning rate.</param>
    /// <returns>μ_x = 1 − weight / sum, the weight of the old average, in [0, 1]; 1 where the sum is 0.</returns>
    public float EvaluationInterpolation(double weight) => 1f - _average.Add(weight);

    /// <summary>The norm of all gradients of the group together, which on a GPU waits for the device.</summary>
    public double GradientNorm() => _norms.OfGradients();

    /// <summary>P ← P · ‖W‖ / ‖P‖ over each parameter, all of its blocks together; P stays as it is where one of the norms is 0.</summary>
    /// <param name="direction">The name of P, an array that is held in the state.</param>
    public void ScaleToParameters(string direction) => _norms.ScaleToParameters(direction);

    /// <summary>Starts with the first slice.</summary>
    public Enumerator GetEnumerator() => new(_buckets);

    /// <summary>Goes through the slices, bucket by bucket.</summary>
    public struct Enumerator : IDisposable
    {
        private readonly Bucket[] _buckets;
        private int _bucket;
        private int _next;
        private BlockSlice? _current;
        private bool _isTemporary;

        internal Enumerator(Bucket[] buckets) => _buckets = buckets;

        /// <summary>The slice to work on; valid until the next one.</summary>
        public readonly BlockSlice Current => _current!;

        /// <summary>Goes on to the next slice.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext()
        {
            Dispose();
            for (; _bucket < _buckets.Length; _bucket++, _next = 0)
            {
                var (start, count) = _buckets[_bucket].NextRun(_next);
                if (count == 0)
                    continue;
                _current = _buckets[_bucket].Slice(start, count, out _isTemporary);
                _next = start + count;
                _current.Begin();
                return true;
            }
            return false;
        }

        /// <summary>Releases a slice that was made for this step only.</summary>
        public void Dispose()
        {
            _current?.End();
            if (_isTemporary)
                _current?.Release();
            _isTemporary = false;
            _current = null;
        }
    }
}
