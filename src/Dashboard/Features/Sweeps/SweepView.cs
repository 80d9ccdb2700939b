using System.Collections.Immutable;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Sweeps.Analysis;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>One sweep as its page shows it: built from snapshots, kept current by events.</summary>
public sealed class SweepView
{
    /// <summary>How many lines a chart of curves can show.</summary>
    public const int MostCurves = 100;

    private readonly SortedDictionary<int, TrialSnapshot> trials = [];
    private readonly Dictionary<string, SortedDictionary<int, LiveCurve>> curves = [];
    private readonly Dictionary<string, IReadOnlyList<CurveLine>> drawn = [];
    private string? colouredBy;
    private ImmutableArray<TrialSnapshot> listed = [];
    private Leaderboard? board;
    private List<TrialPoints>? early;

    public SweepSnapshot? Sweep { get; private set; }

    /// <summary>By number; the same list until a trial changes.</summary>
    public ImmutableArray<TrialSnapshot> Trials => listed.IsDefault ? listed = [.. trials.Values] : listed;

    /// <summary>The metrics that the page draws.</summary>
    public ImmutableArray<string> Metrics => Sweep is null ? [] : [.. new[] { Sweep.Spec.Objective.Metric, MetricNames.TrainLoss, MetricNames.MeanAveragePrecision }.Distinct()];

    public void Load(SweepSnapshot sweep, IEnumerable<TrialSnapshot> all)
    {
        Sweep = sweep;
        foreach (var trial in all)
        {
            trials[trial.Id.Number] = trial;
        }

        Changed();
    }

    /// <summary>The trials whose curves are drawn: those that run, and the best of the others.</summary>
    public ImmutableArray<int> Drawn() =>
    [
        .. Leaderboard().Rows.Select(row => row.Trial).OrderBy(trial => trial.State != TrialState.Running) // keeps the ranks' order among each
            .Take(MostCurves).Select(trial => trial.Id.Number),
    ];

    /// <summary>Curves are about to be read: points that come meanwhile are kept for them.</summary>
    public void ExpectCurves() => early ??= [];

    public void LoadCurves(string metric, ImmutableDictionary<int, Curve> loaded)
    {
        curves[metric] = new(loaded.ToDictionary(pair => pair.Key, pair => new LiveCurve(pair.Value)));
        drawn.Remove(metric);
        foreach (var points in early ?? [])
        {
            Add(points with { Points = [.. points.Points.Where(point => point.Name == metric)] });
        }
    }

    /// <summary>All that was expected is here.</summary>
    public void CurvesAreLoaded() => early = null;

    /// <summary>False until the metric's curves were read, be they empty.</summary>
    public bool HasCurves(string metric) => curves.ContainsKey(metric);

    public void Apply(SweepEvent happened)
    {
        Sweep = happened.Sweep ?? Sweep;
        if (happened.Trial is { } trial)
        {
            var labels = !trials.ContainsKey(trial.Id.Number);
            trials[trial.Id.Number] = trial;
            Changed();
            if (labels)
            {
                drawn.Clear();
            }
        }

        if (happened.Points is { } arrived)
        {
            early?.Add(arrived);
            Add(arrived);
        }
    }

    private void Add(TrialPoints points)
    {
        foreach (var point in points.Points)
        {
            if (curves.TryGetValue(point.Name, out var ofMetric))
            {
                if (!ofMetric.TryGetValue(points.Trial.Number, out var curve))
                {
                    if (!MakeRoom(ofMetric))
                    {
                        continue;
                    }

                    ofMetric[points.Trial.Number] = curve = new LiveCurve();
                }

                if (curve.Add(new CurvePoint(point.Step, point.Value, points.Attempt)))
                {
                    drawn.Remove(point.Name);
                }
            }
        }
    }

    /// <summary>The same list until something changes.</summary>
    /// <param name="metric">What was measured.</param>
    /// <param name="colourBy">The parameter that colours the lines; null for a colour for each trial.</param>
    public IReadOnlyList<CurveLine> Lines(string metric, string? colourBy = null)
    {
        if (colourBy != colouredBy)
        {
            drawn.Clear();
            colouredBy = colourBy;
        }

        if (!drawn.TryGetValue(metric, out var lines))
        {
            drawn[metric] = lines = curves.TryGetValue(metric, out var ofMetric) ? Lines(metric, ofMetric, colourBy) : [];
        }

        return lines;
    }

    /// <summary>The same lines from other points: of a stretch of the curves.</summary>
    public IReadOnlyList<CurveLine> Lines(string metric, ImmutableDictionary<int, Curve> loaded, string? colourBy) =>
        Lines(metric, loaded.Select(pair => KeyValuePair.Create(pair.Key, new LiveCurve(pair.Value))), colourBy);

    /// <summary>The trials of which a metric's curve is drawn now.</summary>
    public ImmutableArray<int> Drawn(string metric) => curves.TryGetValue(metric, out var ofMetric) ? [.. ofMetric.Keys] : [];

    private ImmutableArray<CurveLine> Lines(string metric, IEnumerable<KeyValuePair<int, LiveCurve>> ofMetric, string? colourBy)
    {
        var axis = colourBy is null ? null : TrialAxis.Of(Sweep!.Spec, Trials).FirstOrDefault(one => one.Name == colourBy);
        var dots = !MetricInfo.IsDense(metric);
        return [.. ofMetric.Where(pair => pair.Value.Points.Count > 0).Select(pair => Coloured(new CurveLine(Label(pair.Key), [.. pair.Value.Points], pair.Key - 1, dots), pair.Key, axis))];
    }

    /// <summary>Ranked as the leaderboard grain does it, from what is already here.</summary>
    public Leaderboard Leaderboard()
    {
        var spec = Sweep!.Spec;
        return board ??= Ranking.Rank(spec.Objective, trials.Values.Select(trial => (trial, spec.Name, spec.Dataset)));
    }

    /// <summary>What tells a trial from its siblings.</summary>
    public IEnumerable<KeyValuePair<string, ParameterValue>> Varying(TrialSnapshot trial)
    {
        var names = Sweep is null ? [] : SweepGrid.Varying(Sweep.Spec);
        return names.Where(trial.Parameters.ContainsKey).Select(name => KeyValuePair.Create(name, trial.Parameters[name]));
    }

    private void Changed() => (listed, board) = (default, null);

    /// <summary>A trial that has begun is drawn in the place of the worst one that has ended; where all still train it is not drawn.</summary>
    private bool MakeRoom(SortedDictionary<int, LiveCurve> ofMetric)
    {
        if (ofMetric.Count < MostCurves)
        {
            return true;
        }

        var worst = Leaderboard().Rows.LastOrDefault(row => row.Trial.State != TrialState.Running && ofMetric.ContainsKey(row.Trial.Id.Number));
        return worst is not null && ofMetric.Remove(worst.Trial.Id.Number);
    }

    /// <summary>Numbers by their place between the lowest and the highest; names a colour each.</summary>
    private CurveLine Coloured(CurveLine line, int number, TrialAxis? axis)
    {
        if (axis is null || !trials.TryGetValue(number, out var trial))
        {
            return line;
        }

        var (low, high, place) = (axis.Position(axis.Values[0]), axis.Position(axis.Values[^1]), axis.Position(trial));
        return axis.Numeric ? line with { Shade = high > low ? (place - low) / (high - low) : 0 } : line with { Colour = (int)place };
    }

    private string Label(int number) => trials.TryGetValue(number, out var trial) && Format.Parameters(Varying(trial)) is { Length: > 0 } text ? $"#{number} {text}" : $"#{number}";
}
