using Shampoo.Generators.Model;

namespace Shampoo.Generators.Graph;

/// <summary>
/// A number that a schedule or a sweep may change: argument of the constructor, option of a parameter group.
/// <paramref name="Bounds"/> names a member of Shampoo.Runtime.Bounds.
/// </summary>
internal sealed record Argument(string Name, Number? Default, string Bounds, string Documentation)
{
    /// <summary>What the default is, for readers; an argument without a number of its own has the learning rate of the group when it is added.</summary>
    public string DefaultText => Default?.Text ?? "the lr that a group begins with";
}

/// <summary>The numbers of a declaration beside lr, in the order in which torch.optim has them. What is not used is not there.</summary>
internal static class Arguments
{
    public static IReadOnlyList<Argument> Of(Declaration declaration)
    {
        var arguments = new List<Argument>();
        SoapMoments? soap = declaration.Matrices?.Moments;
        Add("beta1", declaration.FirstMoment?.Beta1 ?? soap?.Beta1, "FirstMomentDecay", "Decay of the first moment, in [0, 1)");
        Add("beta3", declaration.FirstMoment?.Beta3, "FirstMomentDecay", "Weight of the old first moment in the filtered gradient, in [0, 1)");
        if (soap is null) Add("beta2", declaration.Matrices?.Beta2, "AverageDecay", "Decay of the factor matrices, in (0, 1)");
        else Add("beta2", declaration.Matrices!.Beta2, "FirstMomentDecay", $"Decay of the second moment{(soap.ShampooBeta is null ? " and of the factor matrices" : "")}, in [0, 1)");
        Add("shampoo_beta", soap?.ShampooBeta, "FirstMomentDecay", "Decay of the factor matrices, in [0, 1)");
        bool mayBeZero = declaration.Matrices is { AllowsZeroEpsilon: true };
        Add("epsilon", declaration.Matrices?.Epsilon, mayBeZero ? "NonNegative" : "Positive", declaration.Matrices?.Method switch
        {
            MatrixMethod.EigenvalueCorrected => $"Added to the root of the corrected eigenvalues, &gt;{(mayBeZero ? "=" : "")} 0",
            MatrixMethod.Soap => "Added to the root of the second moment, &gt; 0",
            _ when declaration.Matrices?.Solver.Name == "CoupledHigherOrder" => "Smallest trace that a factor matrix is divided by, &gt; 0",
            _ => "Added to the eigenvalues of the factor matrices, &gt; 0",
        });
        Add("scale", (declaration.Preconditioner as SignDescent)?.Scale, "Positive", "Length of every component of the direction, &gt; 0");
        if (GraftsAlone(declaration)) AddGrafting();
        Add("weight_decay", declaration.WeightDecay?.Value, "NonNegative", "Weight decay λ, &gt;= 0");
        if (declaration.WeightDecay is { Kind: WeightDecayKind.Corrected or WeightDecayKind.Independent })
            arguments.Add(new Argument("peak_lr", null, "Positive", "Highest learning rate of the schedule, &gt; 0"));
        Add("momentum", declaration.Momentum?.Value, "Momentum", "Momentum μ, in (0, 1)");
        Add("dampening", declaration.Momentum?.Dampening, "FirstMomentDecay", "Dampening d of the momentum, in [0, 1)");
        if (!GraftsAlone(declaration)) AddGrafting();
        Add("max_gradient_norm", declaration.MaxGradientNorm, "Positive", "Bound on the norm of all gradients of a group together, &gt; 0");
        Add("max_direction_rms", declaration.MaxDirectionRms, "Positive", "Bound on the root mean square of the direction of every block, &gt; 0");
        Add("train_interpolation", declaration.Averaging?.TrainInterpolation, "Interpolation", "Weight μ_y of the average where gradients are taken, in (0, 1]");
        Add("evaluation_interpolation", declaration.Averaging?.EvaluationInterpolation, "FirstMomentDecay", "Weight μ_x of the old average, in [0, 1)");
        Add("lr_power", declaration.Averaging?.Power, "NonNegative", "Power of the learning rate by which iterates are weighted, &gt;= 0");
        return arguments;

        void AddGrafting()
        {
            Add(GraftingBeta2Name(declaration), declaration.Grafting?.Beta2, "AverageDecay", "Decay of the grafting second moment, in (0, 1)");
            Add(GraftingEpsilonName(declaration), declaration.Grafting?.Epsilon, "Positive", "Added to the root of the grafting second moment, &gt; 0");
        }

        void Add(string name, Number? number, string bounds, string documentation)
        {
            if (number is not null)
                arguments.Add(new Argument(name, number, bounds, documentation));
        }
    }

    /// <summary>Where grafting alone decides the step, its numbers have the plain names that users of Adam know.</summary>
    public static string GraftingBeta2Name(Declaration declaration) => GraftsAlone(declaration) ? "beta2" : "grafting_beta2";

    public static string GraftingEpsilonName(Declaration declaration) => GraftsAlone(declaration) ? "epsilon" : "grafting_epsilon";

    private static bool GraftsAlone(Declaration declaration) => declaration.Preconditioner is null;
}
