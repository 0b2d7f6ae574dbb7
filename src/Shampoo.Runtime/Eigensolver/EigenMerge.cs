using System.Numerics;

namespace Shampoo.Runtime;

/// <summary>
/// The eigendecomposition of two tridiagonal matrices that are coupled by ρuuᵀ, from those of the two without it. Of diag(d) + ρzzᵀ,
/// where z = Qᵀu, what changes nothing that float32 can tell is left as it is (deflated; Dongarra and Sorensen 1987); the rest are roots of
/// <see cref="SecularEquation"/> with eigenvectors z_j/(d_j − λ).
/// </summary>
internal readonly unsafe struct EigenMerge
{
    // Eight times half the distance from 1 to the next float.
    private const double Tolerance = 8 * 5.96e-8;

    private const int Upper = 0, Both = 1, Lower = 2;

    private readonly int _n;
    private readonly double* _d;        // of every row
    private readonly float* _rows;      // eigenvectors
    private readonly double* _z;        // of every row
    private readonly double* _poles, _squares;                  // d and z² of what is kept, in ascending order of d
    private readonly double* _gatheredPoles, _gatheredZ;        // d and z of the gathered rows
    private readonly double* _deflatedD, _keys;
    private readonly float* _gathered, _coefficients;
    private readonly int* _order, _kept, _deflated, _side;

    /// <param name="n">The size of the whole matrix.</param>
    /// <param name="d">Its eigenvalues, n numbers.</param>
    /// <param name="rows">Its eigenvectors, n×n.</param>
    /// <param name="memory">What it computes with is taken from there.</param>
    public EigenMerge(int n, double* d, float* rows, ref Pieces memory)
    {
        _n = n;
        _d = d;
        _rows = rows;
        var registers = n + Vector<double>.Count;   // the last one may begin at the last number
        _z = memory.Take<double>(n);
        _poles = memory.Take<double>(registers);
        _squares = memory.Take<double>(registers);
        _gatheredPoles = memory.Take<double>(registers);
        _gatheredZ = memory.Take<double>(registers);
        _deflatedD = memory.Take<double>(n);
        _keys = memory.Take<double>(registers);
        _gathered = memory.Take<float>((long)n * n);
        _coefficients = memory.Take<float>((long)n * n);
        _order = memory.Take<int>(n);
        _kept = memory.Take<int>(n);
        _deflated = memory.Take<int>(n);
        _side = memory.Take<int>(n);
    }

    /// <summary>Merges the eigendecompositions of two neighbouring parts of the matrix.</summary>
    /// <param name="start">The first row of the upper part.</param>
    /// <param name="middle">The first row of the lower part.</param>
    /// <param name="end">The row after the last.</param>
    /// <param name="coupling">What is beside the diagonal between the parts; its magnitude has been taken from the diagonal elements beside it.</param>
    public void Run(int start, int middle, int end, double coupling)
    {
        var rho = 2 * Math.Abs(coupling);   // of ‖z‖ = 1; u is 1 and the sign of the coupling
        FormZ(start, middle, end, Math.CopySign(1, coupling));
        var kept = Deflate(start, end, rho);
        var (upper, both) = Gather(start, end, kept);
        Fill(kept, rho);
        var equation = new SecularEquation(_poles, _squares, kept, rho);
        for (var i = 0; i < kept; i++)
        {
            var (origin, tau) = equation.Root(i);
            _d[start + i] = origin + tau;
            ComputeCoefficients(origin, tau, kept, _coefficients + (long)i * kept);
        }
        if (kept > 0)
        {
            Multiply(start, end, start, middle, 0, upper + both, kept);
            Multiply(start, end, middle, end, upper, kept - upper, kept);
        }
        Append(start, end, kept);
    }

    /// <summary>The numbers of some rows, in ascending order of d; valid until the next call.</summary>
    public int* Order(int start, int end)
    {
        var count = end - start;
        for (var i = 0; i < count; i++)
            (_keys[i], _order[i]) = (_d[start + i], start + i);
        new Span<double>(_keys, count).Sort(new Span<int>(_order, count));
        return _order;
    }

    private float* Row(int i) => _rows + (long)i * _n;

    // z = Qᵀu/√2: u is not 0 in the last row of the upper part and the first of the lower one. What an eigenvector has in the other part becomes 0.
    private void FormZ(int start, int middle, int end, double sign)
    {
        var unit = Math.Sqrt(0.5);
        for (var i = start; i < end; i++)
        {
            var isUpper = i < middle;
            _side[i] = isUpper ? Upper : Lower;
            _z[i] = isUpper ? unit * Row(i)[middle - 1] : sign * unit * Row(i)[middle];
            var (first, count) = isUpper ? (middle, end - middle) : (start, middle - start);
            new Span<float>(Row(i) + first, count).Clear();
        }
    }

    // How many rows are kept.
    private int Deflate(int start, int end, double rho)
    {
        var order = Order(start, end);
        var largest = 0.0;
        for (var i = start; i < end; i++)
            largest = Math.Max(largest, Math.Max(Math.Abs(_d[i]), Math.Abs(_z[i])));
        var tolerance = Tolerance * largest;
        int kept = 0, deflated = 0, last = -1;
        for (var i = 0; i < end - start; i++)
        {
            var row = order[i];
            if (rho * Math.Abs(_z[row]) <= tolerance)
            {
                _deflated[deflated++] = row;
                continue;
            }
            if (last >= 0 && TryRotate(last, row, start, end, tolerance))
                _deflated[deflated++] = last;
            else if (last >= 0)
                _kept[kept++] = last;
            last = row;
        }
        if (last >= 0)
            _kept[kept++] = last;
        return kept;
    }

    // Turns two eigenvectors so that the first one's z is 0, if what that puts beside their eigenvalues is nothing.
    private bool TryRotate(int first, int second, int start, int end, double tolerance)
    {
        var length = Math.Sqrt(_z[first] * _z[first] + _z[second] * _z[second]);
        double cosine = _z[second] / length, sine = -_z[first] / length, c2 = cosine * cosine, s2 = sine * sine;
        if (Math.Abs((_d[second] - _d[first]) * cosine * sine) > tolerance)
            return false;
        (_z[first], _z[second]) = (0, length);
        (_d[first], _d[second]) = (_d[first] * c2 + _d[second] * s2, _d[first] * s2 + _d[second] * c2);
        Rows.Rotate(Row(first) + start, Row(second) + start, (float)cosine, (float)sine, end - start);
        if (_side[first] != _side[second])
            _side[second] = Both;
        return true;
    }

    // Copies the rows that are kept, those of the upper part first and those of the lower part last, and those that are deflated behind them.
    private (int Upper, int Both) Gather(int start, int end, int kept)
    {
        var counts = stackalloc int[3];
        for (var i = 0; i < kept; i++)
            counts[_side[_kept[i]]]++;
        var (upper, both) = (counts[Upper], counts[Both]);
        var places = stackalloc int[] { 0, upper, upper + both };
        for (var i = 0; i < kept; i++)
        {
            var row = _kept[i];
            var place = places[_side[row]]++;
            (_poles[i], _squares[i]) = (_d[row], _z[row] * _z[row]);
            (_gatheredPoles[place], _gatheredZ[place]) = (_d[row], _z[row]);
            Copy(Row(row) + start, GatheredRow(place, start, end), end - start);
        }
        for (var i = kept; i < end - start; i++)
        {
            var row = _deflated[i - kept];
            _deflatedD[i - kept] = _d[row];
            Copy(Row(row) + start, GatheredRow(i, start, end), end - start);
        }
        return (upper, both);
    }

    // What registers hold beyond the last pole counts nothing: z is 0, and no root is there, as all are less than ρ above a pole.
    private void Fill(int kept, double rho)
    {
        if (kept == 0)
            return;
        var pole = _poles[kept - 1] + 2 * rho + 1;
        for (var i = kept; i < kept + Vector<double>.Count; i++)
            (_poles[i], _squares[i], _gatheredPoles[i], _gatheredZ[i]) = (pole, 0, pole, 0);
    }

    private float* GatheredRow(int i, int start, int end) => _gathered + (long)i * (end - start);

    // z_j/(d_j − λ), of length 1, in the order of the gathered rows.
    private void ComputeCoefficients(double origin, double tau, int kept, float* coefficients)
    {
        Vector<double> origins = new(origin), taus = new(tau), sums = default;
        for (var j = 0; j < kept; j += Vector<double>.Count)
        {
            var quotients = Vector.Load(_gatheredZ + j) / (Vector.Load(_gatheredPoles + j) - origins - taus);
            quotients.Store(_keys + j);
            sums = Rows.MultiplyAdd(quotients, quotients, sums);
        }
        var factor = 1 / Math.Sqrt(Vector.Sum(sums));
        for (var j = 0; j < kept; j++)
            coefficients[j] = (float)(_keys[j] * factor);
    }

    // Some neighbouring columns of the new eigenvectors, from the gathered rows that have something there.
    private void Multiply(int start, int end, int firstColumn, int endColumn, int firstRow, int rows, int kept)
    {
        var coefficients = new MatrixView<float>(_coefficients, kept, kept, kept).ColumnRange(firstRow, rows);
        var gathered = new MatrixView<float>(GatheredRow(firstRow, start, end) + firstColumn - start, rows, endColumn - firstColumn, end - start);
        var results = new MatrixView<float>(Row(start) + firstColumn, kept, endColumn - firstColumn, _n);
        Blas.Multiply(1f, coefficients, gathered, 0f, results);
    }

    // What is deflated comes behind.
    private void Append(int start, int end, int kept)
    {
        for (var i = kept; i < end - start; i++)
        {
            _d[start + i] = _deflatedD[i - kept];
            Copy(GatheredRow(i, start, end), Row(start + i) + start, end - start);
        }
    }

    private static void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));
}
