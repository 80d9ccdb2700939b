using MlTr.Model.Checkpoints;
using MlTr.Model.Inspection;
using MlTr.Model.Training;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Training;

public sealed class RecipeTests : IDisposable
{
    private static readonly SquaresSource Train = new(24, 4, 32, 1), Validation = new(12, 4, 32, 2);

    private readonly string folder = Directory.CreateTempSubdirectory("mltr-recipe-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static TrainerOptions Options => TrainerTests.Options() with { Config = TrainerTests.Options().Config with { NumClasses = 4 }, LogEverySteps = 1 };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Compute_InParts_GivesTheGradientsOfTheWholeBatch(int parts)
    {
        var (whole, wholeLosses) = Gradients(Options);
        var (inParts, losses) = Gradients(Options with { AccumulationParts = parts });

        Assert.Equal(wholeLosses.Total, losses.Total, 1e-5);
        Assert.Equal(wholeLosses.Token, losses.Token, 1e-5);
        AssertClose(whole, inParts, 1e-5f);
    }

    [Theory]
    [InlineData(1, 33)]
    [InlineData(30_000, 17)]
    public void Run_FewestAndMostClassesInBatchesOfOneAndOddPictures_TrainsAndEvaluates(int classes, int side)
    {
        using var pictures = new OnePicture(classes, side);
        var options = Options with { Config = Options.Config with { NumClasses = classes }, Passes = 2, BatchSize = 1, EvaluationBatchSize = 1, ImageSize = side };

        var result = Trainer.Run(options, pictures, pictures, folder, null, _ => { }, Ct);

        Assert.Equal(2, result.Step);
        Assert.Equal(1, result.Raw.Metrics.ClassAp[0]);
        Assert.Equal((1, classes), (result.Raw.Scores.GetLength(0), result.Raw.Scores.GetLength(1)));
        Assert.All(result.Raw.Scores.Cast<float>(), score => Assert.InRange(score, 0, 1));
    }

    [Fact]
    public void Run_NothingToValidateOn_TrainsWithoutFigures()
    {
        var result = Trainer.Run(Options with { Passes = 1 }, Train, new SquaresSource(0, 4, 32, 2), folder, null, _ => { }, Ct);

        Assert.Null(result.BestMap);
        Assert.Equal(result.TotalSteps, result.Step);
    }

    [Fact]
    public void Run_NothingToTrainOn_IsRefusedByName()
    {
        var message = Assert.Throws<ArgumentException>(() => Trainer.Run(Options, new SquaresSource(0, 4, 32, 2), Validation, folder, null, _ => { }, Ct)).Message;

        Assert.Contains("The training set of 0 pictures does not fill one batch of 8.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_InParts_EndsWithTheWeightsOfWholeBatches()
    {
        var options = Options with { Passes = 1, LearningRate = 1e-3 };

        var whole = Weights(Trainer.Run(options, Train, Validation, Path.Combine(folder, "whole"), null, _ => { }, Ct).Checkpoint);
        var parts = Weights(Trainer.Run(options with { AccumulationParts = 3 }, Train, Validation, Path.Combine(folder, "parts"), null, _ => { }, Ct).Checkpoint);

        // Adam divides by the size of a gradient: of a tiny one the rounding shows.
        AssertClose(whole, parts, 1e-4f);
    }

    [Fact]
    public void Compute_Mixup_BlendsPicturesAndLosses()
    {
        var options = Options with { MixupAlpha = 0.8 };
        using var scope = NewDisposeScope();
        var batch = Train.ReadPass(0, 8, 32, training: true, 0, Ct).First();
        var share = Mixup.Share(0.8, options.Seed, 5);
        var blended = batch.Images.mul(share).add(batch.Images.flip(0).mul(1 - share));

        var (gradients, losses) = Gradients(options, batch, step: 5);
        var (first, firstLosses) = Gradients(Options, batch with { Images = blended }, step: 5);
        var (second, secondLosses) = Gradients(Options, batch with { Images = blended, Targets = batch.Targets.flip(0) }, step: 5);

        Assert.Equal(firstLosses.Total * share + secondLosses.Total * (1 - share), losses.Total, 1e-5);
        AssertClose([.. first.Zip(second, (a, b) => (float)(a * share + b * (1 - share)))], gradients, 1e-5f);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(1)]
    [InlineData(2)]
    public void Share_ManySteps_HasTheMomentsOfTheBetaDistribution(double alpha)
    {
        var draws = Enumerable.Range(0, 20_000).Select(step => Mixup.Share(alpha, 3, step)).ToArray();

        var mean = draws.Average();
        Assert.Equal(0.5, mean, 0.02);
        Assert.Equal(1 / (4 * (2 * alpha + 1)), draws.Average(d => (d - mean) * (d - mean)), 0.01);
        Assert.All(draws, draw => Assert.InRange(draw, 0, 1));
    }

    [Fact]
    public void Compute_ScaledLoss_ScalesTheGradientsOnly()
    {
        var (plain, losses) = Gradients(Options);
        var (scaled, scaledLosses) = Gradients(Options, scale: 1024);

        Assert.Equal(losses, scaledLosses);
        AssertClose(plain, [.. scaled.Select(g => g / 1024)], 1e-7f);
    }

    [Fact]
    public void TryUpdate_OverflowAndManyGoodSteps_HalvesAndDoubles()
    {
        var scaler = new LossScaler();

        Assert.True(scaler.TryUpdate(finite: false));
        Assert.Equal(LossScaler.Start / 2, scaler.Scale);
        for (var i = 0; i < 2000; i++)
        {
            Assert.True(scaler.TryUpdate(finite: true));
        }

        Assert.Equal((LossScaler.Start, 0), (scaler.Scale, scaler.GoodSteps));
        scaler = new LossScaler(LossScaler.Lowest);
        Assert.False(scaler.TryUpdate(finite: false));
    }

    [Fact]
    public void Run_Float16_SkipsStepsThatOverflowAndLearns()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "native autocast is implemented for Linux");

        // A loss so heavy that the first scales are too large.
        var options = Options with { Precision = Precision.Fp16, OtlWeight = 500, Passes = 6 };
        List<TrainerReport.Point> points = [];

        var result = Trainer.Run(options, Train, Validation, folder, null, said => points.AddRange(said is TrainerReport.Point p ? [p] : []), Ct);

        var skipped = points.Where(p => p.Name == "train/skipped_steps").Sum(p => p.Value);
        var scales = points.Where(p => p.Name == "train/loss_scale").Select(p => p.Value).ToList();
        var losses = points.Where(p => p.Name == "train/loss").Select(p => p.Value).ToList();
        Assert.InRange(skipped, 1, 14);
        Assert.Equal(LossScaler.Start / Math.Pow(2, skipped), scales[^1]);
        Assert.True(losses[^3..].Average() < losses[..3].Average(), string.Join(" ", losses));
        Assert.Equal(scales[^1], CheckpointStore.Open(result.Checkpoint).State.LossScale);
    }

    [Fact]
    public void Run_WithAverage_ReportsTheBetterOfTheTwoAndPredictsWithIt()
    {
        List<TrainerReport.Point> points = [];

        var result = Trainer.Run(Options, Train, Validation, folder, null, said => points.AddRange(said is TrainerReport.Point p ? [p] : []), Ct);

        double Last(string name) => points.Last(p => p.Name == name).Value;
        Assert.Equal(Math.Max(Last("val/mAP_raw"), Last("val/mAP_ema")), Last("val/mAP"));
        Assert.Equal(result.Best.Top3!.Cf1, Last("val/CF1_top3"));
        Assert.All(points.Where(p => p.Name == "train/data_wait_share").ToList(), p => Assert.InRange(p.Value, 0, 1));
        Assert.Equal(result.TotalSteps, points.Count(p => p.Name == "train/data_wait_share"));
        var state = CheckpointStore.Open(result.Checkpoint).State;
        Assert.Equal(result.AveragedIsBetter, state.AveragedIsBetter);
        using var predictor = Predictor.FromCheckpoint(result.Checkpoint);
        Assert.Equal([.. result.Best.Metrics.BestThresholds.Select(t => t?.Threshold ?? 0.5)], predictor.Thresholds!);
        using var batch = Validation.ReadPass(0, 12, 32, training: false, 0, Ct).Single();
        Assert.Equal(result.Best.Scores[0, 1], predictor.Predict(batch.Images)[0].Scores[1], 1e-5f);
    }

    [Fact]
    public void Run_KnobsOutOfRange_NamesEach()
    {
        var options = Options with { AccumulationParts = 9, MixupAlpha = 3, LabelSmoothing = 1, AdamBeta2 = 1, AdamEpsilon = 0, StartDivisor = 0.5 };

        var message = Assert.Throws<ArgumentException>(() => Trainer.Run(options, Train, Validation, folder, null, _ => { }, Ct)).Message;

        Assert.All(["accumulation", "mixup", "smoothing", "beta2", "epsilon", "divisors"], word => Assert.Contains(word, message, StringComparison.Ordinal));
    }

    private static (float[] Gradients, LossValues Losses) Gradients(TrainerOptions options, Batch? batch = null, long step = 0, double scale = 1)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var network = new MlTrClassifier(options.Config);
        Tensor[] weights = [.. network.NamedWeights().Select(w => w.Value)];
        batch ??= Train.ReadPass(0, 8, 32, training: true, 0, Ct).First();
        var losses = new BatchGradients(options, network, weights, CPU).Compute(batch, step, scale);
        return ([.. weights.SelectMany(w => w.grad!.contiguous().data<float>().ToArray())], losses);
    }

    private static float[] Weights(string checkpoint)
    {
        using var file = Safetensors.Load(Path.Combine(checkpoint, "weights.safetensors"));
        return [.. file.Tensors.Values.SelectMany(t => t.data<float>().ToArray())];
    }

    private static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max(), 0, tolerance);
    }

    /// <summary>One random picture in which the first class is present.</summary>
    private sealed class OnePicture : IBatchSource, IDisposable
    {
        private readonly Tensor image, targets;

        public OnePicture(int classes, int side)
        {
            Labels = new sbyte[1, classes];
            Labels[0, 0] = 1;
            image = randn(1, 3, side, side);
            targets = zeros(1, classes);
            targets[0, 0] = 1;
        }

        public int Count => 1;

        public int NumClasses => Labels.GetLength(1);

        public byte[,]? Sizes => null;

        public sbyte[,] Labels { get; }

        public int StepsPerPass(int batchSize, bool dropLast) => 1;

        public IEnumerable<Batch> ReadPass(int pass, int batchSize, int imageSize, bool training, int skipBatches, CancellationToken ct)
        {
            if (skipBatches == 0)
            {
                yield return new Batch(image.alias(), targets.alias(), [0]);
            }
        }

        public void Dispose()
        {
            image.Dispose();
            targets.Dispose();
        }
    }
}
