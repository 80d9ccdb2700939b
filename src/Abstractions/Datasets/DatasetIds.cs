namespace MlTr.Abstractions.Datasets;

/// <summary>What a dataset may be called.</summary>
public static class DatasetIds
{
    /// <summary>Most letters of an id.</summary>
    public const int MaxLength = 64;

    /// <summary>What is wrong with an id, in a sentence; null if nothing is.</summary>
    public static string? Problem(string id) =>
        id.Length is 0 or > MaxLength
        || !id.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '-' or '_')
        || id.All(letter => letter == '.')
            ? $"'{id}' is no id of a dataset: use 1 to {MaxLength} lower-case letters, digits, dots, dashes and underscores."
            : null;
}
