using MlTr.Model.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Losses;

public sealed class MultiLabelLossesTests
{
    [Theory]
    [InlineData("asl")]
    [InlineData("asl_focus_not_detached")]
    [InlineData("asl_gamma_pos_1")]
    [InlineData("bce")]
    [InlineData("otl")]
    public void Loss_GoldenLogits_GivesTheRecordedValuesAndGradients(string name)
    {
        using var scope = NewDisposeScope();
        var golden = Golden.Json["losses"]!;
        var logits = Matrix(golden[name == "otl" ? "count_logits" : "logits"]!.Read<float[][]>()).requires_grad_();
        var targets = Matrix(golden["targets"]!.Read<float[][]>());

        var perImage = name switch
        {
            "asl" => MultiLabelLosses.Asymmetric(logits, targets),
            "asl_focus_not_detached" => MultiLabelLosses.Asymmetric(logits, targets, detachFocus: false),
            "asl_gamma_pos_1" => MultiLabelLosses.Asymmetric(logits, targets, gammaPos: 1, detachFocus: false),
            "bce" => MultiLabelLosses.BinaryCrossEntropy(logits, targets),
            _ => MultiLabelLosses.ObjectToken(logits, targets),
        };
        perImage.mean().backward();

        Golden.Close(tensor(golden[name]!["per_image"]!.Read<float[]>()), perImage, "per image");
        Golden.Close(Matrix(golden[name]!["grad_of_mean"]!.Read<float[][]>()), logits.grad!, "gradient");
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
