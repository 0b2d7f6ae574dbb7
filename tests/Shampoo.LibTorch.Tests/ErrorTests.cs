using System.Runtime.InteropServices;

namespace Shampoo.LibTorch.Tests;

public class ErrorTests
{
    [Fact]
    public void Torchs_message_arrives()
    {
        using Tensor a = ones(2, 3), b = ones(2, 3);
        Assert.Contains("shapes cannot be multiplied (2x3 and 2x3)", Assert.Throws<ExternalException>(() => a.mm(b)).Message);
        Assert.Throws<ExternalException>(() => a.view(5));
        Assert.Throws<ExternalException>(() => a.size(7));
        Assert.Throws<ExternalException>(() => a.sum().backward());
    }

    [Fact]
    public void Matrices_that_cannot_be_decomposed()
    {
        Assert.Throws<ExternalException>(() => linalg.cholesky(-eye(3)));
        using var notANumber = full([3, 3], double.NaN, ScalarType.Float32);
        Assert.Throws<ExternalException>(() => linalg.eigh(notANumber));
        Assert.Throws<ExternalException>(() => linalg.inv(zeros(3, 3)));
    }

    [Fact]
    public void Memory_that_there_is_not()
    {
        Assert.Throws<ExternalException>(() => empty(1L << 50));
        Assert.Throws<ExternalException>(() => empty(1L << 62, 1L << 62));
        Values.Near([1], ones(1));
    }

    [Fact]
    public void A_leaf_is_not_changed_behind_autograds_back()
    {
        using var p = new Parameter(ones(2));
        Assert.Throws<ExternalException>(() => p.add_(1));
        using (no_grad()) p.add_(1);
        Values.Near([2, 2], p);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        Assert.Throws<ExternalException>(() => ones(2).view(5));
        CheckForErrors();
        Assert.Throws<NotSupportedException>(() => zeros(2, names: ["a"]));
        Assert.Throws<ArgumentNullException>(() => stack([ones(1), null!]));
    }
}
