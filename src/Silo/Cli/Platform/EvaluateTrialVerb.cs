using System.Globalization;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli.Platform;

/// <summary><c>evaluate-trial</c>: the figures of a trial's checkpoint on a split, another dataset or another resolution, computed by the workers.</summary>
internal static class EvaluateTrialVerb
{
    private const string Dataset = "--dataset", Split = "--split", ImageSize = "--image-size", Checkpoint = "--checkpoint", PerClass = "--per-class";
    private const string CountError = "count_mae"; // in classes, where all others are fractions


    public static readonly Verb Verb = new(
        "evaluate-trial",
        "SWEEP/TRIAL [--dataset ID] [--split NAME] [--json] [--url ADDRESS]",
        "measure a trial's checkpoint, its split shared by the free workers",
        [
            ("What", [
                new(Dataset, "ID", "a registered dataset; its classes are found by name", Default: "the trial's own"),
                new(Split, "NAME", "the split", Default: "validation"),
                new(ImageSize, "N", "side of the pictures in pixels", $"1..{EvaluationSpec.MaxImageSize}", "that of the training"),
                new(Checkpoint, "WHICH", "best, last, or the step of one", Default: "best"),
            ]),
            ("Platform", [PlatformAccess.Url, PlatformAccess.Data]),
            RunVerb.OwnPlatform,
            ("Output", [PlatformVerbs.Json, new(PerClass, "", "also print the average precision of every class"), PlatformVerbs.By]),
        ],
        Positional: "SWEEP/TRIAL");

    public static async Task<int> RunAsync(VerbArguments arguments, IAnsiConsole console, CancellationToken stop)
    {
        var spec = SpecOf(arguments);
        var json = arguments.Has(PlatformVerbs.Json.Name);
        var progress = json ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }) : console;
        await using var platform = await PlatformAccess.OpenAsync(arguments, RunVerb.Embedded(arguments), stop);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, platform.Stopping);
        try
        {
            if (spec.Dataset is { } dataset)
            {
                await PrepareAsync(platform.Client, dataset, ending.Token);
            }

            var started = await platform.Client.StartEvaluationAsync(spec, PlatformVerbs.WhoAsks(arguments));
            var end = await FollowAsync(platform.Client, started, progress, ending.Token);
            if (json)
            {
                await Console.Out.WriteLineAsync(Json(end));
            }
            else if (end.State == EvaluationState.Completed)
            {
                WriteTables(console, end, arguments.Has(PerClass));
            }

            return end.State == EvaluationState.Completed ? 0 : throw new PlatformException($"Evaluation {end.Id} is {end.State}: {end.Reason}");
        }
        catch (EvaluationException error)
        {
            throw new PlatformException(error.Message, error);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            throw new PlatformException(platform.Failure ?? "Stopped watching: the evaluation goes on in the platform, or when one with workers starts on this data folder.");
        }
    }

    private static EvaluationSpec SpecOf(VerbArguments arguments)
    {
        var trial = arguments.Words is [var only] ? PlatformVerbs.TrialOf(only) : throw new PlatformException("evaluate-trial takes one trial, as in: evaluate-trial SWEEP/2; list them with: trials SWEEP.");
        return new EvaluationSpec(
            trial,
            arguments[Dataset],
            arguments[Split] ?? "validation",
            arguments.Has(ImageSize) ? arguments.Whole(ImageSize, 0, 1, EvaluationSpec.MaxImageSize) : null,
            CheckpointChoice.TryParse(arguments[Checkpoint] ?? "best", out var checkpoint) ? checkpoint : throw new PlatformException($"{Checkpoint} takes best, last or a step, not '{arguments[Checkpoint]}'."));
    }

    private static async Task PrepareAsync(IMlTrClient client, string id, CancellationToken cancellationToken)
    {
        if ((await client.GetDatasetAsync(id)).State == DatasetState.Ready)
        {
            return;
        }

        await client.PrepareDatasetAsync(id);
        await foreach (var dataset in Following.AgainAsync(token => client.WatchDatasetAsync(id, token), cancellationToken))
        {
            switch (dataset.State)
            {
                case DatasetState.Ready:
                    return;
                case DatasetState.Failed:
                    throw new PlatformException($"{id} cannot be read: {dataset.Problem}");
            }
        }
    }

    private static async Task<EvaluationSnapshot> FollowAsync(IMlTrClient client, EvaluationSnapshot evaluation, IAnsiConsole console, CancellationToken cancellationToken)
    {
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Evaluation [bold]{evaluation.Id}[/]: {evaluation.Pictures} pictures in {evaluation.Parts.Length} parts");
        await console.Progress().StartAsync(async bars =>
        {
            var bar = bars.AddTask(Subject(evaluation).EscapeMarkup(), maxValue: 1);
            await foreach (var changed in Following.AgainAsync(token => client.WatchEvaluationsAsync(evaluation.Spec.Trial, token), cancellationToken))
            {
                evaluation = changed.FirstOrDefault(one => one.Id == evaluation.Id) ?? evaluation;
                bar.Value = evaluation.Progress;
                if (evaluation.IsFinal)
                {
                    break;
                }
            }
        });
        return evaluation;
    }

    private static string Subject(EvaluationSnapshot evaluation) => string.Create(
        CultureInfo.InvariantCulture, $"step {evaluation.Step} on {evaluation.Spec.Dataset} {evaluation.Spec.Split} at {evaluation.Spec.ImageSize} pixels");

    private static void WriteTables(IAnsiConsole console, EvaluationSnapshot evaluation, bool perClass)
    {
        console.Write(Table(Subject(evaluation), "Figure", evaluation.Metrics.Where(figure => figure.Key != CountError)));
        if (perClass)
        {
            console.Write(Table("Average precision", "Class", evaluation.ClassAveragePrecision));
        }
    }

    private static Table Table(string title, string heading, IEnumerable<KeyValuePair<string, double>> shares)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(title.EscapeMarkup()).AddColumn(heading).AddColumn(new TableColumn("%").RightAligned());
        foreach (var (name, share) in shares)
        {
            table.AddRow(name.EscapeMarkup(), (100 * share).ToString("0.0", CultureInfo.InvariantCulture));
        }

        return table;
    }

    private static string Json(EvaluationSnapshot evaluation) => SweepReport.Write(new
    {
        evaluation.Id,
        Trial = evaluation.Spec.Trial.ToString(),
        evaluation.State,
        evaluation.Reason,
        evaluation.Step,
        evaluation.Spec.Dataset,
        evaluation.Spec.Split,
        evaluation.Spec.ImageSize,
        evaluation.Pictures,
        Parts = evaluation.Parts.Length,
        evaluation.Device,
        evaluation.Metrics,
        ClassAp = evaluation.ClassAveragePrecision,
        evaluation.CreatedBy,
        evaluation.CreatedAt,
        evaluation.EndedAt,
    });
}
