namespace Shampoo.Runtime;

/// <summary>What a parameter group knows of the average of its iterates: their weights, and what its parameters hold.</summary>
internal sealed class IterateAverage
{
    /// <summary>The sum of the weights of all iterates so far.</summary>
    public double WeightSum { get; set; }

    /// <summary>Whether the parameters hold the average X, and not the point Y where gradients are taken.</summary>
    public bool IsEvaluating { get; set; }

    /// <summary>Adds the weight of an iterate.</summary>
    /// <remarks>Weights, their sum and their shares are rounded to float32, as the reference's are, but where they would be lost.</remarks>
    /// <returns>Its share of the sum; 0 where the sum is 0, so that iterates without weight leave the average alone.</returns>
    public float Add(double weight)
    {
        if (weight == 0)
            return 0;
        var rounded = (float)weight;
        if (!float.IsNormal(rounded))
            return (float)(weight / (WeightSum += weight));
        var sum = (float)WeightSum + rounded;
        WeightSum = sum;
        return rounded / sum;
    }
}
