namespace Shampoo.Runtime.Tests;

/// <summary>Transpositions tile by tile, against those number by number.</summary>
public sealed unsafe class SymmetryTests
{
    public static TheoryData<int> Sizes => [1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 40, 64, 65, 100];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Transposes_elsewhere_and_in_place(int n)
    {
        RequireTransposed<float>(n);
        RequireTransposed<double>(n);
        RequireTransposed<short>(n);
    }

    // Of panels of rows only what is above their part of the diagonal is written.
    [Theory]
    [MemberData(nameof(Sizes))]
    public void Copies_what_is_below_the_diagonal_to_its_place_above_it(int n)
    {
        RequireCopied<float>(n, 0, n);
        RequireCopied<double>(n, 0, n);
        RequireCopied<float>(n, n / 2, n);
        RequireCopied<float>(n, n / 32 * 16, n);
        RequireCopied<float>(n, n / 32 * 16, n - n / 5);
    }

    [Fact]
    public void Transposes_tiles_of_every_size()
    {
        const int stride = 20;
        for (var rows = 1; rows <= Tiles.Size; rows++)
        {
            for (var columns = 1; columns <= Tiles.Size; columns++)
            {
                float[] source = [.. Numbers<float>(stride)], destination = new float[stride * stride];
                fixed (float* from = source, to = destination)
                    Tiles.Transpose(from, stride, to, stride, rows, columns);
                for (var i = 0; i < stride * stride; i++)
                    Assert.Equal(i / stride < columns && i % stride < rows ? source[i % stride * stride + i / stride] : 0, destination[i]);
            }
        }
    }

    private static void RequireTransposed<T>(int n) where T : unmanaged, System.Numerics.INumber<T>
    {
        T[] source = Numbers<T>(n), destination = new T[n * n], inPlace = [.. source];
        fixed (T* from = source, to = destination, matrix = inPlace)
        {
            Symmetry.Transpose(from, to, n);
            Symmetry.Transpose(matrix, n);
        }
        T[] expected = [.. Enumerable.Range(0, n * n).Select(i => source[i % n * n + i / n])];
        Assert.Equal(expected, destination);
        Assert.Equal(expected, inPlace);
    }

    private static void RequireCopied<T>(int n, int start, int end) where T : unmanaged, System.Numerics.INumber<T>
    {
        T[] source = Numbers<T>(n), copied = [.. source];
        fixed (T* matrix = copied)
            Symmetry.CopyToUpper(matrix, n, start, end);
        Assert.Equal([.. Enumerable.Range(0, n * n).Select(k => (Row: k / n, Column: k % n)).Select(Expected)], copied);

        T Expected((int Row, int Column) place) => place.Column > place.Row && place.Column >= start && place.Column < end
            ? source[place.Column * n + place.Row]
            : source[place.Row * n + place.Column];
    }

    private static T[] Numbers<T>(int n) where T : unmanaged, System.Numerics.INumber<T> => [.. Enumerable.Range(1, n * n).Select(T.CreateChecked)];
}
