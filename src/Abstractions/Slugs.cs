namespace MlTr.Abstractions;

/// <summary>Names that are part of an address and of a folder.</summary>
internal static class Slugs
{
    /// <summary>Whether a name can be used as it is, without leading anywhere else.</summary>
    public static bool IsOne(string name, int maxLength) =>
        name.Length > 0 && name.Length <= maxLength
        && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '-' or '_')
        && !name.All(letter => letter == '.');
}
