namespace Shampoo.Generators.Tests.Graph;

/// <summary>What vector code is written against: pieces of arrays, two elements at a time and then one.</summary>
internal static class FakeVector
{
    public const string Source = """
        using System;
        using System.Linq;
        using System.Numerics;

        namespace Shampoo.Runtime
        {
            public interface ISweep<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
            {
                void Run<V>(in Piece<T> piece) where V : struct, ILanes<V, T>;
            }

            public readonly struct Elements<T>(T[] data) { public readonly T[] Data = data; }

            public struct SumOfSquares { public double Sum; }

            public readonly ref struct Piece<T>(T[][] arrays, double[] norms, double[] squares, nint start, nint end)
            {
                private readonly T[][] _arrays = arrays;
                private readonly double[] _norms = norms, _squares = squares;
                public nint Start { get; } = start;
                public nint End { get; } = end;
                public Elements<T> this[int array] => new Elements<T>(_arrays[array]);
                public double Norm(int norm) => _norms[norm];
                public double Rms(int norm) => _norms[norm] / System.Math.Sqrt(3);
                public void AddSquares(int norm, in SumOfSquares squares) => _squares[norm] += squares.Sum;
            }

            public interface ILanes<V, T> : IAdditionOperators<V, V, V>, IMultiplyOperators<V, V, V>, IDivisionOperators<V, V, V> where V : struct, ILanes<V, T>
            {
                static abstract int Count { get; }
                static abstract V Load(Elements<T> elements, nint index);
                static abstract void Store(Elements<T> elements, nint index, V value);
                static abstract V Of(double value);
                static abstract V Sqrt(V value);
                static abstract V Sign(V value);
                static abstract V Pow(V value, double exponent);
                static abstract void AddSquares(ref SumOfSquares sum, V value);
            }

            public readonly struct One(double x) : ILanes<One, double>
            {
                public readonly double X = x;
                public static int Count => 1;
                public static One Load(Elements<double> elements, nint index) => new(elements.Data[index]);
                public static void Store(Elements<double> elements, nint index, One value) => elements.Data[index] = value.X;
                public static One Of(double value) => new(value);
                public static One Sqrt(One value) => new(Math.Sqrt(value.X));
                public static One Sign(One value) => new(value.X > 0 ? 1 : value.X < 0 ? -1 : 0);
                public static One Pow(One value, double exponent) => new(Math.Pow(value.X, exponent));
                public static void AddSquares(ref SumOfSquares sum, One value) => sum.Sum += value.X * value.X;
                public static One operator +(One left, One right) => new(left.X + right.X);
                public static One operator *(One left, One right) => new(left.X * right.X);
                public static One operator /(One left, One right) => new(left.X / right.X);
            }

            public readonly struct Two(One x, One y) : ILanes<Two, double>
            {
                private readonly One _x = x, _y = y;
                public static int Count => 2;
                public static Two Load(Elements<double> elements, nint index) => new(One.Load(elements, index), One.Load(elements, index + 1));
                public static void Store(Elements<double> elements, nint index, Two value) { One.Store(elements, index, value._x); One.Store(elements, index + 1, value._y); }
                public static Two Of(double value) => new(One.Of(value), One.Of(value));
                public static Two Sqrt(Two value) => new(One.Sqrt(value._x), One.Sqrt(value._y));
                public static Two Sign(Two value) => new(One.Sign(value._x), One.Sign(value._y));
                public static Two Pow(Two value, double exponent) => new(One.Pow(value._x, exponent), One.Pow(value._y, exponent));
                public static void AddSquares(ref SumOfSquares sum, Two value) { One.AddSquares(ref sum, value._x); One.AddSquares(ref sum, value._y); }
                public static Two operator +(Two left, Two right) => new(left._x + right._x, left._y + right._y);
                public static Two operator *(Two left, Two right) => new(left._x * right._x, left._y * right._y);
                public static Two operator /(Two left, Two right) => new(left._x / right._x, left._y / right._y);
            }
        }

        public static class Vector
        {
            /// <summary>Runs a struct of VectorBlocks over arrays and norms in its order, and changes them.</summary>
            public static void Run(string sweep, double[][] arrays, double[] norms)
            {
                Type type = typeof(VectorBlocks<double>).GetNestedType(sweep + "Sweep", System.Reflection.BindingFlags.NonPublic);
                type = type.MakeGenericType(typeof(double));
                object[] arguments = type.GetConstructors().SelectMany(c => c.GetParameters()).Select(p => Activator.CreateInstance(p.ParameterType)).ToArray();
                typeof(Vector).GetMethod("RunPieces").MakeGenericMethod(type).Invoke(null, new object[] { Activator.CreateInstance(type, arguments), arrays, norms });
            }

            public static void RunPieces<TSweep>(TSweep sweep, double[][] arrays, double[] norms) where TSweep : struct, Shampoo.Runtime.ISweep<double>
            {
                var squares = new double[norms.Length];
                nint end = arrays[0].Length, even = end / 2 * 2;
                sweep.Run<Shampoo.Runtime.Two>(new Shampoo.Runtime.Piece<double>(arrays, norms, squares, 0, even));
                sweep.Run<Shampoo.Runtime.One>(new Shampoo.Runtime.Piece<double>(arrays, norms, squares, even, end));
                for (int k = 0; k < norms.Length; k++)
                    if (squares[k] != 0) norms[k] = Math.Sqrt(squares[k]);
            }
        }
        """;
}
