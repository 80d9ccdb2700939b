using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;

namespace MlTr.Dashboard.Features.Leaderboards.Filters;

/// <summary>
/// Reads filters such as <c>mAP > 0.8 and lr &lt; 1e-3 and not (state = failed or sweep = "night")</c>. A comparison with something that a
/// trial does not have is false. A metric is read at another place of its curve as <c>last(loss)</c>, <c>best(OF1)</c> (where the objective was best) or
/// <c>at(mAP, 5)</c> (at the end of a training pass). Text in quotation marks alone is looked for in names.
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
        var field = Now.Kind == TokenKind.Open && PlaceOf(name) is { } place ? AtPlace(name, place) : fields.FirstOrDefault(one => one.Answers(name.Text)) ?? throw Unknown(name);
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

    /// <summary>The words before a parenthesis that read a metric at a place of its curve.</summary>
    internal static MetricPlace? PlaceOf(FilterToken word) => word.Is("best") ? MetricPlace.Best : word.Is("last") ? MetricPlace.Last : word.Is("at") ? MetricPlace.Pass : null;

    /// <summary>best(OF1), last(loss) or at(mAP, 5): what is written before and behind the comma may be parted by spaces.</summary>
    private FilterField AtPlace(FilterToken name, MetricPlace place)
    {
        var open = tokens[next++];
        var inner = new List<FilterToken>();
        while (Now.Kind is TokenKind.Word or TokenKind.Quoted)
        {
            inner.Add(tokens[next++]);
        }

        var example = place == MetricPlace.Pass ? "at(mAP, 5)" : $"{name.Text.ToLowerInvariant()}(mAP)";
        if (Now.Kind != TokenKind.Close || inner.Count == 0)
        {
            throw new FilterException(Now.Kind == TokenKind.Close ? open.End : Now.Start, $"{name.Text} takes a metric in parentheses: write {example}.");
        }

        next++;
        var text = string.Concat(inner.Select(token => token.Text));
        var comma = text.LastIndexOf(',');
        var metric = place == MetricPlace.Pass && comma >= 0 ? text[..comma] : text;
        var pass = 0;
        if (place == MetricPlace.Pass && (comma < 0 || !int.TryParse(text[(comma + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out pass) || pass < 1))
        {
            throw new FilterException(inner[^1].Start, $"at takes a metric and a training pass, counted from 1: write {example}.");
        }

        // Here a short name that a hyper-parameter has too can only be the metric's.
        var metrics = fields.Where(one => one.Curve is not null).ToList();
        var field = metrics.FirstOrDefault(one => one.Answers(metric)) ?? metrics.FirstOrDefault(one => one.Curve!.Value.Metric.EndsWith("/" + metric, StringComparison.OrdinalIgnoreCase))
            ?? throw new FilterException(inner[0].Start, $"There is no metric '{metric}' here. Known are {string.Join(", ", metrics.Take(14).Select(one => one.Name))}.");
        return field.At(place, pass);
    }

    private FilterException Unknown(FilterToken name)
    {
        if (PlaceOf(name) is { } place)
        {
            return new FilterException(name.End, $"{name.Text} takes a metric in parentheses: write {(place == MetricPlace.Pass ? "at(mAP, 5)" : $"{name.Text.ToLowerInvariant()}(mAP)")}.");
        }

        var known = string.Join(", ", fields.Take(14).Select(field => field.Name));
        return new FilterException(name.Start, $"There is no '{name.Text}' here. {NearNames.Ask(name.Text, fields.Select(field => field.Name))}"
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
