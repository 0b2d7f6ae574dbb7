namespace Shampoo.Runtime;

/// <summary>What a parameter group knows of the average of its iterates: their weights, and what its parameters hold.</summary>
internal sealed class IterateAverage
{
    /// <summary>The sum of the weights of all iterates so far: a number of float32, as all weights of averaging.</summary>
    public double WeightSum { get; set; }

    /// <summary>Whether the parameters hold the average X, and not the point Y where gradients are taken.</summary>
    public bool IsEvaluating { get; set; }

    /// <summary>Adds the weight of an iterate.</summary>
    /// <returns>Its share of the sum; 0 where the sum is 0, so that iterates without weight leave the average alone.</returns>
    public float Add(double weight)
    {
        float rounded = (float)weight, sum = (float)WeightSum + rounded;
        WeightSum = sum;
        return sum == 0 ? 0 : rounded / sum;
    }
}
