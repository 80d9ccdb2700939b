namespace MlTr.Dashboard.Shared;

/// <summary>Addresses and search, built in one place.</summary>
internal static class Words
{
    public static string SweepHref(string id) => $"/sweeps/{Uri.EscapeDataString(id)}";

    /// <summary>The form, filled from a sweep.</summary>
    public static string CloneHref(string id) => $"/sweeps/new?from={Uri.EscapeDataString(id)}";

    /// <summary>The form that asks for more of a sweep.</summary>
    public static string ExtendHref(string id) => $"/sweeps/new?extend={Uri.EscapeDataString(id)}";

    public static string TrialHref(Abstractions.Trials.TrialId id) => FormattableString.Invariant($"/sweeps/{Uri.EscapeDataString(id.SweepId)}/trials/{id.Number}");

    /// <summary>A trial's evaluations, with one of its checkpoints chosen for the next if a step is given.</summary>
    public static string EvaluationsHref(Abstractions.Trials.TrialId id, long? step = null) =>
        $"{TrialHref(id)}?tab=evaluations{(step is null ? "" : FormattableString.Invariant($"&checkpoint={step}"))}";

    /// <summary>What a pool's queue holds: 3 trials, 2 parts of evaluations.</summary>
    public static string Queue(Abstractions.Workers.SchedulerSnapshot pool)
    {
        var parts = pool.Queue.Count(entry => entry.Part is not null);
        var trials = Format.Count(pool.Queue.Length - parts, "trial");
        return parts == 0 ? trials : $"{trials}, {Format.Count(parts, "part")} of evaluations";
    }

    public static string DatasetHref(string id) => $"/datasets/{Uri.EscapeDataString(id)}";

    public static string WorkerHref(string id) => $"/workers/{Uri.EscapeDataString(id)}";

    public static string ModelHref(string name) => $"/models/{Uri.EscapeDataString(name)}";

    /// <summary>A heading's first letter is large, unless it is a sign such as mAP.</summary>
    public static string Capital(string text) =>
        text.Length > 1 && char.IsLower(text[1]) ? char.ToUpperInvariant(text[0]) + text[1..] : text;

    /// <summary>True if every word of the search occurs in one of the texts.</summary>
    public static bool Matches(string? search, params string?[] texts) =>
        string.IsNullOrWhiteSpace(search) || search.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .All(word => Array.Exists(texts, text => text?.Contains(word, StringComparison.OrdinalIgnoreCase) == true));
}
