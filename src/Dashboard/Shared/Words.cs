namespace MlTr.Dashboard.Shared;

/// <summary>Addresses and search, built in one place.</summary>
internal static class Words
{
    public static string SweepHref(string id) => $"/sweeps/{Uri.EscapeDataString(id)}";

    public static string TrialHref(Abstractions.Trials.TrialId id) => FormattableString.Invariant($"/sweeps/{Uri.EscapeDataString(id.SweepId)}/trials/{id.Number}");

    public static string DatasetHref(string id) => $"/datasets/{Uri.EscapeDataString(id)}";

    public static string ModelHref(string name) => $"/models/{Uri.EscapeDataString(name)}";

    /// <summary>A heading's first letter is large, unless it is a sign such as mAP.</summary>
    public static string Capital(string text) =>
        text.Length > 1 && char.IsLower(text[1]) ? char.ToUpperInvariant(text[0]) + text[1..] : text;

    /// <summary>True if every word of the search occurs in one of the texts.</summary>
    public static bool Matches(string? search, params string?[] texts) =>
        string.IsNullOrWhiteSpace(search) || search.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .All(word => Array.Exists(texts, text => text?.Contains(word, StringComparison.OrdinalIgnoreCase) == true));
}
