namespace Shampoo.LibTorch.Tests.Api;

/// <summary>Everything public here has to be TorchSharp's, to the last default value: the same sources compile against both.</summary>
public class ApiTests
{
    /// <summary>Public types that the list mentions only by name, or not at all, with the reason for each.</summary>
    private static readonly HashSet<string> NotListed = [
        // Namespaces in the form of static classes, that only hold what is listed.
        "TorchSharp.torch.backends", "TorchSharp.torch.backends.cuda", "TorchSharp.torch.optim.lr_scheduler.impl",
        // Types of arguments and results that the list mentions by name.
        "TorchSharp.torch.RoundingMode", "TorchSharp.torch.linalg.QRMode", "TorchSharp.torch.nn.Reduction", "TorchSharp.torch.nn.init.FanInOut",
        "TorchSharp.torch.nn.init.NonlinearityType", "TorchSharp.torch.optim.lr_scheduler.impl.OneCycleLR",
        "TorchSharp.torch.optim.lr_scheduler.impl.OneCycleLR.AnnealStrategy", "TorchSharp.Padding", "TorchSharp.PaddingModes",
        "TorchSharp.ThreadDisposeScopeStatistics", "TorchSharp.Utils.TensorAccessor<T>", "TorchSharp.Utils.OrderedDict<TKey, TValue>",
        "TorchSharp.torch.nn.IModule<T, TResult>", "TorchSharp.torch.nn.IModule<T1, T2, TResult>",
        "TorchSharp.torch.nn.HookableModule`2.HookRemover<TPreHook, TPostHook>", "TorchSharp.Modules.AdamW.State", "TorchSharp.Modules.Convolution",
        // Extension methods that move and convert modules.
        "TorchSharp.ModuleExtensionMethods",
        // Modules and the optimizer that factories of the list return.
        "TorchSharp.Modules.SGD", "TorchSharp.Modules.SGD.State", "TorchSharp.Modules.SGD.Options", "TorchSharp.Modules.SGD.ParamGroup",
        "TorchSharp.Modules.BatchNorm", "TorchSharp.Modules.BatchNorm1d", "TorchSharp.Modules.BatchNorm2d", "TorchSharp.Modules.GroupNorm",
        "TorchSharp.Modules.ModuleList<T>", "TorchSharp.Modules.ReLU", "TorchSharp.Modules.LeakyReLU", "TorchSharp.Modules.GELU",
        "TorchSharp.Modules.SiLU", "TorchSharp.Modules.Sigmoid", "TorchSharp.Modules.Tanh", "TorchSharp.Modules.Softmax",
        "TorchSharp.Modules.LogSoftmax", "TorchSharp.Modules.Dropout", "TorchSharp.Modules.Flatten", "TorchSharp.Modules.Identity",
        "TorchSharp.Modules.MaxPool2d", "TorchSharp.Modules.AvgPool2d", "TorchSharp.Modules.AdaptiveAvgPool2d", "TorchSharp.Modules.MSELoss",
        "TorchSharp.Modules.L1Loss", "TorchSharp.Modules.NLLLoss", "TorchSharp.Modules.CrossEntropyLoss",
    ];

    private static readonly ApiList List = ApiList.Read();

    [Fact]
    public void Every_public_member_is_TorchSharps()
    {
        var differences = new List<string>();
        foreach (var type in typeof(torch).Assembly.GetTypes().Where(t => t.IsVisible)) {
            if (List.Covers(type)) differences.AddRange(List.Differences(type));
            else if (!NotListed.Contains(FullName(type))) differences.Add($"{FullName(type)} is neither in the list nor in {nameof(NotListed)}");
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public void The_exceptions_are_all_needed()
    {
        var types = typeof(torch).Assembly.GetTypes().Where(t => t.IsVisible && !List.Covers(t)).Select(FullName).ToHashSet();
        Assert.Empty(NotListed.Except(types));
    }

    [Theory]
    [InlineData("sealed class TorchSharp.Scalar", "static Scalar op_Implicit(uint value)")] // a member that is not there
    [InlineData("sealed class TorchSharp.DisposeScope", "void Attach(IDisposable thing)")] // the name of an argument
    [InlineData("sealed class TorchSharp.DisposeScope", "int DisposablesCount { get; set; }")] // a setter
    [InlineData("static class TorchSharp.torch", "static torch.Tensor tril(torch.Tensor input, long diagonal = 1)")] // a default
    [InlineData("static class TorchSharp.torch", "torch.Tensor tril(torch.Tensor input, long diagonal = 0)")] // static
    [InlineData("class TorchSharp.Scalar", "torch.ScalarType Type { get; }")] // the kind of the type
    public void A_wrong_signature_is_found(string header, string member) => Assert.Single(List.Differences(header, [member]));

    [Theory]
    [InlineData("sealed class TorchSharp.Scalar", "torch.ScalarType Type { get; }")]
    [InlineData("static class TorchSharp.torch", "static torch.Tensor tril(torch.Tensor input, long diagonal = 0)")]
    public void A_right_signature_is_not(string header, string member) => Assert.Empty(List.Differences(header, [member]));

    private static string FullName(Type type) => ApiList.FullName(ApiFormat.Header(type));
}
