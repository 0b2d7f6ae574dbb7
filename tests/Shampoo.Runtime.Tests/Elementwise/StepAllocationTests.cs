namespace Shampoo.Runtime.Tests.Elementwise;

public sealed class StepAllocationTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void A_step_of_sweeps_allocates_nothing(ScalarType type)
    {
        using var optimizer = Optimizer(type);
        Assert.Equal(0, Allocations.Least(() => optimizer.step()));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void State_of_eight_bits_is_coded_and_decoded_without_allocations(ScalarType type)
    {
        using var optimizer = Optimizer(type, Precision.EightBit);
        Assert.Equal(0, Allocations.Least(() => optimizer.step()));
    }

    [Theory]
    [InlineData(Precision.SameAsParameter)]
    [InlineData(Precision.EightBit)]
    public void A_step_of_sweeps_makes_no_tensor(Precision precision)
    {
        using var optimizer = Optimizer(ScalarType.Float32, precision);
        optimizer.step();
        var before = Data.LiveTensors();
        optimizer.step();
        Assert.Equal(before, Tensor.TotalCount);
    }

    private static SweepOnly Optimizer(ScalarType type, Precision precision = Precision.SameAsParameter)
    {
        long[][] shapes = [[200, 300], [300], [64, 3, 3, 3], [200, 300], []];
        var parameters = shapes.Select((shape, p) => Data.Parameter(Data.Normal(p, Data.Elements(shape)), shape, type)).ToArray();
        foreach (var parameter in parameters)
            Data.SetGradient(parameter, Data.Normal(7, Data.Elements(parameter.shape)));
        return new SweepOnly(parameters, max: 128, precision);
    }
}
