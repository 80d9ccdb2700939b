// Trains MlTr-n on a dataset in any known format: dotnet run --project samples/Train -- DATASET OUTPUT
using MlTr.Model;
using MlTr.Model.Data;
using MlTr.Model.Data.Loading;
using MlTr.Model.Training;

using var train = new ImageSetBatchSource(DatasetFolder.Open(args[0], format: null, split: "train"));
using var validation = new ImageSetBatchSource(DatasetFolder.Open(args[0], format: null, split: "validation"));
var options = new TrainerOptions
{
    Config = MlTrConfig.Nano(train.NumClasses),
    ClassNames = train.Set.Classes,
    Passes = 5,
    BatchSize = 10,
    LearningRate = 2e-3,
};
var result = Trainer.Run(options, train, validation, args[1], resume: null, Print, CancellationToken.None);
Console.WriteLine($"mAP {result.Best.Metrics.Map:P1} on {validation.Set.Name}, checkpoint {result.Checkpoint}");

static void Print(TrainerReport report)
{
    if (report is TrainerReport.Point { Name: "train/loss" or "val/mAP" } point)
    {
        Console.WriteLine($"step {point.Step}: {point.Name} {point.Value:F3}");
    }
}
