namespace Shampoo.Runtime;
internal static class NcclProcessGroup { public static ProcessGroup World(Launch l) => throw new NotSupportedException(l.ToString()); }
