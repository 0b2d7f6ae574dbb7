namespace Shampoo.Generators.Tests.Emission;

/// <summary>Section 2 of the algorithm, written down a second time: the operations of a configuration's step, as formulas.</summary>
internal sealed class Algorithm(GeneratedStep step)
{
    private readonly bool _kullbackLeibler = step.Has("KullbackLeibler");
    private readonly bool _corrects = step.Has("[EigenvalueCorrected");
    private readonly bool _isSoap = step.Has("[Soap");
    private readonly bool _divides = step.Has("Grafting") && !step.Has("Grafting(SGD)");
    private readonly bool _bounds = step.Has("MaxDirectionRms");

    /// <summary>β₂ = 1: sums, without a bias.</summary>
    private readonly bool _sums = MatrixAttribute(step).Contains("Beta2 = 1", StringComparison.Ordinal);

    private readonly string _filtered = step.Has("[FirstMoment(BiasCorrection = false)]") && !step.Has("Moments =") ? "m" : step.Has("FirstMoment") ? "Ĝ" : "G";

    private bool HasMatrices => MatrixAttribute(step) != "";

    private bool Debiases => !_sums && !MatrixAttribute(step).Contains("BiasCorrection = false", StringComparison.Ordinal);

    public static bool HasPreconditioner(GeneratedStep step) => MatrixAttribute(step) != "" || step.Has("Descent") || step.Has("[Soap");

    public IEnumerable<string> Operations(bool preconditions)
    {
        if (_isSoap) return preconditions ? [.. SoapStatistics(), .. Soap(), .. Bound("P"), .. Update("P")] : [.. SoapStatistics(), "Q_k ← eigenvectors of L_k"];
        string grafted = _divides ? "P_g" : _filtered, direction = preconditions || _divides ? "P" : _filtered;
        IEnumerable<string> path = preconditions ? [.. Precondition(), .. Graft(grafted)] : _divides ? [$"P = {Quotient}"] : [];
        IEnumerable<string> bound = preconditions && step.Has("Grafting") ? [] : Bound(direction);
        return [.. Statistics(preconditions), .. Filter(), .. path, .. bound, .. Update(_bounds ? "P" : direction)];
    }

    private IEnumerable<string> Bound(string direction) => !_bounds ? [] :
        [$"‖{direction}‖ of every block", $"P {(direction == "P" ? "←" : "=")} {direction} / max(1, rms({direction}) / c), per block"];

    /// <summary>The attribute with factor matrices.</summary>
    private static string MatrixAttribute(GeneratedStep step) =>
        step.Attributes.Split(']').Select(static a => a.Trim()).FirstOrDefault(static a => a.StartsWith("[RootInverse", StringComparison.Ordinal) || a.StartsWith("[Eigen", StringComparison.Ordinal)) ?? "";

    private IEnumerable<string> Statistics(bool refreshes)
    {
        string outer = _kullbackLeibler ? "G̃₍ₖ₎G̃₍ₖ₎ᵀ for every dimension k, G̃ = G multiplied by X_j for all j ≠ k" : "G₍ₖ₎G₍ₖ₎ᵀ for every dimension k";
        if (step.Has("L2")) yield return "G ← G + λW";
        if (HasMatrices) yield return _sums ? $"L_k ← L_k + {outer}" : $"L_k ← β₂L_k + (1 − β₂){outer}";
        string square = step.Has("Normalized") ? "(G / ‖G‖)²" : "G²";
        if (step.Has("Normalized")) yield return "‖G‖ of every block";
        if (_divides) yield return step.Has("Adagrad") || step.Has("RMSProp, Beta2 = 1") ? $"V ← V + {square}" : $"V ← β₂V + (1 − β₂){square}";
        foreach (string refresh in HasMatrices ? Refreshes(isUsed: refreshes) : [])
            yield return refresh;
        if (!_corrects) yield break;
        yield return "QᵀG = G ×₁ Q₁ᵀ … ×_d Q_dᵀ";
        yield return _sums ? "E ← E + (QᵀG)²" : "E ← β₂E + (1 − β₂)(QᵀG)²";
    }

    private IEnumerable<string> Refreshes(bool isUsed)
    {
        string symbol = _corrects ? "Q" : "X";
        string carried = step.Has("TransportEigenvalues") ? "; E ← E ×₁ (R₁∘R₁)ᵀ … ×_d (R_d∘R_d)ᵀ, R_k = Q_oldᵀQ_new" : "";
        if (step.Has("Overlapped") && isUsed) yield return $"{symbol}_k ← {symbol}'_k{carried}";
        if (step.Has("Overlapped")) yield return $"{Refresh().Replace("_k ←", "'_k ←", StringComparison.Ordinal)}; computed beside the next {(step.Has("Staleness = 9") ? 9 : 5)} steps";
        else if (step.Has("Staggered")) yield return $"{Refresh()}{carried}, where it is a block's turn";
        else if (isUsed) yield return $"{Refresh()}{carried}";
    }

    private IEnumerable<string> SoapStatistics()
    {
        string beta = step.Has("ShampooBeta") ? "β_s" : "β₂";
        if (step.Has("L2")) yield return "G ← G + λW";
        yield return $"L_k ← {beta}L_k + (1 − {beta})G₍ₖ₎G₍ₖ₎ᵀ for every dimension k";
    }

    private IEnumerable<string> Soap() =>
    [
        "QᵀG = G ×₁ Q₁ᵀ … ×_d Q_dᵀ",
        "m ← β₁m + (1 − β₁)QᵀG",
        "v ← β₂v + (1 − β₂)(QᵀG)²",
        $"QᵀP = m{(step.Has("BiasCorrection = false") ? "" : " · √(1 − β₂ᵗ) / (1 − β₁ᵗ)")} / (√v + ε)",
        "P = QᵀP ×₁ Q₁ … ×_d Q_d",
        "Q_k ← qr(L_kQ_k), of columns sorted by diag(Q_kᵀL_kQ_k) like v; m ← m ×₁ R₁ᵀ … ×_d R_dᵀ, R_k = Q_oldᵀQ_new",
    ];

    private string Refresh()
    {
        string matrix = !Debiases ? "L_k" : step.Has("StatisticsInterval") ? "L_k / (1 − β₂ᵘ)" : "L_k / (1 − β₂ᵗ)";
        if (step.Has("TraceScalingExponent = 1")) matrix += " · tr(…)^−1";
        if (!step.Has("CoupledHigherOrder") && !step.Has("PseudoInverse") && !(_corrects && step.Has("PerturbAfter"))) matrix += " + εI";
        if (_corrects) return $"Q_k ← eigenvectors of {matrix}";
        return step.Has("InverseExponent") || step.Has("ExponentMultiplier") ? $"X_k ← ({matrix})^(−e_k)" : $"X_k ← ({matrix})^(−1/2d), d the order of the blocks";
    }

    private IEnumerable<string> Filter()
    {
        if (!step.Has("FirstMoment")) yield break;
        const string Average = "m ← β₁m + (1 − β₁)G";
        bool corrects = !step.Has("FirstMoment(BiasCorrection = false)") && !step.Has("Beta3 = 0.5, BiasCorrection = false");
        if (step.Has("Beta3")) yield return $"Ĝ = {(corrects ? "(β₃m + (1 − β₃)G) / (1 − β₃β₁ᵗ⁻¹)" : "β₃m + (1 − β₃)G")},  {Average}";
        else yield return corrects ? $"{Average},  Ĝ = m / (1 − β₁ᵗ)" : step.Has("Moments =") ? $"{Average},  Ĝ = m before it is stored" : Average;
    }

    private IEnumerable<string> Precondition()
    {
        if (step.Has("SignDescent(Scaling"))
        {
            yield return $"r = √|{_filtered}|";
            yield return "‖r‖ of every block";
            yield return $"P = s · {(step.Has("Mean") ? "mean" : "sum")} |{_filtered}| · sign({_filtered})";
        }
        else if (step.Has("SignDescent")) yield return $"P = s · sign({_filtered})";
        else if (step.Has("SpectralDescent")) yield return $"P = {(step.Has("SpectralNorm") ? "√(d_out / d_in) · " : "")}UVᵀ of {_filtered} = USVᵀ";
        else if (!_corrects) yield return $"P = {_filtered} ×₁ X₁ … ×_d X_d";
        if (!_corrects) yield break;
        string rotated = _filtered == "G" ? "QᵀG" : "QᵀĜ";
        if (_filtered != "G") yield return $"{rotated} = {_filtered} ×₁ Q₁ᵀ … ×_d Q_dᵀ";
        string eigenvalues = Debiases ? "(E / (1 − β₂ᵗ))" : "E";
        string power = step.Has("InverseExponent") ? $"{eigenvalues}^e_d" : step.Has("Exponent = 0.25") ? $"{eigenvalues}^0.25" : step.Has("Exponent = 1,") ? $"{eigenvalues}^1" : $"√{eigenvalues}";
        yield return $"QᵀP = {rotated} / ({power} + ε{(step.Has("RankDeficiency = PseudoInverse") ? " + 1e-38" : "")})";
        yield return "P = QᵀP ×₁ Q₁ … ×_d Q_d";
    }

    private string Quotient => $"{_filtered} / ({(step.Has("Adam)") ? "√(V / (1 − β₂ᵗ))" : "√V")} + ε)";

    private IEnumerable<string> Graft(string grafted)
    {
        if (!step.Has("Grafting")) yield break;
        if (_divides) yield return $"{grafted} = {Quotient}";
        if (!(grafted == "G" && step.Has("Normalized"))) yield return $"‖{grafted}‖ of every block";
        yield return "‖P‖ of every block";
        yield return $"P ← P · ‖{grafted}‖{(_bounds ? $" / max(1, rms({grafted}) / c)" : "")} / (‖P‖ + 1e-16), per block";
    }

    private IEnumerable<string> Update(string direction)
    {
        string decay = step.Has("Decoupled") ? "λ" : step.Has("Corrected)") ? "λ(lr / peak_lr)" : step.Has("Independent") ? "(λ / peak_lr)" : "";
        if (decay != "" && !_isSoap)
        {
            yield return $"P {(direction == "P" ? "←" : "=")} {direction} + {decay}W{(step.Has("Cautious") ? $" where {direction} and W have no opposite signs" : "")}";
            direction = "P";
        }
        if (step.Has("Momentum"))
        {
            string fresh = (step.Has("Dampening") ? "(1 − d)" : "") + direction;
            yield return $"M ← μM + {fresh}{(step.Has("Nesterov") ? $",  P {(direction == "P" ? "←" : "=")} {fresh} + μM" : "")}";
            direction = step.Has("Nesterov") ? "P" : "M";
        }
        if (decay != "" && _isSoap)
        {
            string change = $"P {(direction == "P" ? "←" : "=")}";
            yield return step.Has("Cautious")
                ? $"W′ = W − lr·{direction},  {change} {direction} + {decay}W′ where {direction} and W′ have no opposite signs"
                : $"{change} (1 − lr·{decay}){direction} + {decay}W";
            direction = "P";
        }
        yield return $"W ← W − lr·{direction}";
    }
}
