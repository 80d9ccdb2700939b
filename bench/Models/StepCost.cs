using MlTr.Model;
using MlTr.Model.Losses;
using MlTr.Model.Native;
using MlTr.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Bench.Models;

/// <summary>Processor seconds of the phases of one training step.</summary>
internal sealed record StepCost(double Forward, double Loss, double Backward, double Norm, double Optimizer, double Average)
{
    private const int WarmUp = 2, Measured = 7;

    /// <summary>The whole step.</summary>
    public double Total => Forward + Loss + Backward + Norm + Optimizer + Average;

    /// <summary>The median of several steps.</summary>
    public static StepCost Measure(MlTrConfig config, int batchSize, Precision precision)
    {
        using var step = new TrainingStep(config, batchSize, precision);
        var steps = Enumerable.Range(0, WarmUp + Measured).Select(step.Run).Skip(WarmUp).ToList();
        double Of(Func<StepCost, double> phase) => Speed.Median(steps.Select(phase));
        return new StepCost(Of(s => s.Forward), Of(s => s.Loss), Of(s => s.Backward), Of(s => s.Norm), Of(s => s.Optimizer), Of(s => s.Average));
    }
}

/// <summary>One training step on a random batch, made as the trainer makes it and timed phase by phase.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly MlTrClassifier network;
    private readonly Batch batch;
    private readonly Precision precision;
    private readonly Tensor[] weights;
    private readonly AdamW optimizer;
    private readonly WeightAverage average;

    public TrainingStep(MlTrConfig config, int batchSize, Precision precision)
    {
        this.precision = precision;
        network = new MlTrClassifier(config);
        using var source = new RandomSource(config, batchSize, batches: 1);
        batch = source.ReadPass(0, batchSize, config.ImageHeight, training: true, 0, default).Single();
        var named = network.NamedWeights();
        weights = [.. named.Select(weight => weight.Value)];
        optimizer = new AdamW(named, 1e-4);
        average = new WeightAverage(named, 0.9997);
    }

    public StepCost Run(int step)
    {
        using var scope = NewDisposeScope();
        foreach (var weight in weights)
        {
            weight.grad = null;
        }

        MlTrOutput output;
        Tensor loss;
        double forward, losses;
        var watch = new ProcessorTime();
        using (Autocast.Of(precision, CPU))
        {
            output = network.call(batch.Images);
            forward = watch.Lap();
            loss = MultiLabelLosses.Asymmetric(output.Logits, batch.Targets).mean().add(MultiLabelLosses.ObjectToken(output.CountLogits!, batch.Targets).mean());
            losses = watch.Lap();
        }

        loss.backward();
        var backward = watch.Lap();
        _ = TensorLists.Norm([.. weights.Select(weight => weight.grad!)]).ToDouble();
        var norm = watch.Lap();
        optimizer.Step(1e-5, 0.9);
        var optimizing = watch.Lap();
        average.Update(step);
        return new StepCost(forward, losses, backward, norm, optimizing, watch.Lap());
    }

    public void Dispose()
    {
        average.Dispose();
        optimizer.Dispose();
        batch.Dispose();
        network.Dispose();
    }
}
