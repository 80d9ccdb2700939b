using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>A sweep while it is typed: everything is text until <see cref="Check"/> has read it.</summary>
public sealed class SweepForm
{
    public string Name { get; set; } = "";

    public string Dataset { get; set; } = "";

    public SearchKind Search { get; set; }

    public string TrialBudget { get; set; } = "20";

    public string Seed { get; set; } = "1";

    public string Metric { get; set; } = MetricNames.MeanAveragePrecision;

    public bool Maximize { get; set; } = true;

    public string MaxParallelTrials { get; set; } = "0";

    public string Priority { get; set; } = "0";

    public StoppingKind Stopping { get; set; }

    public string MinPasses { get; set; } = "1";

    public string Reduction { get; set; } = "3";

    public string MinTrials { get; set; } = "5";

    /// <summary>Expressions that every configuration must meet, one a line.</summary>
    public string Constraints { get; set; } = "";

    public string WorkerLabels { get; set; } = "";

    public string Retries { get; set; } = "2";

    public bool SplitBatch { get; set; }

    public List<ParameterForm> Parameters { get; } = [];

    public IEnumerable<HyperParameter> Unused => HyperParameters.All.Where(known => Parameters.TrueForAll(one => one.Name != known.Name));

    public static SweepForm FromSpec(SweepSpec spec)
    {
        var form = new SweepForm
        {
            Name = spec.Name,
            Dataset = spec.Dataset,
            Search = spec.Search.Kind,
            Metric = spec.Objective.Metric,
            Maximize = spec.Objective.Maximize,
            MaxParallelTrials = Text(spec.MaxParallelTrials),
            Priority = Text(spec.Priority),
            Constraints = string.Join('\n', spec.Constraints),
            WorkerLabels = spec.WorkerLabels,
            Retries = Text((spec.Retries ?? new RetrySpec()).Max),
            SplitBatch = spec.Retries is { SplitBatch: true },
        };
        if (spec.Stopping is { } stopping)
        {
            (form.Stopping, form.MinPasses, form.Reduction, form.MinTrials) =
                (stopping.Kind, Text(stopping.MinPasses), Text(stopping.Reduction), Text(stopping.MinTrials));
        }

        if (spec.Search.Kind != SearchKind.Grid)
        {
            (form.TrialBudget, form.Seed) = (Text(spec.Search.TrialBudget), Text(spec.Search.Seed));
        }

        form.Parameters.AddRange(spec.Parameters.Select(ParameterForm.FromSpec));
        return form;
    }

    /// <summary>Every error, those of reading first: a field that cannot be read is not judged further.</summary>
    public ImmutableArray<SpecError> Check()
    {
        var unread = new List<SpecError>();
        var spec = Build(unread);
        var fields = unread.Select(error => error.Field).ToHashSet();
        return [.. unread, .. SweepValidator.Check(spec).Where(error => !fields.Contains(error.Field))];
    }

    /// <summary>The immutable request; what cannot be read is left out, so check first.</summary>
    public SweepSpec ToSpec() => Build([]);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private SweepSpec Build(List<SpecError> errors)
    {
        var search = Search == SearchKind.Grid
            ? new SearchSpec(SearchKind.Grid)
            : new SearchSpec(Search, Whole(TrialBudget, "search.trial_budget", errors), Whole(Seed, "search.seed", errors));
        return new SweepSpec(
            Name.Trim(),
            Dataset.Trim(),
            [.. Parameters.Select(parameter => parameter.Build(errors))],
            search,
            new Objective(Metric.Trim(), Maximize),
            Whole(MaxParallelTrials, "max_parallel_trials", errors),
            Whole(Priority, "priority", errors),
            Stopping switch
            {
                StoppingKind.Asha or StoppingKind.Hyperband => new StoppingSpec(Stopping, Whole(MinPasses, "stopping.min_passes", errors), Reduction: Whole(Reduction, "stopping.reduction", errors)),
                StoppingKind.Median => new StoppingSpec(Stopping, Whole(MinPasses, "stopping.min_passes", errors), MinTrials: Whole(MinTrials, "stopping.min_trials", errors)),
                _ => null,
            })
        {
            Constraints = [.. Constraints.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            WorkerLabels = WorkerLabels.Trim(),
            Retries = new RetrySpec(Whole(Retries, "retries.max", errors), SplitBatch) is var retries && retries == new RetrySpec() ? null : retries,
        };
    }

    private static int Whole(string text, string field, List<SpecError> errors)
    {
        if (ParameterValue.TryParse(text, ParameterType.Int, out var value) && value.AsInt is >= int.MinValue and <= int.MaxValue)
        {
            return (int)value.AsInt;
        }

        errors.Add(new(field, text.Trim().Length == 0 ? "Type a whole number." : $"'{text.Trim()}' is not a whole number."));
        return 0;
    }
}
