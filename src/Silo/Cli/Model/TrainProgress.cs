using System.Globalization;
using MlTr.Model.Training;
using Spectre.Console;

namespace MlTr.Silo.Cli.Model;

/// <summary>Shows a run's reports as a bar with the newest figures, and keeps the points as lines <c>step,name,value</c>.</summary>
internal sealed class TrainProgress(ProgressContext progress, IAnsiConsole console, TextWriter metrics)
{
    private readonly Dictionary<string, double> _newest = new(StringComparer.Ordinal);
    private ProgressTask? _bar;

    public void Begin(long steps, long done)
    {
        _bar = progress.AddTask("starting", maxValue: steps);
        _bar.Value = done;
    }

    public void Note(TrainerReport report)
    {
        switch (report)
        {
            case TrainerReport.Line line:
                console.MarkupLineInterpolated($"{line.Text}");
                break;
            case TrainerReport.Point point:
                metrics.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{point.Step},{Csv.Field(point.Name)},{point.Value:R}"));
                _newest[point.Name] = point.Value;
                _bar!.Value = point.Step;
                _bar.Description = Describe(point.Step);
                break;
        }
    }

    private string Describe(long step)
    {
        string Show(string label, string name, string format, double factor = 1) =>
            _newest.TryGetValue(name, out var value) ? $" {label} {(factor * value).ToString(format, CultureInfo.InvariantCulture)}" : "";

        return $"step {step}{Show("loss", "train/loss", "F3")}{Show("mAP %", "val/mAP", "F1", 100)}{Show("images/s", "train/images_per_second", "F0")}".EscapeMarkup();
    }
}
