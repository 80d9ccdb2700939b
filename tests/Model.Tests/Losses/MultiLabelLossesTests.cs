using MlTr.Model.Losses;
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

    private static Tensor Matrix(float[][] rows) => tensor(rows.SelectMany(r => r).ToArray()).view(rows.Length, rows[0].Length);
}
