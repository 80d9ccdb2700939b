using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MlTr.Model;
using MlTr.Model.Checkpoints;
using MlTr.Model.Data;
using MlTr.Model.Data.Loading;
using MlTr.Model.Training;
using MlTr.TrainingHost;

// Trains the smallest network on some of the small marks: <data folder> <run folder> <fp32|bf16> <kill point>, the last being none, mid-pass:<batch>,
// saved:<step> or saving:<step>. At the kill point it says so in a line and waits to be killed. Exit code 3: training failed.
var (data, folder, precision, killPoint) = (args[0], args[1], Enum.Parse<Precision>(args[2], ignoreCase: true), KillPoint.Parse(args[3]));
var loading = new BatchSourceOptions { Seed = 5 };
using var train = new ImageSetBatchSource(First(DatasetFolder.Open(data, null, "train"), 40), loading);
using var validation = new ImageSetBatchSource(First(DatasetFolder.Open(data, null, "validation"), 16), loading);
var options = new TrainerOptions
{
    Config = MlTrConfig.Nano(train.NumClasses) with { ImageHeight = 32, ImageWidth = 32, EmbedDim = 8, DropPathRate = 0.2 },
    Passes = 4,
    BatchSize = 8,
    LearningRate = 1e-3,
    MixupAlpha = 0.2,
    Seed = 5,
    Precision = precision,
    LogEverySteps = 2,
};
CheckpointStore.Observer = killPoint.OnFile;
var search = CheckpointStore.FindNewestComplete(folder);
Directory.CreateDirectory(folder);
using var points = new StreamWriter(Path.Combine(folder, "points.txt"), append: true) { AutoFlush = true };
Console.WriteLine($"from {search.Newest?.State.Step ?? 0}");
try
{
    var result = Trainer.Run(options, killPoint.Watch(train), validation, folder, search.Newest, OnReport, CancellationToken.None);
    var scores = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref result.Best.Scores[0, 0], result.Best.Scores.Length));
    Console.WriteLine($"done {result.Checkpoint} {Convert.ToHexString(SHA256.HashData(scores))}");
    return 0;
}
catch (TrainingFailedException failure)
{
    Console.WriteLine($"failed {failure.Message}");
    return 3;
}

void OnReport(TrainerReport said)
{
    if (said is TrainerReport.Point point)
    {
        points.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{point.Name} {point.Step} {point.Value:R}"));
    }

    killPoint.OnReport(said);
}

static ImageSet First(ImageSet set, int count) => set with { Images = [.. set.Images.Take(count)] };
