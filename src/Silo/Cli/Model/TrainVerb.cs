using System.Globalization;
using System.Text;
using MlTr.Abstractions.Sweeps;
using MlTr.Model.Checkpoints;
using MlTr.Model.Data;
using MlTr.Model.Data.Loading;
using MlTr.Model.Training;
using MlTr.Silo.Hosting;
using MlTr.Silo.Trials;
using Spectre.Console;

namespace MlTr.Silo.Cli.Model;

/// <summary><c>train</c>: one training run in this process.</summary>
internal static class TrainVerb
{
    public const string MetricsFile = "metrics.csv";

    private const string Out = "--out", TrainSplit = "--train-split", ValidationSplit = "--validation-split", Weights = "--weights", Resume = "--resume", NoCache = "--no-picture-cache", MaxBadShare = "--max-bad-share";

    public static readonly Verb Verb = new(
        "train",
        "--data FOLDER --out FOLDER [OPTIONS]",
        "train a network on a dataset, without the platform",
        [
            ("Data and result",
            [
                DatasetOptions.Data,
                DatasetOptions.Format,
                new VerbOption(TrainSplit, "SPLIT", "the split to train on", Default: "trainval of voc, else train"),
                new VerbOption(ValidationSplit, "SPLIT", "the split to evaluate on", Default: "test of voc, else validation or val or test"),
                new VerbOption(MaxBadShare, "SHARE", "bad pictures are left out, but a larger share of them stops the run", "0..1", "0.1"),
                new VerbOption(Out, "FOLDER", $"where checkpoints and {MetricsFile} are written"),
                new VerbOption(Resume, "", "go on from the newest checkpoint there; ends with the same bits as a run never stopped"),
                new VerbOption(Weights, "FILE", "start from these weights (safetensors, .pth or .pt; MlTr, Swin or CAT) and say what matched"),
            ]),
            ("Machine",
            [
                CommonOptions.Device,
                CommonOptions.Threads,
                new VerbOption(NoCache, "", "decode every picture in every pass, instead of keeping it in memory or, beyond 1 GiB, in a temporary file"),
            ]),
            ("Hyper-parameters", [.. HyperParameters.All.Select(VerbOption.Of)]),
        ]);

    public static int Run(VerbArguments arguments, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var parameters = arguments.HyperParameters();
        var output = arguments.Need(Out, "the folder for checkpoints");
        var resume = FindStart(output, arguments.Has(Resume));
        var (folder, format) = DatasetOptions.Find(arguments);
        var (trainSplit, validationSplit) = Splits(arguments, folder, format);
        var loading = TrainerSettings.Source(parameters) with { KeepDecoded = !arguments.Has(NoCache), MaxBadShare = arguments.Number(MaxBadShare, 0.1, 0, 1) };
        var reading = new DatasetReadOptions { MaxBadShare = loading.MaxBadShare };
        using var train = DatasetOptions.Open(folder, format, trainSplit, loading, cancellationToken, reading);
        using var validation = DatasetOptions.Open(folder, format, validationSplit, loading, cancellationToken, reading);
        Welcome(console, format, train, validation);
        var options = TrainerSettings.Map(parameters, [.. train.Set.Classes], arguments[CommonOptions.Device.Name] ?? "cpu", CommonOptions.ThreadsOf(arguments)) with
        {
            InitialWeights = arguments[Weights],
        };

        Directory.CreateDirectory(output);
        using var metrics = OpenMetrics(Path.Combine(output, MetricsFile), resume);
        TrainerResult? result = null;
        try
        {
            console.Progress().Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .Start(progress => result = Train(options, train, validation, output, resume, new TrainProgress(progress, console, metrics), cancellationToken));
        }
        catch (OperationCanceledException)
        {
            console.MarkupLineInterpolated($"Stopped. Go on with the same command and {Resume}.");
            throw;
        }

        Report(console, result!, validation);
        return 0;
    }

    private static TrainerResult Train(
        TrainerOptions options,
        ImageSetBatchSource train,
        ImageSetBatchSource validation,
        string output,
        TrainerCheckpoint? resume,
        TrainProgress progress,
        CancellationToken cancellationToken)
    {
        progress.Begin((long)options.Passes * train.StepsPerPass(options.BatchSize, dropLast: true), resume?.State.Step ?? 0);
        return Trainer.Run(options, train, validation, output, resume, progress.Note, cancellationToken);
    }

    private static TrainerCheckpoint? FindStart(string output, bool resume)
    {
        var found = CheckpointStore.FindNewestComplete(output);
        return resume
            ? found.Newest ?? throw new PlatformException($"{output} holds no complete checkpoint to go on from: leave {Resume} out.")
            : found.Newest is null
                ? null
                : throw new PlatformException($"{output} already holds a run: go on with {Resume}, or name another folder with {Out}.");
    }

    private static (string Train, string Validation) Splits(VerbArguments arguments, string folder, string format)
    {
        if (arguments[TrainSplit] is { } train && arguments[ValidationSplit] is { } validation)
        {
            return (train, validation);
        }

        var chosen = DatasetSplits.Choose(folder, format);
        return (arguments[TrainSplit] ?? chosen.Train, arguments[ValidationSplit] ?? chosen.Evaluation);
    }

    private static StreamWriter OpenMetrics(string file, TrainerCheckpoint? resume)
    {
        const string Header = "step,name,value";
        var step = resume?.State.Step;
        // What came after the checkpoint will come again.
        var kept = step is null || !File.Exists(file) ? [Header] : File.ReadLines(file)
            .Where(line => line == Header || (long.TryParse(line.Split(',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= step))
            .ToList();
        var writer = new StreamWriter(file, append: false, new UTF8Encoding(false)) { AutoFlush = true };
        foreach (var line in kept)
        {
            writer.WriteLine(line);
        }

        return writer;
    }

    private static void Welcome(IAnsiConsole console, string format, ImageSetBatchSource train, ImageSetBatchSource validation)
    {
        console.MarkupLineInterpolated($"Training on [bold]{train.Set.Name}[/] ({format}): {train.Count} pictures, {train.NumClasses} classes");
        console.MarkupLineInterpolated($"Evaluating on [bold]{validation.Set.Name}[/]: {validation.Count} pictures");
        foreach (var bad in train.Set.Quarantined.Concat(validation.Set.Quarantined))
        {
            console.MarkupLineInterpolated($"[yellow]Left out {bad.Path}[/]: {bad.Reason}");
        }
    }

    private static void Report(IAnsiConsole console, TrainerResult result, ImageSetBatchSource validation)
    {
        console.Write(Figures.Table(
            validation.Set.Name, result.Averaged is null ? [("last weights", result.Raw)] : [("last weights", result.Raw), ("their average", result.Averaged)]));
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"Best mAP {100 * (result.BestMap ?? 0):F1} % after {result.BestStep} of {result.TotalSteps} steps. Checkpoint: {result.Checkpoint}");
    }
}
