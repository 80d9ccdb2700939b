using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Compare;

/// <summary>A line of a table with one cell for each trial.</summary>
/// <param name="Name">What is compared.</param>
/// <param name="Tooltip">What it means.</param>
/// <param name="Cells">What each trial has, in the order of the trials.</param>
/// <param name="Best">The places of the best cells, where one of two values is the better one and not all are alike.</param>
public sealed record CompareRow(string Name, string? Tooltip, ImmutableArray<string> Cells, ImmutableArray<int> Best);

/// <summary>One class: its average precision in the trial that the others are measured against, and by how much they differ.</summary>
public sealed record ClassDifference(string Class, double? Base, ImmutableArray<double?> Differences);

/// <summary>Trials side by side.</summary>
public sealed class CompareView
{
    private const int LongestName = 24;

    private readonly Dictionary<TrialId, LiveCurve> curves = [];
    private IReadOnlyList<CurveLine>? lines;

    /// <summary>The trials in the reader's order; a trial that is not there is left out.</summary>
    public ImmutableArray<TrialDetails> Trials { get; private set; } = [];

    /// <summary>What their sweeps were asked for.</summary>
    public Dictionary<string, SweepSpec> Specs { get; } = [];

    public void Load(IEnumerable<TrialDetails> trials)
    {
        Trials = [.. trials];
        lines = null;
    }

    public void LoadCurve(TrialId id, Curve? curve)
    {
        curves[id] = curve is null ? new LiveCurve() : new LiveCurve(curve);
        lines = null;
    }

    /// <summary>Takes what has just become durable.</summary>
    /// <returns>False if it is about none of the trials, or about another metric.</returns>
    public bool Apply(SweepEvent happened, string metric)
    {
        var changed = false;
        if (happened.Trial is { } trial && Trials.FirstOrDefault(one => one.Trial.Id == trial.Id) is { } known)
        {
            Trials = Trials.Replace(known, known with { Trial = trial });
            changed = true;
        }

        if (happened.Points is { } points && curves.TryGetValue(points.Trial, out var curve))
        {
            foreach (var point in points.Points.Where(point => point.Name == metric))
            {
                changed |= curve.Add(new CurvePoint(point.Step, point.Value, points.Attempt));
            }
        }

        lines = changed ? null : lines;
        return changed;
    }

    /// <summary>What the trials are called: by number, with the sweep where there are several.</summary>
    public string Name(TrialDetails trial)
    {
        var (number, name) = ($"#{trial.Trial.Id.Number}", Specs[trial.Trial.Id.SweepId].Name);
        return Specs.Count == 1 ? number : $"{number} {(name.Length > LongestName ? name[..LongestName].TrimEnd() + "…" : name)}";
    }

    /// <summary>The hyper-parameters in which the trials differ, in the form's order.</summary>
    public ImmutableArray<CompareRow> Differing() =>
    [
        .. Trials.SelectMany(trial => trial.AllParameters.Keys).Distinct()
            .Select(name => (Name: name, Known: HyperParameters.Find(name), Values: Trials.Select(trial => trial.AllParameters.TryGetValue(name, out var value) ? value : (ParameterValue?)null).ToList()))
            .Where(row => row.Values.Distinct().Count() > 1)
            .OrderBy(row => row.Known is null ? int.MaxValue : HyperParameters.All.IndexOf(row.Known)).ThenBy(row => row.Name, StringComparer.Ordinal)
            .Select(row => new CompareRow(row.Name, row.Known?.Description, [.. row.Values.Select(value => value is { } set ? Format.Value(row.Name, set) : Format.None)], [])),
    ];

    /// <summary>The last value of every metric; the best ones are marked.</summary>
    public ImmutableArray<CompareRow> Measured() =>
    [
        .. Specs.Values.Select(spec => spec.Objective).Distinct().ToList() is [var objective]
            ? [Row($"Best {MetricInfo.For(objective.Metric).Label}", "The objective: it decides the rank.", trial => trial.Objective, MetricInfo.For(objective.Metric), objective.Maximize)]
            : ImmutableArray<CompareRow>.Empty,
        .. MetricsOf().Select(name => Row(MetricInfo.For(name).Label, MetricInfo.For(name).Tooltip, trial => trial.Metrics.TryGetValue(name, out var value) ? value : null, MetricInfo.For(name), MetricInfo.For(name).MoreIsBetter)),
    ];

    /// <summary>The metrics that any of the trials has, validation first.</summary>
    public ImmutableArray<string> MetricsOf() =>
        [.. Trials.SelectMany(trial => trial.Trial.Metrics.Keys).Distinct().OrderBy(Main).ThenBy(name => name, StringComparer.Ordinal)];

    /// <summary>The place of a metric: those that papers print first, then the rest of validation; training and the machine last.</summary>
    private static int Main(string name) => name switch
    {
        MetricNames.MeanAveragePrecision => 0,
        MetricNames.ClassF1 => 1,
        MetricNames.OverallF1 => 2,
        _ when name.StartsWith("val/AP_", StringComparison.Ordinal) => 3,
        _ when name.StartsWith("system/", StringComparison.Ordinal) => 6,
        _ when name.StartsWith("train/", StringComparison.Ordinal) => 5,
        _ => 4,
    };

    /// <summary>The classes, those first in which the trials differ most.</summary>
    public ImmutableArray<ClassDifference> Classes(int measuredAgainst) =>
    [
        .. Trials.SelectMany(trial => trial.ClassAveragePrecision.Keys).Distinct()
            .Select(name => (Name: name, Values: Trials.Select(trial => trial.ClassAveragePrecision.TryGetValue(name, out var value) && double.IsFinite(value) ? value : (double?)null).ToImmutableArray()))
            .Select(row => new ClassDifference(Short(row.Name), row.Values[measuredAgainst], [.. row.Values.Select(value => value - row.Values[measuredAgainst])]))
            .OrderByDescending(row => row.Differences.Max(difference => Math.Abs(difference ?? 0))).ThenBy(row => row.Class, StringComparer.Ordinal),
    ];

    /// <summary>The same list until something changes.</summary>
    public IReadOnlyList<CurveLine> Lines(string metric) => lines ??= Lines(metric, curves);

    /// <summary>The same lines from other points: of a stretch of the curves.</summary>
    internal IReadOnlyList<CurveLine> Lines(string metric, Dictionary<TrialId, LiveCurve> points) =>
    [
        .. Trials.Select((trial, i) => (trial, i)).Where(pair => points.TryGetValue(pair.trial.Trial.Id, out var curve) && curve.Points.Count > 0)
            .Select(pair => new CurveLine(Name(pair.trial), [.. points[pair.trial.Trial.Id].Points], pair.i, !MetricInfo.IsDense(metric))),
    ];

    private CompareRow Row(string name, string tooltip, Func<TrialSnapshot, double?> read, MetricInfo info, bool? moreIsBetter)
    {
        var values = Trials.Select(trial => read(trial.Trial)).ToList();
        var (cells, measured) = (values.Select(info.Show).ToImmutableArray(), values.Where(value => value is { } number && double.IsFinite(number)).ToList());
        var best = moreIsBetter switch { true => measured.Max(), false => measured.Min(), null => null };
        return new(name, tooltip, cells, best is null || measured.Select(info.Show).Distinct().Count() < 2 // what reads alike is no better
            ? []
            : [.. Enumerable.Range(0, values.Count).Where(i => cells[i] == info.Show(best))]);
    }

    private static string Short(string name) => name.StartsWith(MetricNames.ClassPrefix, StringComparison.Ordinal) ? name[MetricNames.ClassPrefix.Length..] : name;
}
