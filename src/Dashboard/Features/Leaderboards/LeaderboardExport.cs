using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>What a leaderboard shows, for other programs: the same lines and columns, numbers in full.</summary>
internal static class LeaderboardExport
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    /// <summary>RFC 4180 with a header; grouped metrics are followed by a column with their standard deviation.</summary>
    public static string Csv(ImmutableArray<BoardLine> lines, ImmutableArray<LeaderboardColumn> columns, bool overSeeds)
    {
        var csv = new StringBuilder();
        csv.AppendJoin(',', columns.SelectMany(column => overSeeds && column.Measured is not null ? [column.Key, column.Key + " sd"] : new[] { column.Key }).Select(Quote)).Append("\r\n");
        foreach (var line in lines)
        {
            csv.AppendJoin(',', columns.SelectMany(column => overSeeds && column.Measured is { } measured
                ? [Plain(column, line), Number(measured(line)?.Deviation)]
                : new[] { Plain(column, line) })).Append("\r\n");
        }

        return csv.ToString();
    }

    /// <summary>One object for each line; grouped metrics are objects with mean, sd and n.</summary>
    public static string Json(ImmutableArray<BoardLine> lines, ImmutableArray<LeaderboardColumn> columns, bool overSeeds)
    {
        var all = new JsonArray();
        foreach (var line in lines)
        {
            var one = new JsonObject();
            foreach (var column in columns)
            {
                one[column.Key] = overSeeds && column.Measured?.Invoke(line) is { } value
                    ? new JsonObject { ["mean"] = Finite(value.Mean), ["sd"] = Finite(value.Deviation), ["n"] = value.Count }
                    : Node(column, line);
            }

            one["trials"] = new JsonArray([.. line.Rows.Select(row => JsonValue.Create(row.Trial.Id.ToString()))]);
            all.Add(one);
        }

        return all.ToJsonString(Readable);
    }

    private static JsonNode? Node(LeaderboardColumn column, BoardLine line) => column.Key == LeaderboardColumn.Trial ? Name(line) : column.Order(line) switch
    {
        double number => Finite(number),
        int whole => whole,
        { } other => other.ToString(),
        null => null,
    };

    private static JsonValue? Finite(double? number) => number is { } value && double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static string Plain(LeaderboardColumn column, BoardLine line) => column.Key == LeaderboardColumn.Trial ? Quote(Name(line)) : column.Order(line) switch
    {
        double number => Number(number),
        int whole => whole.ToString(CultureInfo.InvariantCulture),
        { } other => Quote(other.ToString() ?? ""),
        null => "",
    };

    private static string Name(BoardLine line) => line.Published is { } published ? $"{published.Name} (published)" : string.Join(' ', line.Rows.Select(row => row.Trial.Id));

    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A name that begins like a formula would be run by a spreadsheet: an apostrophe before it keeps it text.</summary>
    private static string Quote(string text)
    {
        var safe = text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
