using System.Collections.Immutable;
using System.Text.Json;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>A half filled form as a text that a browser can keep, every field as it was typed: also what is wrong.</summary>
internal static class SweepDraft
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>Under which name a browser keeps the draft of a form that began in one way.</summary>
    public static string KeyOf(string? template, string? from, string? dataset, string? extend = null) =>
        extend is null ? $"mltr.new-sweep:{template}|{from}|{dataset}" : $"mltr.extend:{extend}";

    public static string Write(SweepForm form) => JsonSerializer.Serialize(new Draft(
        form.Name, form.Dataset, form.Search, form.TrialBudget, form.Seed, form.Metric, form.Maximize, form.MaxParallelTrials, form.Priority, form.Stopping, form.MinPasses, form.Reduction,
        form.MinTrials, form.Constraints, form.WorkerLabels, form.Retries, form.SplitBatch,
        [.. form.Parameters.Select(one => new DraftParameter(one.Name, one.Mode, one.Values, one.Min, one.Max, one.Log, one.GridPoints, one.When))]), Options);

    /// <summary>The form of a draft; null if the text is none, as one of another version may be.</summary>
    public static SweepForm? TryRead(string? text)
    {
        try
        {
            return text is not null && JsonSerializer.Deserialize<Draft>(text, Options) is { Parameters.IsDefault: false } draft ? FormOf(draft) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static SweepForm FormOf(Draft draft)
    {
        var form = new SweepForm
        {
            Name = draft.Name ?? "",
            Dataset = draft.Dataset ?? "",
            Search = draft.Search,
            TrialBudget = draft.TrialBudget ?? "",
            Seed = draft.Seed ?? "",
            Metric = draft.Metric ?? "",
            Maximize = draft.Maximize,
            MaxParallelTrials = draft.MaxParallelTrials ?? "",
            Priority = draft.Priority ?? "",
            Stopping = draft.Stopping,
            MinPasses = draft.MinPasses ?? "",
            Reduction = draft.Reduction ?? "",
            MinTrials = draft.MinTrials ?? "",
            Constraints = draft.Constraints ?? "",
            WorkerLabels = draft.WorkerLabels ?? "",
            Retries = draft.Retries ?? "",
            SplitBatch = draft.SplitBatch,
        };
        foreach (var one in draft.Parameters)
        {
            if (HyperParameters.Find(one.Name ?? "") is { } known && form.Parameters.TrueForAll(other => other.Name != known.Name))
            {
                form.Parameters.Add(new ParameterForm(known)
                {
                    Mode = one.Mode,
                    Values = one.Values ?? "",
                    Min = one.Min ?? "",
                    Max = one.Max ?? "",
                    Log = one.Log,
                    GridPoints = one.GridPoints ?? "",
                    When = one.When ?? "",
                });
            }
        }

        return form;
    }

    private sealed record Draft(
        string? Name,
        string? Dataset,
        SearchKind Search,
        string? TrialBudget,
        string? Seed,
        string? Metric,
        bool Maximize,
        string? MaxParallelTrials,
        string? Priority,
        StoppingKind Stopping,
        string? MinPasses,
        string? Reduction,
        string? MinTrials,
        string? Constraints,
        string? WorkerLabels,
        string? Retries,
        bool SplitBatch,
        ImmutableArray<DraftParameter> Parameters);

    private sealed record DraftParameter(string? Name, ParameterMode Mode, string? Values, string? Min, string? Max, bool Log, string? GridPoints, string? When);
}
