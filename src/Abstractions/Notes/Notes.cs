using System.Collections.Immutable;

namespace MlTr.Abstractions.Notes;

/// <summary>Tags or notes cannot be kept as they are; the message says what to change.</summary>
[GenerateSerializer, Alias("mltr.NotesException")]
public sealed class NotesException(string message) : Exception(message);

/// <summary>What people may write on sweeps and trials.</summary>
public static class NotesRules
{
    /// <summary>Most letters of a tag.</summary>
    public const int MaxTagLength = 40;

    /// <summary>Most tags of one sweep or trial.</summary>
    public const int MaxTags = 20;

    /// <summary>Most characters of a note.</summary>
    public const int MaxNotesLength = 20_000;

    /// <summary>Tags as they are kept: without spaces around them, each once whatever its case, in the order given.</summary>
    /// <exception cref="NotesException">One is empty or too long, has a comma, a quotation mark or a control character, or there are too many.</exception>
    public static ImmutableArray<string> CheckTags(ImmutableArray<string> tags)
    {
        ImmutableArray<string> kept = [.. (tags.IsDefault ? [] : tags).Select(tag => tag.Trim()).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (kept.FirstOrDefault(tag => tag.Length is 0 or > MaxTagLength || tag.Any(letter => letter is ',' or '"' || char.IsControl(letter))) is { } wrong)
        {
            throw new NotesException($"'{wrong}' is no tag: use 1 to {MaxTagLength} characters without commas and quotation marks.");
        }

        return kept.Length <= MaxTags ? kept : throw new NotesException($"These are {kept.Length} tags: at most {MaxTags} are kept.");
    }

    /// <summary>Notes as they are kept: without empty lines at the end.</summary>
    /// <exception cref="NotesException">They are too long.</exception>
    public static string CheckNotes(string markdown) => markdown.TrimEnd() is { Length: <= MaxNotesLength } kept
        ? kept
        : throw new NotesException($"The notes have more than {MaxNotesLength:N0} characters: keep the long part elsewhere, and link to it.");
}
