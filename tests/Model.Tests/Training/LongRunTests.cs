using MlTr.Model.Training;
using TorchSharp;

namespace MlTr.Model.Tests.Training;

public sealed class LongRunTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mltr-long-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The smallest network there is: four channels, four stages of one block.</summary>
    private static MlTrConfig Smallest(int side) => MlTrConfig.Nano(3) with { ImageHeight = side, ImageWidth = side, EmbedDim = 8, WindowSize = 2 };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Run_EightPicturesOnly_LearnsThemByHeart()
    {
        var pictures = new SquaresSource(8, 3, 32, 4);
        List<double> losses = [];
        var options = TrainerTests.Options() with { Passes = 250, LearningRate = 4e-3, EvaluateEveryPasses = 0, CheckpointEveryPasses = 0, LogEverySteps = 1 };

        var result = Trainer.Run(
            options, pictures, pictures, folder, null, said => losses.AddRange(said is TrainerReport.Point { Name: "train/loss" } p ? [p.Value] : []), Ct);

        Assert.Equal(250, result.Step);
        Assert.Equal(1, result.Raw.Metrics.Map);
        Assert.Equal(1, result.Raw.Count!.Accuracy);
        Assert.InRange(losses[^1], 0, 0.02);
    }

    [Fact]
    public void Run_ThousandSteps_HoldsNoMoreTensorsOrMemoryThanAtTheStart()
    {
        var pictures = new SquaresSource(16, 3, 16, 4);
        var options = TrainerTests.Options() with
        {
            Config = Smallest(16) with { DropPathRate = 0.1 },
            Passes = 125,
            BatchSize = 2,
            MixupAlpha = 0.2,
            AccumulationParts = 2,
            GradientClip = 1,
            EvaluateEveryPasses = 10,
            CheckpointEveryPasses = 25,
            LogEverySteps = 50,
        };
        List<(long Tensors, long Managed, long Resident)> seen = [];

        var result = Trainer.Run(options, pictures, pictures, folder, null, Look, Ct);

        Assert.Equal(1000, result.Step);
        Assert.Equal(20, seen.Count);
        Assert.Single(seen.Select(s => s.Tensors).Distinct());

        // A leak of one kilobyte in each of the 800 later steps would show; the collector's own slack is smaller.
        Assert.InRange(seen[^1].Managed - seen[3].Managed, long.MinValue, 800 << 10);

        // Native memory, of which the tensors are part: a weight's gradient lost in each step would be 100 MB.
        Assert.InRange(seen[^1].Resident - seen[3].Resident, long.MinValue, 48 << 20);

        void Look(TrainerReport said)
        {
            if (said is TrainerReport.Point { Name: "train/loss" })
            {
                // What waits for its finalizer is still counted until it has run.
                GC.Collect();
                GC.WaitForPendingFinalizers();
                seen.Add((torch.Tensor.TotalCount, GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet));
            }
        }
    }

    [Fact]
    public void Run_CancelledInAStep_EndsWithThatStep()
    {
        using var stop = new CancellationTokenSource();
        var pictures = new SquaresSource(16, 3, 16, 4);
        List<long> steps = [];
        var options = TrainerTests.Options() with { Config = Smallest(16), BatchSize = 2, LogEverySteps = 1 };

        // Reports come at the end of a step: the next one must not begin.
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Run(options, pictures, pictures, folder, null, said =>
        {
            if (said is TrainerReport.Point { Name: "train/loss" } point)
            {
                steps.Add(point.Step);
                if (point.Step == 3)
                {
                    stop.Cancel();
                }
            }
        }, stop.Token));

        Assert.Equal([1, 2, 3], steps);
        Assert.Equal(3, MlTr.Model.Checkpoints.CheckpointStore.FindNewestComplete(folder).Newest!.State.Step);
    }
}
