namespace Shampoo.Generators.Graph;

/// <summary>Where an array lives.</summary>
internal enum Storage
{
    /// <summary>In the model: the parameters and their gradients, block by block.</summary>
    Model,

    /// <summary>Stacked, from step to step.</summary>
    State,

    /// <summary>Within a step: in a register if one sweep makes it and uses it up, else in a workspace.</summary>
    Intermediate,

    /// <summary>One matrix for each dimension of a block. Only products read and write them.</summary>
    Matrices,

    /// <summary>In what a rank sends to the others, until they have it.</summary>
    Exchange,
}

/// <summary>An array over the elements of a stack of blocks, by its name in the generated code and its symbol in formulas.</summary>
internal sealed record Array(string Name, string Symbol, Storage Storage) : Expression
{
    public static readonly Array Gradient = new("gradient", "G", Storage.Model);
    public static readonly Array Parameters = new("parameters", "W", Storage.Model);
    public static readonly Array DecayedGradient = new("decayed_gradient", "G", Storage.Intermediate);
    public static readonly Array ClippedGradient = new("clipped_gradient", "G", Storage.Intermediate);
    public static readonly Array FilteredGradient = new("filtered_gradient", "Ĝ", Storage.Intermediate);
    public static readonly Array GraftingDirection = new("grafting_direction", "P_g", Storage.Intermediate);
    public static readonly Array Direction = new("direction", "P", Storage.Intermediate);
    public static readonly Array FirstMoment = new("first_moment", "m", Storage.State) { IsMoment = true };
    public static readonly Array SecondMoment = new("grafting_second_moment", "V", Storage.State) { IsMoment = true, IsDivisor = true };
    public static readonly Array HeldDirection = new("held_direction", "P", Storage.State);
    public static readonly Array Update = new("update", "ΔW", Storage.Exchange);
    public static readonly Array LargeSecondMoment = new("second_moment", "U", Storage.State) { IsMoment = true, IsDivisor = true };
    public static readonly Array RootMagnitude = new("root_magnitude", "r", Storage.Intermediate);
    public static readonly Array MomentumBuffer = new("momentum_buffer", "M", Storage.State) { IsMoment = true };
    public static readonly Array WeightBuffer = new("weight_buffer", "Z", Storage.State);
    public static readonly Array SteppedParameters = new("stepped_parameters", "W′", Storage.Intermediate);
    public static readonly Array AveragedDirection = new("averaged_direction", "ΔY", Storage.Intermediate);
    public static readonly Array RotatedSecondMoment = new("second_moment", "v", Storage.State) { IsMoment = true, IsDivisor = true };
    public static readonly Array CorrectedEigenvalues = new("corrected_eigenvalues", "E", Storage.State) { IsMoment = true, IsDivisor = true };
    public static readonly Array RotatedGradient = new("rotated_gradient", "QᵀG", Storage.Intermediate);
    public static readonly Array RotatedFilteredGradient = new("rotated_filtered_gradient", "QᵀĜ", Storage.Intermediate);
    public static readonly Array RotatedDirection = new("rotated_direction", "QᵀP", Storage.Intermediate);
    public static readonly Array Eigenvectors = new("eigenvectors", "Q", Storage.Matrices);
    public static readonly Array FactorMatrices = new("factor_matrices", "L", Storage.Matrices);
    public static readonly Array InverseRoots = new("inverse_roots", "X", Storage.Matrices);
    public static readonly Array NextMatrices = new("next_matrices", "X'", Storage.Matrices);

    /// <summary>Whether <c>[Precision(Moments)]</c> says how it is stored. Z does not count: it is a copy of the parameters, which small steps add up in.</summary>
    public bool IsMoment { get; init; }

    /// <summary>Whether its root divides directions.</summary>
    public bool IsDivisor { get; init; }

    /// <summary>What the norms of its blocks are called.</summary>
    public string NormName => $"{Name}_norm";
}
