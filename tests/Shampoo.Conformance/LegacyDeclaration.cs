using System.Text.Json;

namespace Shampoo.Conformance;

/// <summary>A configuration of the reference of 2022–2024: the arguments of its constructor.</summary>
internal sealed class LegacyDeclaration(Options options, IReadOnlyList<long[]> shapes) : DeclarationWriter(options, shapes)
{
    private static readonly Dictionary<string, string> Methods = new()
    {
        ["sgd"] = "SGD",
        ["adagrad"] = "Adagrad",
        ["rmsprop"] = "RMSProp",
        ["adam"] = "Adam",
        ["adagrad_normalized"] = "NormalizedAdagrad",
        ["rmsprop_normalized"] = "NormalizedRMSProp",
        ["adam_normalized"] = "NormalizedAdam",
        ["lars"] = "LARS",
        ["lamb"] = "LAMB",
    };

    protected override void Write()
    {
        if (Options.Any("betas") is not { ValueKind: JsonValueKind.Array } betas || betas.GetArrayLength() != 2)
            throw new InvalidDataException("'betas' is missing, or no pair: what has no 'preconditioner' is of the reference of 2022 to 2024.");
        Grafting();
        double beta2 = betas[1].GetDouble();
        bool corrected = Options.Flag("use_bias_correction", missing: true);
        Add("RootInverse", "Solver.Eigh", $"Beta2 = {Literal(beta2)}", Option(Options, "epsilon", "Epsilon"),
            corrected || beta2 == 1 ? null : "BiasCorrection = false", Option(Options, "exponent_multiplier", "ExponentMultiplier"));
        // A list of the reference of 2023 begins with blocks of one dimension, one of 2024 with those of none.
        Roots("exponent_override", firstOrder: 1);
        Roots("inv_root_override", firstOrder: 0);
        Blocking(Options.Flag("use_merge_dims", missing: true) ? 1 : double.PositiveInfinity);
        FirstMoment(betas[0].GetDouble());
        ClassicMomentum();
        Decay(Options.Flag("use_decoupled_weight_decay", missing: true) ? "Decoupled" : "L2");
        Clipping();
        Options.WithoutEffect("use_protected_eigh", "track_root_inv_residuals", "debug_mode", "use_pytorch_compile", "use_dtensor", "num_trainers_per_group");
    }

    /// <summary>Until 2023 in arguments of the constructor, Adagrad unless it is said; in 2024 in an object of its own.</summary>
    private void Grafting()
    {
        if (Options.Object("grafting_config") is { } grafting)
            Grafting(Method(grafting, "type", grafting.RequiredText("type")), grafting, "beta2", "epsilon");
        else if (Options.Text("grafting_type") is { } type and not "none")
            Grafting(Method(Options, "grafting_type", type), Options, "grafting_beta2", "grafting_epsilon");
        else if (Options.Has("grafting_type") || Options.Has("grafting_config"))
            Options.WithoutEffect("grafting_beta2", "grafting_epsilon");
        else if (Options.Has("grafting_epsilon"))
            Grafting("Adagrad", Options, "grafting_beta2", "grafting_epsilon");
        else
            throw new InvalidDataException("'grafting_type' is missing, and so is 'grafting_config'; without grafting it is \"none\".");
    }

    private static string Method(Options parent, string name, string type) => Methods.TryGetValue(type, out string? method) ? method : throw parent.Unknown(name);

    /// <summary>r of the exponent 1/r, for all orders or in a list for one after the other; 0 is the default of an order.</summary>
    private void Roots(string name, int firstOrder)
    {
        if (Options.Any(name) is not { } roots) return;
        for (int order = 1; order <= HighestOrder; order++)
            if (Root(roots, order - firstOrder) is var root and not 0)
                Add("InverseExponent", Literal(order), $"1d / {Literal(root)}");
    }

    private static double Root(JsonElement roots, int index) =>
        roots.ValueKind != JsonValueKind.Array ? roots.GetDouble() : index < roots.GetArrayLength() ? roots[index].GetDouble() : 0;

    private void ClassicMomentum()
    {
        double dampening = Options.Number("dampening") ?? 0;
        bool nesterov = Options.Flag("use_nesterov");
        if (Options.Number("momentum") is { } momentum and not 0) Momentum(momentum, dampening, nesterov);
    }
}
