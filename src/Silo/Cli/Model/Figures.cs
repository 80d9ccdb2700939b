using System.Globalization;
using MlTr.Model.Training;
using Spectre.Console;

namespace MlTr.Silo.Cli.Model;

/// <summary>Evaluations as a table of percentages.</summary>
internal static class Figures
{
    private static readonly (string Title, Func<Evaluation, double?> Value)[] Rows =
    [
        ("mAP", e => e.Metrics.Map), ("CP", e => e.Metrics.Cp), ("CR", e => e.Metrics.Cr), ("CF1", e => e.Metrics.Cf1), ("CF1, mean of classes", e => e.Metrics.Cf1ClassMean),
        ("OP", e => e.Metrics.Op), ("OR", e => e.Metrics.Or), ("OF1", e => e.Metrics.Of1),
        ("AP small", e => e.Sizes?.Small), ("AP medium", e => e.Sizes?.Medium), ("AP large", e => e.Sizes?.Large), ("count accuracy", e => e.Count?.Accuracy),
    ];

    public static Table Table(string title, IReadOnlyList<(string Name, Evaluation Evaluation)> evaluations)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn($"{title.EscapeMarkup()}, %");
        foreach (var (name, _) in evaluations)
        {
            table.AddColumn(new TableColumn(name.EscapeMarkup()).RightAligned());
        }

        foreach (var (row, value) in Rows)
        {
            table.AddRow([row, .. evaluations.Select(one => Percent(value(one.Evaluation)))]);
        }

        return table;
    }

    public static string Percent(double? share) => share is { } value ? (100 * value).ToString("F1", CultureInfo.InvariantCulture) : "-";
}
