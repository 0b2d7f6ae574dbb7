using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using unsafe Dgemm = delegate* unmanaged<byte*, byte*, long*, long*, long*, double*, double*, long*, double*, long*, double*, double*, long*, nint, nint, void>;
using unsafe Dsyrk = delegate* unmanaged<byte*, byte*, long*, long*, double*, double*, long*, double*, double*, long*, nint, nint, void>;
using unsafe Sgemm = delegate* unmanaged<byte*, byte*, long*, long*, long*, float*, float*, long*, float*, long*, float*, float*, long*, nint, nint, void>;
using unsafe Ssyrk = delegate* unmanaged<byte*, byte*, long*, long*, float*, float*, long*, float*, float*, long*, nint, nint, void>;

namespace Shampoo.Runtime;

/// <summary>
/// Products of matrices by the BLAS that torch itself calls (<see cref="BlasLibrary"/>). The functions are those of the Fortran
/// interface, which torch calls too, so that they are there also where a libtorch contains only as much of a BLAS as it needs.
/// </summary>
/// <remarks>
/// Fortran takes the address of every number, and of matrices column by column: what is stored row by row is the transpose there.
/// Integers lie in 64 bits, so that a library that reads 32 or one that reads 64 finds the same number (little endian). After the
/// arguments come the lengths of the texts, as compilers of Fortran pass them.
/// </remarks>
internal static unsafe class Blas
{
    /// <summary>The switch of <see cref="AppContext"/> that, set to false, leaves all products to torch.</summary>
    public const string Switch = "Shampoo.Blas";

    private static readonly byte* s_no = Text("N"u8);
    private static readonly byte* s_yes = Text("T"u8);
    private static readonly byte* s_upper = Text("U"u8);

    private static Sgemm s_sgemm;
    private static Dgemm s_dgemm;
    private static Ssyrk s_ssyrk;
    private static Dsyrk s_dsyrk;

    static Blas()
    {
        if (!BitConverter.IsLittleEndian || !IsSwitchedOn)
            return;
        foreach (var library in BlasLibrary.Candidates())
        {
            if (!TryUse(library))
                continue;
            Threads = new BlasThreads(name => NativeTensor.Find(library, name));
            Library = library;
            IsAvailable = true;
            return;
        }
    }

    /// <summary>Whether a BLAS was found that multiplies correctly. Tests set it to see what happens where there is none.</summary>
    public static bool IsAvailable { get; set; }

    /// <summary>The library that it is in; 0 if none was found.</summary>
    public static nint Library { get; }

    /// <summary>What <see cref="Switch"/> says, when the first of all optimizers is made.</summary>
    public static bool IsSwitchedOn => !AppContext.TryGetSwitch(Switch, out var isOn) || isOn;

    /// <summary>Whether products with the transpose have functions of their own, which take half the time. Tests set it too.</summary>
    public static bool HasSyrk { get; set; }

    /// <summary>How many threads BLAS uses.</summary>
    public static BlasThreads Threads { get; } = new(_ => 0);

    /// <summary>C ← alpha·A·B + beta·C. C is not read if beta is 0.</summary>
    /// <param name="alpha">The factor of the product.</param>
    /// <param name="a">A</param>
    /// <param name="b">B</param>
    /// <param name="beta">The factor of C.</param>
    /// <param name="c">C: no memory of A or B.</param>
    public static void Multiply<T>(T alpha, in MatrixView<T> a, in MatrixView<T> b, T beta, in MatrixView<T> c) where T : unmanaged
    {
        if (c.IsTransposed)
        {
            Multiply(alpha, b.Transposed, a.Transposed, beta, c.Transposed);
            return;
        }
        // Cᵀ ← alpha·BᵀAᵀ + beta·Cᵀ
        long m = c.Columns, n = c.Rows, k = a.Columns, strideA = a.Stride, strideB = b.Stride, strideC = c.Stride;
        byte* transposeB = b.IsTransposed ? s_yes : s_no, transposeA = a.IsTransposed ? s_yes : s_no;
        if (typeof(T) == typeof(float))
        {
            s_sgemm(
                transposeB, transposeA, &m, &n, &k, (float*)&alpha, (float*)b.Data, &strideB, (float*)a.Data, &strideA,
                (float*)&beta, (float*)c.Data, &strideC, 1, 1);
        }
        else
        {
            s_dgemm(
                transposeB, transposeA, &m, &n, &k, (double*)&alpha, (double*)b.Data, &strideB, (double*)a.Data, &strideA,
                (double*)&beta, (double*)c.Data, &strideC, 1, 1);
        }
    }

    /// <summary>C ← alpha·AAᵀ + beta·C, of which only the diagonal and what is below it are computed; what is above may be too.</summary>
    /// <param name="alpha">The factor of the product.</param>
    /// <param name="a">A</param>
    /// <param name="beta">The factor of C.</param>
    /// <param name="c">C: square, not transposed, and no memory of A.</param>
    public static void MultiplyByTranspose<T>(T alpha, in MatrixView<T> a, T beta, in MatrixView<T> c) where T : unmanaged
    {
        long n = c.Rows, k = a.Columns, strideA = a.Stride, strideC = c.Stride;
        var transpose = a.IsTransposed ? s_no : s_yes;
        if (!HasSyrk)
            Multiply(alpha, a, a.Transposed, beta, c);
        else if (typeof(T) == typeof(float))
            s_ssyrk(s_upper, transpose, &n, &k, (float*)&alpha, (float*)a.Data, &strideA, (float*)&beta, (float*)c.Data, &strideC, 1, 1);
        else
            s_dsyrk(s_upper, transpose, &n, &k, (double*)&alpha, (double*)a.Data, &strideA, (double*)&beta, (double*)c.Data, &strideC, 1, 1);
    }

    private static bool TryUse(nint library)
    {
        s_sgemm = (Sgemm)NativeTensor.Find(library, "sgemm_");
        s_dgemm = (Dgemm)NativeTensor.Find(library, "dgemm_");
        s_ssyrk = (Ssyrk)NativeTensor.Find(library, "ssyrk_");
        s_dsyrk = (Dsyrk)NativeTensor.Find(library, "dsyrk_");
        HasSyrk = s_ssyrk != null && s_dsyrk != null;
        return s_sgemm != null && s_dgemm != null && IsRight<float>() && IsRight<double>();
    }

    // A = (1 2 3; 4 5 6), C of ones: 2·AAᵀ + 3·C = (31 67; 67 157).
    private static bool IsRight<T>() where T : unmanaged, INumberBase<T>
    {
        T two = T.One + T.One, three = two + T.One, four = two + two;
        var a = stackalloc T[] { T.One, two, three, four, four + T.One, four + two };
        var product = stackalloc T[] { T.One, T.One, T.One, T.One };
        var triangle = stackalloc T[] { T.One, T.One, T.One, T.One };
        var view = new MatrixView<T>(a, 2, 3, 3);
        Multiply(two, view, view.Transposed, three, new MatrixView<T>(product, 2, 2, 2));
        MultiplyByTranspose(two, view, three, new MatrixView<T>(triangle, 2, 2, 2));
        return Are(product, 31, 67, 67, 157)
            && (triangle[0], triangle[2], triangle[3]) == (product[0], product[2], product[3]);
    }

    private static bool Are<T>(T* values, params ReadOnlySpan<int> expected) where T : unmanaged, INumberBase<T>
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (values[i] != T.CreateChecked(expected[i]))
                return false;
        }
        return true;
    }

    // Literals in UTF-8 lie in the image of the assembly, which does not move.
    private static byte* Text(ReadOnlySpan<byte> literal) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));
}
