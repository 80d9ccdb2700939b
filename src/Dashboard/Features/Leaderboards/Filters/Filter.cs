using System.Collections.Immutable;
using MlTr.Abstractions;
using MlTr.Abstractions.Leaderboards;

namespace MlTr.Dashboard.Features.Leaderboards.Filters;

/// <summary>
/// Reads filters such as <c>mAP > 0.8 and lr &lt; 1e-3 and not (state = failed or sweep = "night")</c>. A comparison with something that a
/// trial does not have is false. Text in quotation marks alone is looked for in names.
/// </summary>
internal sealed class Filter
{
    private const int LongestText = 2_000;
    private const int Deepest = 50;

    private readonly ImmutableArray<FilterField> fields;
    private readonly ImmutableArray<FilterToken> tokens;
    private int next;
    private int depth;

    private Filter(ImmutableArray<FilterField> fields, ImmutableArray<FilterToken> tokens) => (this.fields, this.tokens) = (fields, tokens);

    private FilterToken Now => tokens[next];

    /// <summary>What tells whether a trial passes; an empty text lets all pass.</summary>
    /// <exception cref="FilterException">The text is no filter.</exception>
    public static Func<LeaderboardRow, bool> Parse(string? text, ImmutableArray<FilterField> fields)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return _ => true;
        }

        if (text.Length > LongestText)
        {
            throw new FilterException(LongestText, $"A filter has at most {LongestText} characters.");
        }

        var filter = new Filter(fields, FilterToken.Cut(text));
        var passes = filter.Or();
        return filter.Now.Kind switch
        {
            TokenKind.End => passes,
            TokenKind.Close => throw new FilterException(filter.Now.Start, "This parenthesis was never opened."),
            _ => throw new FilterException(filter.Now.Start, $"'{filter.Now.Text}' cannot follow here: join comparisons with and, or."),
        };
    }

    private Func<LeaderboardRow, bool> Or()
    {
        if (++depth > Deepest)
        {
            throw new FilterException(Now.Start, $"Parentheses lie at most {Deepest} deep.");
        }

        var left = And();
        while (Now.Is("or"))
        {
            next++;
            var (first, second) = (left, And());
            left = row => first(row) || second(row);
        }

        depth--;
        return left;
    }

    private Func<LeaderboardRow, bool> And()
    {
        var left = Not();
        while (Now.Is("and"))
        {
            next++;
            var (first, second) = (left, Not());
            left = row => first(row) && second(row);
        }

        return left;
    }

    private Func<LeaderboardRow, bool> Not()
    {
        var negated = false;
        while (Now.Is("not"))
        {
            next++;
            negated = !negated;
        }

        var one = Single();
        return negated ? row => !one(row) : one;
    }

    private Func<LeaderboardRow, bool> Single()
    {
        var token = tokens[next];
        switch (token.Kind)
        {
            case TokenKind.Open:
                next++;
                var inner = Or();
                if (Now.Kind != TokenKind.Close)
                {
                    throw new FilterException(token.Start, "This parenthesis is not closed.");
                }

                next++;
                return inner;
            case TokenKind.Quoted:
                next++;
                return row => Mentions(row, token.Text);
            case TokenKind.Word when !token.Is("and") && !token.Is("or"):
                return Comparison();
            default:
                throw new FilterException(token.Start, token.Kind == TokenKind.End
                    ? "Something is missing at the end: a comparison such as mAP > 0.8."
                    : $"A comparison such as mAP > 0.8 goes here, not '{token.Text}'.");
        }
    }

    private Func<LeaderboardRow, bool> Comparison()
    {
        var name = tokens[next++];
        var field = fields.FirstOrDefault(one => one.Answers(name.Text)) ?? throw Unknown(name);
        if (Now.Kind != TokenKind.Operator)
        {
            throw new FilterException(Now.Start, $"{field.Name} is compared with something: =, !=, <, <=, > or >= goes here.");
        }

        var sign = tokens[next++];
        if (Now.Kind is not (TokenKind.Word or TokenKind.Quoted))
        {
            throw new FilterException(Now.Start, $"A value for {field.Name} goes here{Such(field)}.");
        }

        return FilterComparison.Of(field, sign, tokens[next++]);
    }

    private FilterException Unknown(FilterToken name)
    {
        var near = NearNames.Find(name.Text, fields.Select(field => field.Name));
        var known = string.Join(", ", fields.Take(14).Select(field => field.Name));
        return new FilterException(name.Start, $"There is no '{name.Text}' here. {(near is null ? "" : $"Did you mean {near}? ")}"
            + $"Known are {known} and {fields.Length - 14} more, all offered as you type. To look for a word, put it in quotation marks.");
    }

    private static bool Mentions(LeaderboardRow row, string text) =>
        new[] { row.SweepName, row.Dataset, row.Trial.Id.ToString(), row.Trial.Worker ?? "" }.Any(name => name.Contains(text, StringComparison.OrdinalIgnoreCase));

    internal static string Such(FilterField field) => field switch
    {
        { Options: { IsDefaultOrEmpty: false } options } => ": " + string.Join(", ", options.Take(8)),
        { Kind: FieldKind.Number } => ", such as 0.5, 1e-3 or 80%",
        _ => "",
    };
}
