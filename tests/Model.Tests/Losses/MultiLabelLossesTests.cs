using MlTr.Model.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Losses;

public sealed class MultiLabelLossesTests
{
    // Probabilities 0.5, 0.8 and 0.25 of a present, an absent and an unknown class; the margin of the asymmetric loss makes 0.75 of the 0.8.
    [Theory]
    [InlineData("bce", 0.693147 + 1.609438)] // -ln 0.5 - ln 0.2
    [InlineData("focal", 0.25 * 0.693147 + 0.64 * 1.609438)] // 0.5^2 and 0.8^2 times as much
    [InlineData("asl", 0.693147 + 0.316406 * 1.386294)] // -ln 0.5 - 0.75^4 ln 0.25
    [InlineData("asl, gamma+ 1", 0.5 * 0.693147 + 0.316406 * 1.386294)]
    [InlineData("asl, no margin", 0.693147 + 0.4096 * 1.609438)] // -ln 0.5 - 0.8^4 ln 0.2
    public void Loss_ThreeClasses_IsTheOneCountedByHand(string name, double expected)
    {
        using var scope = NewDisposeScope();
        var (logits, targets) = (Matrix([[0, (float)Math.Log(4), -(float)Math.Log(3)]]), Matrix([[1, 0, -1]]));

        var loss = name switch
        {
            "bce" => MultiLabelLosses.BinaryCrossEntropy(logits, targets),
            "focal" => MultiLabelLosses.Focal(logits, targets),
            "asl" => MultiLabelLosses.Asymmetric(logits, targets),
            "asl, gamma+ 1" => MultiLabelLosses.Asymmetric(logits, targets, gammaPos: 1),
            _ => MultiLabelLosses.Asymmetric(logits, targets, clip: 0),
        };

        Assert.Equal(expected, loss.ToDouble(), 2e-6);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void Loss_CertainProbabilitiesAndAnyFocus_HasAFiniteGradient(double gamma)
    {
        using var scope = NewDisposeScope();
        var targets = Matrix([[1, 0, 1, 0, 1, 0]]);
        foreach (var loss in (Func<Tensor, Tensor>[])[
            x => MultiLabelLosses.Focal(x, targets, gamma),
            x => MultiLabelLosses.Asymmetric(x, targets, gamma, gamma, detachFocus: false)])
        {
            var logits = Matrix([[40, 40, -40, -40, 120, -120]]).requires_grad_();

            loss(logits).mean().backward();

            Assert.All(logits.grad!.data<float>().ToArray(), slope => Assert.True(float.IsFinite(slope), $"the gradient is {slope}"));
        }
    }

    [Fact]
    public void ObjectToken_TwoOfThreePresent_IsTheUnlikelinessOfTwo()
    {
        using var scope = NewDisposeScope();

        var loss = MultiLabelLosses.ObjectToken(Matrix([[0, 0, (float)Math.Log(5), 0]]), Matrix([[1, 1, 0]]));

        Assert.Equal(Math.Log(8 / 5.0), loss.ToDouble(), 1e-6);
    }

    [Fact]
    public void Asymmetric_AbsentClassWithinTheMargin_CostsNothing()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(0, MultiLabelLosses.Asymmetric(Matrix([[-4, 3]]), Matrix([[0, -1]])).ToDouble()); // a probability of 0.018
    }

    [Fact]
    public void BinaryCrossEntropy_Smoothed_IsThatOfSoftTargets()
    {
        using var scope = NewDisposeScope();
        var logits = Matrix([[0.3f, -1.2f, 2f]]);

        var smoothed = MultiLabelLosses.BinaryCrossEntropy(logits, Matrix([[1, 0, -1]]), smoothing: 0.2);

        var soft = nn.functional.binary_cross_entropy_with_logits(logits.narrow(1, 0, 2), Matrix([[0.9f, 0.1f]]), reduction: nn.Reduction.Sum);
        Assert.Equal(soft.ToSingle(), smoothed.ToSingle(), 1e-5f);
    }

    [Fact]
    public void Asymmetric_Smoothed_MixesTheLabelsWithTheirOpposites()
    {
        using var scope = NewDisposeScope();
        var logits = Matrix([[0.3f, -1.2f, 2f]]);
        Tensor Loss(float[] targets, double smoothing = 0) => MultiLabelLosses.Asymmetric(logits, Matrix([targets]), gammaPos: 1, smoothing: smoothing);

        var smoothed = Loss([1, 0, -1], 0.2);

        Golden.Close(Loss([1, 0, -1]).mul(0.9).add(Loss([0, 1, -1]).mul(0.1)), smoothed, "smoothed");
        Assert.NotEqual(Loss([1, 0, -1]).ToSingle(), smoothed.ToSingle(), 1e-3f);
    }

    private static Tensor Matrix(float[][] rows) => tensor(rows.SelectMany(r => r).ToArray()).view(rows.Length, rows[0].Length);
}
