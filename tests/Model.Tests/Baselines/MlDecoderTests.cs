using MlTr.Model.Baselines;
using MlTr.Model.Losses;
using MlTr.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Baselines;

public sealed class MlDecoderTests
{
    [Theory]
    [InlineData(80, 80)]
    [InlineData(250, 100)]
    public void MlDecoder_ManyClasses_GroupsThemOnAHundredQueries(int classes, int queries)
    {
        using var scope = NewDisposeScope();
        using var head = new MlDecoder(channels: 16, classes, width: 32);
        head.eval();

        Assert.Equal([3, classes], head.call(randn(3, 16, 4, 5)).shape);
        Assert.Equal([queries, 32], head.state_dict()["query_embed"].shape);
        Assert.DoesNotContain(head.named_parameters(), p => p.name == "query_embed");
        Assert.All(head.parameters(), p => Assert.True(p.requires_grad));
    }

    [Fact]
    public void MlDecoder_OneBatch_IsLearntByHeartAndLeavesNoTensors()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var head = new MlDecoder(channels: 16, classes: 4, width: 32);
        head.eval(); // without dropout
        var maps = randn(6, 16, 2, 3);
        var targets = rand(6, 4).gt(0.5).to(ScalarType.Float32);
        using var optimizer = new AdamW([.. head.named_parameters().Select(p => (p.name, (Tensor)p.parameter))], 0);
        List<double> losses = [];
        List<long> tensors = [];

        for (var step = 0; step < 60; step++)
        {
            using (NewDisposeScope())
            {
                foreach (var weight in head.parameters())
                {
                    weight.grad = null;
                }

                var loss = MultiLabelLosses.BinaryCrossEntropy(head.call(maps), targets).mean();
                loss.backward();
                optimizer.Step(2e-3, 0.9);
                losses.Add(loss.ToDouble());
            }

            tensors.Add(Tensor.TotalCount);
        }

        Assert.True(losses[^1] < losses[0] / 20, string.Join(" ", losses));
        Assert.Equal(tensors[1], tensors[^1]);
    }
}
