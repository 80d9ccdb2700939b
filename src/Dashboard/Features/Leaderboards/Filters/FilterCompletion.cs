using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;

namespace MlTr.Dashboard.Features.Leaderboards.Filters;

/// <summary>One way to go on.</summary>
/// <param name="Text">The whole filter if it is taken.</param>
/// <param name="Label">What is put in.</param>
/// <param name="Description">What it means.</param>
internal sealed record FilterCompletion(string Text, string Label, string Description)
{
    private const int Most = 12;
    private static readonly (string, string)[] Signs = [("=", "is"), ("!=", "is not"), ("<", "less than"), ("<=", "at most"), (">", "more than"), (">=", "at least"), ("~", "contains")];
    private static readonly (string, string)[] Joins = [("and", "both hold"), ("or", "one holds")];

    /// <summary>What can be typed at the end of a filter: names, signs, values, or and and or.</summary>
    public static ImmutableArray<FilterCompletion> Of(string text, ImmutableArray<FilterField> fields)
    {
        ImmutableArray<FilterToken> tokens;
        try
        {
            tokens = FilterToken.Cut(text)[..^1];
        }
        catch (FilterException)
        {
            return []; // inside a quotation
        }

        // The last word is still being written unless a space follows it.
        var unfinished = tokens is [.., { Kind: TokenKind.Word } word] && word.End == text.Length ? word : default;
        var before = unfinished.Text is null ? tokens : tokens[..^1];
        var (start, part) = unfinished.Text is null ? (text.Length, "") : (unfinished.Start, unfinished.Text);
        return
        [
            .. After(before, fields)
                .Where(one => one.Word.Contains(part, StringComparison.OrdinalIgnoreCase) && !one.Word.Equals(part, StringComparison.Ordinal))
                .OrderByDescending(one => one.Word.StartsWith(part, StringComparison.OrdinalIgnoreCase))
                .Take(Most)
                .Select(one => new FilterCompletion(Spaced(text[..start]) + Written(one.Word), one.Word, one.Meaning)),
        ];
    }

    private static IEnumerable<(string Word, string Meaning)> After(ImmutableArray<FilterToken> tokens, ImmutableArray<FilterField> fields) => tokens switch
    {
        [] => Names(fields),
        [.., { Kind: TokenKind.Word } name, { Kind: TokenKind.Open }] when Filter.PlaceOf(name) is { } place =>
            fields.Where(field => field.Curve is not null).Select(field => (field.Name + (place == MetricPlace.Pass ? "," : ")"), field.Description)),
        [.., { Kind: TokenKind.Word } name, { Kind: TokenKind.Open }, { Kind: TokenKind.Word }] when Filter.PlaceOf(name) == MetricPlace.Pass => [("1)", "after the first pass"), ("5)", "after the fifth")],
        [.., { Kind: TokenKind.Close }] when IsPick(tokens) => NumberSigns,
        [.., { Kind: TokenKind.Close }, { Kind: TokenKind.Operator }] when IsPick(tokens[..^1]) => [],
        [.., { Kind: TokenKind.Open }] => Names(fields),
        [.., { Kind: TokenKind.Word } last] when last.Is("and") || last.Is("or") || last.Is("not") => Names(fields),
        [.., { Kind: TokenKind.Word } name, { Kind: TokenKind.Operator }] => Values(fields.FirstOrDefault(field => field.Answers(name.Text))),
        [.., { Kind: TokenKind.Operator }, _] => Joins,
        [.., { Kind: TokenKind.Word } name] => fields.FirstOrDefault(field => field.Answers(name.Text)) is { } field ? SignsOf(field) : [],
        _ => Joins,
    };

    private static IEnumerable<(string, string)> Names(ImmutableArray<FilterField> fields) =>
    [
        .. fields.Select(field => (field.Name, field.Description)),
        ("not", "the next one does not hold"),
        ("best(", "a metric where the objective was best: best(OF1)"),
        ("last(", "a metric's last value: last(loss)"),
        ("at(", "a metric at the end of a training pass: at(mAP, 5)"),
    ];

    private static IEnumerable<(string, string)> NumberSigns => Signs.Where(sign => sign.Item1 != "~");

    /// <summary>True behind the parenthesis of a metric at a place of its curve.</summary>
    private static bool IsPick(ImmutableArray<FilterToken> tokens)
    {
        var open = tokens.Length - 1;
        while (open > 0 && tokens[open].Kind != TokenKind.Open)
        {
            open--;
        }

        return open > 0 && tokens[^1].Kind == TokenKind.Close && Filter.PlaceOf(tokens[open - 1]) is not null && tokens[(open + 1)..^1].All(token => token.Kind is TokenKind.Word or TokenKind.Quoted);
    }

    private static IEnumerable<(string, string)> SignsOf(FilterField field) => Signs.Where(sign => field.Kind switch
    {
        FieldKind.Number => sign.Item1 != "~",
        FieldKind.Truth => sign.Item1 is "=" or "!=",
        _ => sign.Item1 is "=" or "!=" or "~",
    });

    private static IEnumerable<(string, string)> Values(FilterField? field) => field?.Options.IsDefault == false ? field.Options.Select(option => (option, "")) : [];

    private static string Spaced(string text) => text.Length == 0 || char.IsWhiteSpace(text[^1]) || text[^1] == '(' ? text : text + " ";

    /// <summary>An open parenthesis waits for its metric at once, and what ends in one that closes is written as it is.</summary>
    private static string Written(string word) => word[^1] switch
    {
        '(' => word,
        ')' or ',' => word + " ",
        _ => Quote(word) + " ",
    };

    private static string Quote(string word) => word.Any(letter => char.IsWhiteSpace(letter) || (FilterToken.IsSpecial(letter) && word.Any(char.IsLetterOrDigit))) ? $"\"{word}\"" : word;
}
