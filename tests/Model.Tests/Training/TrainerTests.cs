using System.Security.Cryptography;
using MlTr.Model.Checkpoints;
using MlTr.Model.Data;
using MlTr.Model.Data.Loading;
using MlTr.Model.Training;

namespace MlTr.Model.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private static readonly SquaresSource Train = new(48, 3, 32, 1), Validation = new(20, 3, 32, 2);

    private readonly string folder = Directory.CreateTempSubdirectory("mltr-trainer-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(Precision.Fp32)]
    [InlineData(Precision.Bf16)]
    public void Run_StoppedAndContinued_EndsWithTheSameBits(Precision precision)
    {
        var options = Options() with { Precision = precision, Config = Options().Config with { DropPathRate = 0.2 } };
        List<TrainerReport> whole = [], parts = [];
        var expected = Trainer.Run(options, Train, Validation, Path.Combine(folder, "whole"), null, whole.Add, Ct);

        var stopped = Path.Combine(folder, "stopped");
        foreach (var steps in new[] { 3, 7, 13 })
        {
            RunUntil(options, stopped, steps, parts);
        }

        var actual = Trainer.Run(options, Train, Validation, stopped, Newest(stopped), parts.Add, Ct);

        Assert.Equal(Hashes(expected.Checkpoint), Hashes(actual.Checkpoint));
        Assert.Equal(expected.Best.Scores, actual.Best.Scores);
        Assert.Equal(expected.BestMap, actual.BestMap);
        Assert.Equal(Points(whole), Points(parts));
    }

    [Fact]
    public async Task Run_WhileGarbageIsCollected_GoesOn()
    {
        var options = Options();

        await GarbageStorm.DuringAsync(() => Trainer.Run(options, Train, Validation, folder, null, _ => { }, Ct));

        Assert.Equal(18, Newest(folder)!.State.Step);
    }

    [Fact]
    public void Run_ThreeClassesOfSquares_LearnsThem()
    {
        var options = Options() with { Passes = 20, LearningRate = 3e-3 };
        List<TrainerReport> reports = [];

        var result = Trainer.Run(options, Train, Train, folder, null, reports.Add, Ct);

        Assert.True(result.Best.Metrics.Map > 0.9, $"mAP {result.Best.Metrics.Map}");
        Assert.Equal(result.TotalSteps, result.Step);
        var losses = reports.OfType<TrainerReport.Point>().Where(p => p.Name == "train/loss").ToList();
        Assert.True(losses[^1].Value < losses[0].Value / 2, $"{losses[0]} to {losses[^1]}");
        Assert.Contains(reports, r => r is TrainerReport.Point { Name: "val/AP/0" });
        Assert.InRange(Directory.GetDirectories(folder).Length, 1, 3);
    }

    [Fact]
    public void Run_Cancelled_StopsWithinAStepAndLeavesACheckpoint()
    {
        List<TrainerReport> reports = [];

        RunUntil(Options(), folder, 5, reports);

        var newest = Newest(folder);
        Assert.Equal(5, newest!.State.Step);
        Assert.Equal((0, 5), (newest.State.Pass, newest.State.BatchInPass));
    }

    [Fact]
    public void Run_WithInitialWeights_ReportsWhatMatchedAndContinuesWithoutTheFile()
    {
        var weights = Path.Combine(folder, "start.safetensors");
        using (var other = new MlTrClassifier(Options().Config with { NumClasses = 7 }))
        {
            Safetensors.Save(weights, other.NamedWeights());
        }

        var options = Options() with { InitialWeights = weights };
        List<TrainerReport> reports = [];
        RunUntil(options, Path.Combine(folder, "run"), 3, reports);
        File.Delete(weights);

        var result = Trainer.Run(options, Train, Validation, Path.Combine(folder, "run"), Newest(Path.Combine(folder, "run")), reports.Add, Ct);

        Assert.Equal(result.TotalSteps, result.Step);
        Assert.Single(reports, report => report is TrainerReport.Line { Text: var text } && text.StartsWith("Weights (MlTr names): ", StringComparison.Ordinal));
        Assert.Contains(reports, report => report is TrainerReport.Line { Text: var text } && text.Contains("head.weight [7, ", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_HugeLearningRate_FailsNamingTheStep()
    {
        var options = Options() with { LearningRate = 1e30, Passes = 10 };

        var failure = Assert.Throws<TrainingFailedException>(() => Trainer.Run(options, Train, Validation, folder, null, _ => { }, Ct));

        Assert.InRange(failure.Step, 1, 20);
        Assert.Contains("step", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_OblongNetworkWithoutASize_IsRefused()
    {
        var oblong = Options() with { Config = Options().Config with { ImageWidth = 64 } };

        Assert.Contains(oblong.Validate(), error => error.Contains("32 x 64", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_OtherPartsWithDropPath_SaysThatTheWeightsDiffer()
    {
        var dropping = Options() with { Config = Options().Config with { DropPathRate = 0.2 } };
        RunUntil(dropping, folder, 17, []);
        List<TrainerReport> reports = [];

        Trainer.Run(dropping with { AccumulationParts = 2 }, Train, Validation, folder, Newest(folder), reports.Add, Ct);

        Assert.Contains(reports, said => said is TrainerReport.Line { Text: var text } && text.Contains("each part drops its own paths", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_OtherValidationPictures_GoesOnAndSaysThatFiguresDoNotCompare()
    {
        RunUntil(Options(), folder, 8, []);
        List<TrainerReport> same = [], other = [];
        static bool Warns(TrainerReport said) => said is TrainerReport.Line { Text: var text } && text.Contains("other validation pictures", StringComparison.Ordinal);
        Trainer.Run(Options(), Train, new SquaresSource(20, 3, 32, 9), folder, Newest(folder), other.Add, Ct);
        Trainer.Run(Options(), Train, new SquaresSource(20, 3, 32, 9), folder, Newest(folder), same.Add, Ct);

        Assert.Single(other, Warns);
        Assert.DoesNotContain(same, Warns);
        Assert.Contains(other, said => said is TrainerReport.Point { Name: "val/CF1_class_mean" });
    }

    [Fact]
    public void Run_SourceWithANotice_ReportsItOnce()
    {
        List<TrainerReport> reports = [];

        Trainer.Run(Options(), new NoticingSource(Train), new NoticingSource(Validation), folder, null, reports.Add, Ct);

        Assert.Single(reports, said => said is TrainerReport.Line { Text: NoticingSource.Text });
    }

    [Fact]
    public void Run_EmptyBatch_FailsNamingTheStep()
    {
        var failure = Assert.Throws<TrainingFailedException>(() => Trainer.Run(Options(), new EmptySource(Train), Validation, folder, null, _ => { }, Ct));

        Assert.Contains("step 0: the batch is empty", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WrongOptions_ListsAllErrors()
    {
        var options = Options() with { Passes = 0, LearningRate = -1, Device = "tpu" };

        var failure = Assert.Throws<ArgumentException>(() => Trainer.Run(options, Train, Validation, folder, null, _ => { }, Ct));

        Assert.Contains("pass", failure.Message, StringComparison.Ordinal);
        Assert.Contains("learning rate", failure.Message, StringComparison.Ordinal);
        Assert.Contains("tpu", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OtherDataOrBatchSize_RefusesTheCheckpoint()
    {
        RunUntil(Options(), folder, 2, []);

        Assert.Throws<InvalidDataException>(
            () => Trainer.Run(Options(), new SquaresSource(48, 3, 32, 9), Validation, folder, Newest(folder), _ => { }, Ct));
        Assert.Throws<InvalidDataException>(
            () => Trainer.Run(Options() with { BatchSize = 16 }, Train, Validation, folder, Newest(folder), _ => { }, Ct));
    }

    [Fact]
    public void Run_AnotherRecipe_IsRefusedNamingEachKnobWithBothValues()
    {
        RunUntil(Options(), folder, 2, []);
        var other = Options() with
        {
            LearningRate = 2e-3,
            Passes = 4,
            EmaDecay = 0,
            Precision = Precision.Bf16,
            Loss = LossKind.Bce,
            Config = Options().Config with { DropPathRate = 0.1, Depths = [1, 2, 1, 1] },
        };

        var message = Assert.Throws<InvalidDataException>(() => Trainer.Run(other, Train, Validation, folder, Newest(folder), _ => { }, Ct)).Message;

        Assert.All(
            [
                "learning rate was 0.001 and is 0.002", "passes was 3 and is 4", "ema decay was 0.9997 and is 0", "precision was Fp32 and is Bf16", "loss was Asl and is Bce",
                "network drop path rate was 0 and is 0.1", "network depths was 1 1 1 1 and is 1 2 1 1",
            ],
            knob => Assert.Contains(knob, message, StringComparison.Ordinal));
        Assert.Equal(7, message.Split(" was ").Length - 1);
    }

    [Fact]
    public void Run_OtherAugmentation_IsRefused()
    {
        ImageSet set = new("none", folder, ["a", "b", "c"], [.. Enumerable.Range(0, 8).Select(i => new ImageEntry($"{i}.jpg", 0, 0, [1, 0, 0], null))], SizeLimits.Coco, []);
        using var plain = new ImageSetBatchSource(set, new BatchSourceOptions { Augmentations = Augmentations.None });
        using var cut = new ImageSetBatchSource(set, new BatchSourceOptions { CutoutSize = 0.25 });
        var then = new TrainerState { Config = Options().Config, DataDigest = "", Recipe = Recipe.Of(Options(), plain) };

        Assert.Equal(
            ["pictures augmentation was None and is Cutout, RandAugment", "pictures cutout size was 0.5 and is 0.25"], Recipe.Differences(then, Recipe.Of(Options(), cut)));
    }

    [Fact]
    public void Run_OnAnotherMachineOrWatchedOtherwise_GoesOnAndSaysThatTheLastBitsDiffer()
    {
        RunUntil(Options(), folder, 2, []);
        List<TrainerReport> reports = [];
        var elsewhere = Options() with { Threads = 2, AccumulationParts = 2, LogEverySteps = 1, EvaluateEveryPasses = 0, EvaluationBatchSize = 3, CheckpointEverySeconds = 60 };

        var result = Trainer.Run(elsewhere, Train, Validation, folder, Newest(folder), reports.Add, Ct);

        Assert.Equal(18, result.Step);
        Assert.Contains(
            reports,
            said => said is TrainerReport.Line { Text: var text } && text.Contains("1 threads, cpu and 1 accumulation parts with 2 threads, cpu and 2", StringComparison.Ordinal));
    }

    [Fact]
    public void Restore_CheckpointThatRecordsNoRecipe_GoesOn() =>
        Assert.Empty(Recipe.Differences(new TrainerState { Config = Options().Config, DataDigest = "" }, Recipe.Of(Options(), Train)));

    [Fact]
    public void FindNewestComplete_DamagedNewest_FallsBackAndSaysWhy()
    {
        RunUntil(Options(), folder, 8, []);
        var newest = Newest(folder)!;
        Assert.Equal(8, newest.State.Step);
        foreach (var (file, damage) in new (string, Func<byte[], byte[]>)[]
        {
            ("weights.safetensors", all => [.. all, 0]),
            ("weights.safetensors", Truncate),
            ("optimizer.safetensors", FlipABit),
            ("state.json", FlipABit),
            ("ema.safetensors", _ => []),
            ("manifest.json", Truncate),
            ("manifest.json", _ => "{}"u8.ToArray()),
        })
        {
            var path = Path.Combine(newest.Folder, file);
            var bytes = File.ReadAllBytes(path);
            File.WriteAllBytes(path, damage(bytes));

            var search = CheckpointStore.FindNewestComplete(folder);

            Assert.Equal(6, search.Newest!.State.Step);
            Assert.Contains(file, Assert.Single(search.Problems), StringComparison.Ordinal);
            File.WriteAllBytes(path, bytes);
        }

        Assert.Equal(8, Newest(folder)!.State.Step);

        static byte[] Truncate(byte[] all) => all[..(all.Length / 2)];

        static byte[] FlipABit(byte[] all)
        {
            byte[] changed = [.. all];
            changed[all.Length / 2] ^= 4;
            return changed;
        }
    }

    internal static TrainerOptions Options() => new()
    {
        Config = MlTrConfig.Nano(3) with { ImageHeight = 32, ImageWidth = 32, EmbedDim = 8 },
        Passes = 3,
        BatchSize = 8,
        LearningRate = 1e-3,
        LogEverySteps = 4,
        Seed = 5,
    };

    private static void RunUntil(TrainerOptions options, string folder, int steps, List<TrainerReport> reports)
    {
        using var stop = new CancellationTokenSource();
        var source = new StoppingSource(Train, stop, steps - (int)(Newest(folder)?.State.Step ?? 0));
        Assert.ThrowsAny<OperationCanceledException>(
            () => Trainer.Run(options, source, Validation, folder, Newest(folder), reports.Add, stop.Token));
    }

    private static TrainerCheckpoint? Newest(string folder) => CheckpointStore.FindNewestComplete(folder).Newest;

    private static string[] Hashes(string checkpoint) =>
        [.. Directory.GetFiles(checkpoint, "*.safetensors").Order().Select(f => Path.GetFileName(f) + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f))))];

    private static List<TrainerReport.Point> Points(List<TrainerReport> reports) =>
        [.. reports.OfType<TrainerReport.Point>().Where(p => p.Name is not ("train/images_per_second" or "train/data_wait_share"))];

    /// <summary>Cancels after so many batches.</summary>
    private abstract class OtherSource(SquaresSource inner) : IBatchSource
    {
        public int Count => inner.Count;

        public int NumClasses => inner.NumClasses;

        public byte[,]? Sizes => inner.Sizes;

        public sbyte[,] Labels => inner.Labels;

        public virtual string? Notice => null;

        public int StepsPerPass(int batchSize, bool dropLast) => inner.StepsPerPass(batchSize, dropLast);

        public virtual IEnumerable<Batch> ReadPass(int pass, int batchSize, int imageSize, bool training, int skipBatches, CancellationToken ct) =>
            inner.ReadPass(pass, batchSize, imageSize, training, skipBatches, ct);
    }

    private sealed class NoticingSource(SquaresSource inner) : OtherSource(inner)
    {
        public const string Text = "The disk is full.";

        public override string? Notice => Text;
    }

    /// <summary>Promises pictures and yields none.</summary>
    private sealed class EmptySource(SquaresSource inner) : OtherSource(inner)
    {
        public override IEnumerable<Batch> ReadPass(int pass, int batchSize, int imageSize, bool training, int skipBatches, CancellationToken ct) =>
            [new Batch(TorchSharp.torch.empty(0, 3, imageSize, imageSize), TorchSharp.torch.empty(0, NumClasses), [])];
    }

    private sealed class StoppingSource(SquaresSource inner, CancellationTokenSource stop, int after) : IBatchSource
    {
        private int left = after;

        public int Count => inner.Count;

        public int NumClasses => inner.NumClasses;

        public byte[,]? Sizes => inner.Sizes;

        public sbyte[,] Labels => inner.Labels;

        public int StepsPerPass(int batchSize, bool dropLast) => inner.StepsPerPass(batchSize, dropLast);

        public IEnumerable<Batch> ReadPass(int pass, int batchSize, int imageSize, bool training, int skipBatches, CancellationToken ct)
        {
            foreach (var batch in inner.ReadPass(pass, batchSize, imageSize, training, skipBatches, CancellationToken.None))
            {
                if (left-- == 0)
                {
                    stop.Cancel();
                }

                yield return batch;
            }
        }
    }
}
