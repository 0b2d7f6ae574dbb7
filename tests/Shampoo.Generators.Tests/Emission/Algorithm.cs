namespace Shampoo.Generators.Tests.Emission;

/// <summary>Section 2 of the algorithm, written down a second time: the operations of a configuration's step, as formulas.</summary>
internal sealed class Algorithm(GeneratedStep step)
{
    private readonly bool _kullbackLeibler = step.Has("KullbackLeibler");
    private readonly bool _corrects = step.Has("[EigenvalueCorrected");
    private readonly bool _divides = step.Has("Grafting") && !step.Has("Grafting(SGD)");

    /// <summary>β₂ = 1: sums, without a bias.</summary>
    private readonly bool _sums = MatrixAttribute(step).Contains("Beta2 = 1", StringComparison.Ordinal);

    private readonly string _filtered = step.Has("[FirstMoment(BiasCorrection = false)]") && !RoundsMoments(step) ? "m" : step.Has("FirstMoment") ? "Ĝ" : "G";

    private bool HasMatrices => MatrixAttribute(step) != "";

    private bool Debiases => !_sums && !MatrixAttribute(step).Contains("BiasCorrection = false", StringComparison.Ordinal);

    public static bool HasPreconditioner(GeneratedStep step) => MatrixAttribute(step) != "" || step.Has("Descent");

    public IEnumerable<string> Operations(bool preconditions)
    {
        string grafted = _divides ? "P_g" : _filtered, direction = preconditions || _divides ? "P" : _filtered;
        IEnumerable<string> path = preconditions ? [.. Precondition(), .. Graft(grafted)] : _divides ? [$"P = {Quotient}"] : [];
        return [.. Statistics(preconditions), .. Filter(), .. path, .. Update(direction)];
    }

    /// <summary>The attribute with factor matrices.</summary>
    private static string MatrixAttribute(GeneratedStep step) =>
        step.Attributes.Split(']').Select(static a => a.Trim()).FirstOrDefault(static a => a.StartsWith("[RootInverse", StringComparison.Ordinal) || a.StartsWith("[Eigen", StringComparison.Ordinal)) ?? "";

    /// <summary>m is stored with fewer bits than the step computes with.</summary>
    private static bool RoundsMoments(GeneratedStep step) => step.Has("Moments = ");

    private IEnumerable<string> Statistics(bool refreshes)
    {
        string outer = _kullbackLeibler ? "G̃₍ₖ₎G̃₍ₖ₎ᵀ for every dimension k, G̃ = G multiplied by X_j for all j ≠ k" : "G₍ₖ₎G₍ₖ₎ᵀ for every dimension k";
        if (step.Has("L2")) yield return "G ← G + λW";
        if (HasMatrices) yield return _sums ? $"L_k ← L_k + {outer}" : $"L_k ← β₂L_k + (1 − β₂){outer}";
        string square = step.Has("Normalized") ? "(G / ‖G‖)²" : "G²";
        if (step.Has("Normalized")) yield return "‖G‖ of every block";
        if (_divides) yield return step.Has("Adagrad") || step.Has("RMSProp, Beta2 = 1") ? $"V ← V + {square}" : $"V ← β₂V + (1 − β₂){square}";
        if (HasMatrices && refreshes) yield return Refresh();
        if (!_corrects) yield break;
        yield return "QᵀG = G ×₁ Q₁ᵀ … ×_d Q_dᵀ";
        yield return _sums ? "E ← E + (QᵀG)²" : "E ← β₂E + (1 − β₂)(QᵀG)²";
    }

    private string Refresh()
    {
        string matrix = Debiases ? "L_k / (1 − β₂ᵗ)" : "L_k";
        if (_corrects) return $"Q_k ← eigenvectors of {matrix} + εI";
        if (step.Has("TraceScalingExponent = 1")) matrix += " · tr(…)^−1";
        if (!step.Has("CoupledHigherOrder") && !step.Has("PseudoInverse")) matrix += " + εI";
        return step.Has("InverseExponent") || step.Has("ExponentMultiplier") ? $"X_k ← ({matrix})^(−e_k)" : $"X_k ← ({matrix})^(−1/2d), d the order of the blocks";
    }

    private IEnumerable<string> Filter()
    {
        if (!step.Has("FirstMoment")) yield break;
        const string Average = "m ← β₁m + (1 − β₁)G";
        bool corrects = !step.Has("FirstMoment(BiasCorrection = false)") && !step.Has("Beta3 = 0.5, BiasCorrection = false");
        if (step.Has("Beta3")) yield return $"Ĝ = {(corrects ? "(β₃m + (1 − β₃)G) / (1 − β₃β₁ᵗ⁻¹)" : "β₃m + (1 − β₃)G")},  {Average}";
        else yield return corrects ? $"{Average},  Ĝ = m / (1 − β₁ᵗ)" : RoundsMoments(step) ? $"{Average},  Ĝ = m before it is stored" : Average;
    }

    private IEnumerable<string> Precondition()
    {
        if (step.Has("SignDescent")) yield return $"P = s · sign({_filtered})";
        else if (step.Has("SpectralDescent")) yield return $"P = UVᵀ of {_filtered} = USVᵀ";
        else if (!_corrects) yield return $"P = {_filtered} ×₁ X₁ … ×_d X_d";
        if (!_corrects) yield break;
        string rotated = _filtered == "G" ? "QᵀG" : "QᵀĜ";
        if (_filtered != "G") yield return $"{rotated} = {_filtered} ×₁ Q₁ᵀ … ×_d Q_dᵀ";
        string eigenvalues = Debiases ? "(E / (1 − β₂ᵗ))" : "E";
        string power = step.Has("Exponent = 0.25") ? $"{eigenvalues}^0.25" : step.Has("Exponent = 1,") ? $"{eigenvalues}^1" : $"√{eigenvalues}";
        yield return $"QᵀP = {rotated} / ({power} + ε)";
        yield return "P = QᵀP ×₁ Q₁ … ×_d Q_d";
    }

    private string Quotient => $"{_filtered} / ({(step.Has("Adam)") ? "√(V / (1 − β₂ᵗ))" : "√V")} + ε)";

    private IEnumerable<string> Graft(string grafted)
    {
        if (!step.Has("Grafting")) yield break;
        if (_divides) yield return $"{grafted} = {Quotient}";
        if (!(grafted == "G" && step.Has("Normalized"))) yield return $"‖{grafted}‖ of every block";
        yield return "‖P‖ of every block";
        yield return $"P ← P · ‖{grafted}‖ / (‖P‖ + 1e-16), per block";
    }

    private IEnumerable<string> Update(string direction)
    {
        string decay = step.Has("Decoupled") ? "λW" : step.Has("Corrected)") ? "λ(lr / peak_lr)W" : step.Has("Independent") ? "(λ / peak_lr)W" : "";
        if (decay != "")
        {
            yield return $"P {(direction == "P" ? "←" : "=")} {direction} + {decay}";
            direction = "P";
        }
        if (step.Has("Momentum"))
        {
            string fresh = (step.Has("Dampening") ? "(1 − d)" : "") + direction;
            yield return $"M ← μM + {fresh}{(step.Has("Nesterov") ? $",  P {(direction == "P" ? "←" : "=")} {fresh} + μM" : "")}";
            direction = step.Has("Nesterov") ? "P" : "M";
        }
        yield return $"W ← W − lr·{direction}";
    }
}
