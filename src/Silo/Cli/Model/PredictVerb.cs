using System.Globalization;
using System.Text;
using MlTr.Model.Data;
using MlTr.Model.Data.Loading;
using MlTr.Model.Inspection;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli.Model;

/// <summary><c>predict</c>: what a trained network sees in pictures.</summary>
internal static class PredictVerb
{
    private const string Out = "--out", Threshold = "--threshold", OwnThresholds = "--own-thresholds";
    private const int Shown = 10;

    public static readonly Verb Verb = new(
        "predict",
        "--model FOLDER (PICTURE.. | --data FOLDER) [OPTIONS]",
        "say what is in pictures: a table, or every class's score as CSV",
        [
            ("Options",
            [
                .. CommonOptions.NetworkAndData,
                new VerbOption(Out, "FILE", "write every score to this CSV file: image_id, then one column a class, scores 0..1; image_id is the picture's path"),
                new VerbOption(Threshold, "SHARE", "a class is found if its score is above", "0..1", "0.5"),
                new VerbOption(OwnThresholds, "", "instead: for each class the threshold that was best on the validation set of its training"),
            ]),
            CommonOptions.Machine,
        ],
        Positional: "PICTURE");

    public static int Run(VerbArguments arguments, IAnsiConsole console, CancellationToken cancellationToken)
    {
        if ((arguments.Words.Count > 0) == (arguments[DatasetOptions.Data.Name] is not null))
        {
            throw new PlatformException("predict takes either pictures (files or folders) or a dataset's split with --data; see predict --help.");
        }

        if (arguments.Has(Threshold) && arguments.Has(OwnThresholds))
        {
            throw new PlatformException($"predict takes either {Threshold} or {OwnThresholds}.");
        }

        using var predictor = CommonOptions.Load(arguments);
        var thresholds = Thresholds(arguments, predictor);
        using var source = Open(arguments, predictor, cancellationToken);
        var predictions = new List<Prediction>();
        console.Progress().Start(progress =>
        {
            var bar = progress.AddTask("predicting", maxValue: source.Count);
            foreach (var (_, prediction) in predictor.PredictAll(source, thresholds, CommonOptions.BatchSizeOf(arguments), cancellationToken))
            {
                predictions.Add(prediction);
                bar.Increment(1);
            }
        });

        var bad = source.BadPictures.ToDictionary(one => one.Path, one => one.Reason);
        var seen = source.Set.Images.Zip(predictions).Where(pair => !bad.ContainsKey(pair.First.Path)).Select(pair => (pair.First.Path, pair.Second)).ToList();
        if (arguments[Out] is { } file)
        {
            WriteScores(file, predictor.ClassNames, seen);
            console.MarkupLineInterpolated($"{seen.Count} pictures, {predictor.ClassNames.Count} classes: {file}");
        }
        else
        {
            console.Write(Table(predictor.ClassNames, seen));
        }

        foreach (var (path, reason) in bad)
        {
            console.MarkupLineInterpolated($"[red]Not read: {path}[/]: {reason}");
        }

        return bad.Count > 0 && arguments.Words.Count > 0 ? 1 : 0;
    }

    private static IReadOnlyList<double> Thresholds(VerbArguments arguments, Predictor predictor) => arguments.Has(OwnThresholds)
        ? predictor.Thresholds ?? throw new PlatformException($"This checkpoint holds no thresholds, because it was not evaluated: leave {OwnThresholds} out.")
        : [.. Enumerable.Repeat(arguments.Number(Threshold, 0.5, 0, 1), predictor.ClassNames.Count)];

    private static ImageSetBatchSource Open(VerbArguments arguments, Predictor predictor, CancellationToken cancellationToken)
    {
        if (arguments.Words.Count > 0)
        {
            return PictureFiles.Open(arguments.Words, predictor.ClassNames);
        }

        var (folder, format) = DatasetOptions.Find(arguments);
        var split = arguments[CommonOptions.Split.Name] ?? DatasetSplits.Choose(folder, format).Evaluation;
        return DatasetOptions.Open(folder, format, split, CommonOptions.Plain, cancellationToken, new DatasetReadOptions { KeepUnlabelled = true }); // what is in a picture is the question
    }

    private static void WriteScores(string file, IReadOnlyList<string> classes, IEnumerable<(string Path, Prediction Prediction)> rows)
    {
        using var writer = new StreamWriter(file, append: false, new UTF8Encoding(false));
        writer.WriteLine(string.Join(',', classes.Prepend("image_id").Select(Csv.Field)));
        foreach (var (path, prediction) in rows)
        {
            writer.WriteLine(string.Join(',', prediction.Scores.Select(score => score.ToString("R", CultureInfo.InvariantCulture)).Prepend(Csv.Field(path))));
        }
    }

    private static Table Table(IReadOnlyList<string> classes, IEnumerable<(string Path, Prediction Prediction)> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("Picture", "Found", "Count");
        foreach (var (path, prediction) in rows)
        {
            var found = prediction.Labels.Take(Shown).Select(label => string.Create(CultureInfo.InvariantCulture, $"{classes[label.Class]} {100 * label.Probability:F0} %"));
            var more = prediction.Labels.Count > Shown ? $" and {prediction.Labels.Count - Shown} more" : "";
            table.AddRow(path.EscapeMarkup(), (string.Join(", ", found) + more).EscapeMarkup(), prediction.Count?.ToString(CultureInfo.InvariantCulture) ?? "-");
        }

        return table;
    }
}
