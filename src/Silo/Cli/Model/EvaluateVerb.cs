using System.Globalization;
using MlTr.Model.Data;
using MlTr.Model.Training;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli.Model;

/// <summary><c>evaluate</c>: the figures of a trained network on a labelled split.</summary>
internal static class EvaluateVerb
{
    private const string PerClass = "--per-class";

    public static readonly Verb Verb = new(
        "evaluate",
        "--model FOLDER --data FOLDER [OPTIONS]",
        "measure a trained network on a labelled split",
        [
            ("Options",
            [
                .. CommonOptions.NetworkAndData,
                new VerbOption(PerClass, "", "also print the average precision of every class"),
            ]),
            CommonOptions.Machine,
        ]);

    public static int Run(VerbArguments arguments, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var (folder, format) = DatasetOptions.Find(arguments);
        using var predictor = CommonOptions.Load(arguments);
        var split = arguments[CommonOptions.Split.Name] ?? DatasetSplits.Choose(folder, format).Evaluation;
        using var source = DatasetOptions.Open(folder, format, split, CommonOptions.Plain, cancellationToken);
        CheckClasses(predictor.ClassNames, source.Set.Classes);

        Evaluation? evaluation = null;
        console.Progress().Start(progress =>
        {
            var bar = progress.AddTask($"{source.Set.Name.EscapeMarkup()}", maxValue: source.Count);
            evaluation = predictor.Evaluate(source, CommonOptions.BatchSizeOf(arguments), () => bar.Increment(1), cancellationToken);
        });
        console.Write(Figures.Table(source.Set.Name, [($"{source.Count} pictures", evaluation!)]));
        if (arguments.Has(PerClass))
        {
            console.Write(ClassTable(source.Set.Classes, evaluation!));
        }

        foreach (var bad in source.Set.Quarantined.Concat(source.BadPictures))
        {
            console.MarkupLineInterpolated($"[yellow]Left out {bad.Path}[/]: {bad.Reason}");
        }

        return 0;
    }

    private static Table ClassTable(IReadOnlyList<string> classes, Evaluation evaluation)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("Class").AddColumn(new TableColumn("AP, %").RightAligned());
        foreach (var (name, ap) in classes.Zip(evaluation.Metrics.ClassAp))
        {
            table.AddRow(name.EscapeMarkup(), Figures.Percent(ap));
        }

        return table;
    }

    private static void CheckClasses(IReadOnlyList<string> known, IReadOnlyList<string> found)
    {
        if (known.Count != found.Count)
        {
            throw new PlatformException($"The network knows {known.Count} classes, the dataset has {found.Count}: they must be the same, in the same order.");
        }

        var numbered = known.Select((name, k) => name == k.ToString(CultureInfo.InvariantCulture)).All(same => same);
        if (!numbered && Enumerable.Range(0, known.Count).FirstOrDefault(k => known[k] != found[k], -1) is >= 0 and var at)
        {
            throw new PlatformException($"Class {at} is {known[at]} for the network and {found[at]} in the dataset: they must be the same, in the same order.");
        }
    }
}
