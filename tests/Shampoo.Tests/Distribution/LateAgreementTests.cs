using Shampoo.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Shampoo.Tests.Distribution;

/// <summary>What ranks say of themselves where reading it would make the host wait: the next step reads it. Tensors are the CPU's, whose copies arrive at once.</summary>
public sealed class LateAgreementTests
{
    [Fact]
    public void ARankThatHasFailedIsNamedByTheNextStep() => WithHeader(static (header, buffer) =>
    {
        Say(header, buffer, failed: 0, present: 1);
        header.RequireAgreement(); // the first is waited for
        Say(header, buffer, failed: 0, present: 1);
        header.RequireAgreement();
        header.RequireEarlierAgreement();
        Say(header, buffer, failed: 1, present: 1);
        header.RequireAgreement(); // which has sent it, and goes on
        Say(header, buffer, failed: 0, present: 1);
        string message = Assert.Throws<IncompleteStepException>(header.RequireEarlierAgreement).Message;
        Assert.Contains("in an earlier step, which the device has reported now. Rank 1 could not complete the step", message);
        header.RequireEarlierAgreement(); // once
    });

    [Fact]
    public void AGradientThatIsMissingIsNamedByTheNextStep() => WithHeader(static (header, buffer) =>
    {
        Say(header, buffer, failed: 0, present: 1);
        header.RequireAgreement();
        Say(header, buffer, failed: 0, present: 0);
        header.RequireAgreement();
        Assert.Contains("'p0' has a gradient on rank 0 and none on the other 1 of 2 ranks", Assert.Throws<IncompleteStepException>(header.RequireEarlierAgreement).Message);
    });

    [Fact]
    public void WhatIsNewOnThisRankIsWaitedFor() => WithHeader(static (header, buffer) =>
    {
        Say(header, buffer, failed: 1, present: 1);
        Assert.Contains("Rank 1 could not complete the step", Assert.Throws<IncompleteStepException>(header.RequireAgreement).Message);
    });

    private static void WithHeader(Action<StepHeader, FlatBuffer> test)
    {
        using var model = new Model([[3, 2]], ScalarType.Float32);
        BlockPlan plan = BlockPlan.Create(new BlockingRules(), [(model[0].shape, BlockedParameter.KindOf(model[0]))]);
        using var parameter = new MemoryParameter(model[0], "p0", plan.Parameters[0]);
        model.NewGradients();
        parameter.BeginStep(searchNonFinite: false);
        using var buffer = new FlatBuffer(new FlatLayout([new OwnedBlock(parameter, 0, 0)], ranks: 2, StepHeader.ElementsFor(1)), ScalarType.Float32, CPU, rank: 0);
        using var header = new StepHeader(buffer, [parameter], rank: 0, isLate: true);
        test(header, buffer);
        parameter.EndStep();
    }

    // A step: this rank writes its header, and that of the other one comes.
    private static void Say(StepHeader header, FlatBuffer buffer, float failed, float present)
    {
        header.Write(hasFailed: false);
        using Tensor other = buffer.All.narrow(0, buffer.Layout.Starts[1], 2), said = tensor(new[] { failed, present });
        other.copy_(said).Dispose();
    }
}
