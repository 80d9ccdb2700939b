using System.Collections.Immutable;

namespace MlTr.Dashboard.Features.Leaderboards.Filters;

internal enum TokenKind
{
    Word,
    Quoted,
    Operator,
    Open,
    Close,
    End,
}

/// <summary>One piece of a filter's text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Without quotes.</param>
/// <param name="Start">Where it begins, counted from 0.</param>
/// <param name="End">The place after it.</param>
internal readonly record struct FilterToken(TokenKind Kind, string Text, int Start, int End)
{
    private const string Special = "()=!<>~\"";

    /// <summary>True for what ends a word.</summary>
    public static bool IsSpecial(char letter) => Special.Contains(letter, StringComparison.Ordinal);

    public bool Is(string keyword) => Kind == TokenKind.Word && Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);

    /// <summary>The pieces, with an end behind the last one.</summary>
    /// <exception cref="FilterException">A quotation that does not end, or a lone exclamation mark.</exception>
    public static ImmutableArray<FilterToken> Cut(string text)
    {
        var tokens = ImmutableArray.CreateBuilder<FilterToken>();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var token = Next(text, at);
            tokens.Add(token);
            at = token.End;
        }

        tokens.Add(new(TokenKind.End, "", text.Length, text.Length));
        return tokens.ToImmutable();
    }

    private static FilterToken Next(string text, int at) => text[at] switch
    {
        '(' => new(TokenKind.Open, "(", at, at + 1),
        ')' => new(TokenKind.Close, ")", at, at + 1),
        '"' => Quotation(text, at),
        '=' or '<' or '>' or '~' or '!' => Comparison(text, at),
        _ => Word(text, at),
    };

    private static FilterToken Quotation(string text, int at)
    {
        var end = text.IndexOf('"', at + 1);
        return end < 0
            ? throw new FilterException(at, "This quotation has no end: add a \" behind it.")
            : new(TokenKind.Quoted, text[(at + 1)..end], at, end + 1);
    }

    private static FilterToken Comparison(string text, int at)
    {
        var length = at + 1 < text.Length && text[at + 1] == '=' ? 2 : 1;
        var sign = text.Substring(at, length);
        return sign switch
        {
            "!" => throw new FilterException(at, "Write != for 'is not', or not before a comparison."),
            "~=" => throw new FilterException(at, "Write ~ for 'contains'."),
            _ => new(TokenKind.Operator, sign == "==" ? "=" : sign, at, at + length),
        };
    }

    private static FilterToken Word(string text, int at)
    {
        var end = at;
        while (end < text.Length && !char.IsWhiteSpace(text[end]) && !IsSpecial(text[end]))
        {
            end++;
        }

        return new(TokenKind.Word, text[at..end], at, end);
    }
}

/// <summary>A filter that cannot be understood.</summary>
/// <param name="position">Where, counted from 0.</param>
/// <param name="message">Why, and what to write instead.</param>
#pragma warning disable CA1032 // without a position it would be of no use
internal sealed class FilterException(int position, string message) : Exception(message)
{
    public int Position { get; } = position;
}
#pragma warning restore CA1032
