using MlTr.Model.Losses;
using MlTr.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Training;

public sealed class OptimizationTests
{
    // With the fused kernel the comparison of the golden files makes the same steps.
    [Fact]
    public void Step_FiveGoldenStepsWithoutTheFusedKernel_LossesAreTheRecorded()
    {
        using var scope = NewDisposeScope();
        using var network = Golden.Network();
        using var optimizer = new AdamW(network.NamedWeights(), 0.05);

        Assert.True(TensorLists.Fused);
        foreach (var expected in Golden.Json["adamw"]!["loss_before_step"]!.Read<double[]>())
        {
            network.zero_grad();
            var loss = Loss(network).Loss;
            Golden.Close(expected, loss.ToDouble(), "loss", 1e-3);
            loss.backward();
            optimizer.Step(1e-3, 0.9, fused: false);
        }
    }

    [Fact]
    public void Step_Fused_EqualsTheLibrarysAdamW()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var start = randn(20, 10);
        var ours = nn.Parameter(start.clone());
        var theirs = nn.Parameter(start.clone());
        using var optimizer = new AdamW([("w", ours)], 0.1);
        using var reference = optim.AdamW([theirs], lr: 1e-2, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.1);

        for (var i = 0; i < 50; i++)
        {
            var input = randn(10);
            foreach (var weight in new[] { ours, theirs })
            {
                weight.grad = null;
                matmul(weight, input).pow(2).sum().backward();
            }

            optimizer.Step(1e-2, 0.9);
            reference.step();
        }

        Golden.Close(theirs, ours, "weights", 1e-6);
    }

    [Fact]
    public async Task Step_WhileGarbageIsCollected_NeverReadsFreedArguments()
    {
        using var weight = nn.Parameter(zeros(4, 4));
        using var optimizer = new AdamW([("w", weight)], 0.1);
        using var average = new WeightAverage([("w", weight)], 0.9);
        weight.grad = ones(4, 4);

        await GarbageStorm.DuringAsync(() =>
        {
            for (var i = 0; i < 5000; i++)
            {
                optimizer.Step(1e-3, 0.9);
                average.Update(i);
            }
        });

        Assert.Equal(5000, optimizer.State[2].Value.ToSingle());
    }

    [Fact]
    public void At_SingleStep_IsThePeak() => Assert.Equal(1e-4, OneCycle.At(0, 1, 1e-4).Rate, 1e-14);

    [Fact]
    public void Update_Average_FollowsTheWeightsAndSwapsBack()
    {
        using var scope = NewDisposeScope();
        var weight = zeros(3);
        using var average = new WeightAverage([("w", weight)], 0.9997);
        weight.fill_(1);

        average.Update(0);

        Assert.Equal(0.9f, average.State[0].Value[0].ToSingle(), 1e-6f);
        using (average.Swap())
        {
            Assert.Equal(0.9f, weight[0].ToSingle(), 1e-6f);
        }

        Assert.Equal(1f, weight[0].ToSingle());
        Assert.Equal(0.9997, WeightAverage.DecayAt(1_000_000, 0.9997));
    }

    private static (Tensor Loss, Tensor Asl, Tensor? Otl) Loss(MlTrClassifier network)
    {
        var output = network.call(Golden.Io["images"]);
        var asl = MultiLabelLosses.Asymmetric(output.Logits, Golden.Io["targets"]);
        var otl = output.CountLogits is null ? null : MultiLabelLosses.ObjectToken(output.CountLogits, Golden.Io["targets"]);
        return ((otl is null ? asl : asl.add(otl)).mean(), asl, otl);
    }
}
