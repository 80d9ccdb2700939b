namespace MlTr.Abstractions.Models;

/// <summary>What a registered model may be called.</summary>
public static class ModelNames
{
    /// <summary>Most letters of a name.</summary>
    public const int MaxLength = 64;

    /// <summary>What is wrong with a name, in a sentence; null if nothing is.</summary>
    public static string? Problem(string name) =>
        Slugs.IsOne(name, MaxLength) ? null : $"'{name}' is no name of a model: use 1 to {MaxLength} lower-case letters, digits, dots, dashes and underscores.";
}
