using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Sweeps;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Trials;

/// <summary>One chart of a trial's page: some of its metrics together.</summary>
public sealed record TrialChart(string Title, string Explanation, bool Percent, ImmutableArray<string> Metrics, IReadOnlyList<CurveLine> Lines, string? Axis = null);

/// <summary>One trial as its page shows it.</summary>
internal sealed class TrialView
{
    private readonly SortedDictionary<string, LiveCurve> curves = new(StringComparer.Ordinal);
    private readonly HashSet<string> changed = new(StringComparer.Ordinal);
    private ImmutableArray<TrialChart> drawn = [];

    public TrialDetails? Details { get; set; }

    public SweepSpec? Spec { get; set; }

    public TrialSnapshot? Trial => Details?.Trial;

    public void LoadCurves(IEnumerable<Curve> loaded)
    {
        foreach (var curve in loaded.Where(curve => !IsClass(curve.Name)))
        {
            var read = new LiveCurve(curve);
            if (curves.TryGetValue(curve.Name, out var live))
            {
                foreach (var point in live.Points)
                {
                    read.Add(point); // came while the others were read
                }
            }

            curves[curve.Name] = read;
            changed.Add(curve.Name);
        }
    }

    public void Add(TrialPoints points)
    {
        foreach (var point in points.Points.Where(point => !IsClass(point.Name)))
        {
            if (!curves.TryGetValue(point.Name, out var curve))
            {
                curves[point.Name] = curve = new LiveCurve();
            }

            if (curve.Add(new CurvePoint(point.Step, point.Value, points.Attempt)))
            {
                changed.Add(point.Name);
            }
        }
    }

    /// <summary>Each chart is the same, lines and all, until one of its metrics has new points.</summary>
    public IReadOnlyList<TrialChart> Charts
    {
        get
        {
            if (changed.Count > 0)
            {
                drawn = [.. Groups().Where(chart => chart.Lines.Count > 0)];
                changed.Clear();
            }

            return drawn;
        }
    }

    /// <summary>The lines of a chart from other points of its metrics: of a stretch of them.</summary>
    public static IReadOnlyList<CurveLine> Lines(ImmutableArray<string> metrics, IEnumerable<Curve> loaded)
    {
        var found = loaded.ToDictionary(curve => curve.Name, curve => new LiveCurve(curve), StringComparer.Ordinal);
        return Lines(metrics, found.GetValueOrDefault);
    }

    /// <summary>All parameters: those that the sweep varies, those that it fixes, and those at their default.</summary>
    public IEnumerable<(string Name, ParameterValue Value, string Kind)> Parameters()
    {
        var varying = Spec is null ? [] : SweepGrid.Varying(Spec);
        return Details is null ? [] : Details.AllParameters
            .Select(pair => (pair.Key, pair.Value, Kind: varying.Contains(pair.Key) ? "varies" : Details.Trial.Parameters.ContainsKey(pair.Key) ? "fixed" : "default"))
            .OrderBy(row => row.Kind switch { "varies" => 0, "fixed" => 1, _ => 2 })
            .ThenBy(row => HyperParameters.Find(row.Key) is { } known ? HyperParameters.All.IndexOf(known) : int.MaxValue);
    }

    private static bool IsClass(string name) => name.StartsWith(MetricNames.ClassPrefix, StringComparison.Ordinal);

    private IEnumerable<TrialChart> Groups()
    {
        var rest = curves.Keys.ToList();
        IEnumerable<string> Take(Func<string, bool> belongs)
        {
            var taken = rest.Where(belongs).ToList();
            rest.RemoveAll(taken.Contains);
            return taken;
        }

        yield return Chart("Quality on validation", "mAP, CF1 and OF1 after each validation; higher is better.", true,
            Take(name => name is MetricNames.MeanAveragePrecision or MetricNames.ClassF1 or MetricNames.OverallF1).OrderBy(name => name switch
            {
                MetricNames.MeanAveragePrecision => 0,
                MetricNames.ClassF1 => 1,
                _ => 2,
            }));
        yield return Chart("Loss", "Training loss and its parts, mean per image; lower is better.", false,
            Take(name => name.Contains("loss", StringComparison.Ordinal) && !name.StartsWith("marks/", StringComparison.Ordinal)));
        yield return Chart("Learning rate", MetricInfo.For(MetricNames.LearningRate).Tooltip, false, Take(name => name == MetricNames.LearningRate));
        yield return Chart("Throughput", "Training images per second.", false, Take(name => name.Contains("per_second", StringComparison.Ordinal)), "per second");
        foreach (var wait in Take(name => name.Contains("wait", StringComparison.Ordinal)).ToList())
        {
            yield return Chart("Data wait", MetricInfo.For(wait).Tooltip, MetricInfo.For(wait).IsPercent, [wait]);
        }

        yield return Chart("Memory", "Of the worker's process, and of its GPU.", false, Take(name => name is MetricNames.MemoryGibibytes or MetricNames.GpuMemoryGibibytes), "GiB");
        yield return Chart("Marks", "Lookalikes and traps of the marks dataset; lower is better.", true, Take(name => name.StartsWith("marks/", StringComparison.Ordinal)));
        yield return Chart("More validation metrics", "Measured on the validation split.", true, Take(name => name.StartsWith("val/", StringComparison.Ordinal) && MetricInfo.For(name).IsPercent));
        foreach (var name in rest.ToList())
        {
            yield return Chart(MetricInfo.For(name).Label, MetricInfo.For(name).Tooltip, MetricInfo.For(name).IsPercent, [name], MetricInfo.For(name).Axis);
        }
    }

    private TrialChart Chart(string title, string explanation, bool percent, IEnumerable<string> names, string? axis = null)
    {
        ImmutableArray<string> metrics = [.. names];
        var before = drawn.FirstOrDefault(chart => chart.Title == title && chart.Metrics.SequenceEqual(metrics));
        return before is not null && !metrics.Any(changed.Contains) ? before : new TrialChart(title, explanation, percent, metrics, Lines(metrics, curves.GetValueOrDefault), axis);
    }

    private static List<CurveLine> Lines(ImmutableArray<string> metrics, Func<string, LiveCurve?> find)
    {
        var lines = new List<CurveLine>();
        foreach (var (name, colour) in metrics.Select((name, i) => (name, i)))
        {
            if (find(name) is not { } curve)
            {
                continue;
            }

            var (label, dots) = (MetricInfo.For(name).Label, !MetricInfo.IsDense(name));
            lines.Add(new CurveLine(label, [.. curve.Points], colour, dots));
            lines.AddRange(curve.Superseded.GroupBy(point => point.Attempt).OrderBy(attempt => attempt.Key)
                .Select(attempt => new CurveLine($"{label}, attempt {attempt.Key}", [.. attempt.OrderBy(point => point.Step)], colour, dots, Faint: true)));
        }

        return lines;
    }
}
