namespace MlTr.Abstractions.Datasets;

/// <summary>What a dataset may be called.</summary>
public static class DatasetIds
{
    /// <summary>Most letters of an id.</summary>
    public const int MaxLength = 64;

    /// <summary>What is wrong with an id, in a sentence; null if nothing is.</summary>
    public static string? Problem(string id) =>
        Slugs.IsOne(id, MaxLength) ? null : $"'{id}' is no id of a dataset: use 1 to {MaxLength} lower-case letters, digits, dots, dashes and underscores.";
}
