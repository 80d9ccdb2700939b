using System.Globalization;
using YamlDotNet.Core;

namespace MlTr.Abstractions.Sweeps.Files;

/// <summary>Says of a text that is no YAML where it breaks off, why, and what to write instead; the parser's own words are for those who know its grammar.</summary>
internal static class YamlProblem
{
    /// <param name="text">What was to be read.</param>
    /// <param name="error">What the parser said.</param>
    public static string Say(string text, YamlException error)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        if (Array.FindIndex(lines, line => line.TakeWhile(char.IsWhiteSpace).Contains('\t')) is var tab and >= 0 && error is SyntaxErrorException)
        {
            return Say(tab + 1, 1, "The line is indented with a tab: indent with spaces."); // the parser names the line before, or the first
        }

        var (row, column) = ((int)error.Start.Line, (int)error.Start.Column);
        var line = row <= lines.Length ? lines[row - 1] : "";
        var (before, after) = (line[..Math.Clamp(column - 1, 0, line.Length)], line[Math.Clamp(column - 1, 0, line.Length)..]);
        return error.Message switch
        {
            var said when said.StartsWith("Duplicate key ", StringComparison.Ordinal) => Say(row, column, $"The key {said["Duplicate key ".Length..]} is there twice: keep one of them."),
            var said when said.Contains("unknown escape", StringComparison.Ordinal) => Say(row, column, "A backslash means something special within \"...\": write the text within '...' instead."),
            var said when said.Contains("quoted scalar", StringComparison.Ordinal) => Say(row, column, $"The quotation mark {after.FirstOrDefault('"')} that opens here is not closed: put another at the end of the text."),
            var said when said.Contains("cannot start any token", StringComparison.Ordinal) => Say(row, column, $"A value cannot begin with {after.FirstOrDefault()}: put it in quotation marks."),
            var said when said.Contains("found invalid mapping", StringComparison.Ordinal) => Say(row, column, SecondColon(before, row > 1 ? lines[row - 2] : "")),
            var said when said.Contains("did not find expected key", StringComparison.Ordinal) => Say(row, column, NoKey(before, after)),
            var said when said.Contains("expected '-' indicator", StringComparison.Ordinal) => Say(row, column, "A key stands in the middle of a list: begin the line with '- ', or indent it as the key that the list belongs to."),
            var said when said.Contains("did not find expected ',' or", StringComparison.Ordinal) => Say(lines, said.EndsWith("']'.", StringComparison.Ordinal) ? '[' : '{', row, column),
            var said when said.Contains("expected node content", StringComparison.Ordinal) => Say(row, column, "A value is missing here: write one, or take the comma away."),
            _ when error is AnchorNotFoundException => Say(row, column, "A value that begins with * is a reference to another: put it in quotation marks."),
            _ => Say(row, column, $"This is no YAML: write it as key: value, or put the value in quotation marks ({error.Message.TrimEnd('.')})."),
        };
    }

    /// <summary>For a text at which the parser gave up without a place, as it does at a bracket that is not closed before the next key.</summary>
    public static string SayUnclosed(string text) =>
        Unclosed(text.ReplaceLineEndings("\n").Split('\n')) is var (bracket, line, column)
            ? Say(line, column, $"The {bracket} that opens here is not closed: put a {Closing(bracket)} where it ends.")
            : "The file is no YAML: a bracket, a brace or a quotation mark is not closed.";

    private static string Say(int line, int column, string problem) => string.Create(CultureInfo.InvariantCulture, $"Line {line}, column {column}: {problem}");

    // A bracket that stays open is found only at the end of the file, or at what closes another.
    private static string Say(string[] lines, char bracket, int row, int column) => Unclosed(lines) is var (open, openRow, openColumn) && open == bracket
        ? Say(openRow, openColumn, $"The {open} that opens here is not closed: put a {Closing(open)} where it ends.")
        : Say(row, column, $"A comma or the closing {Closing(bracket)} is missing here.");

    private static string SecondColon(string before, string lineBefore) =>
        before.Contains(": ", StringComparison.Ordinal) ? "A second ': ' on one line is not understood: put the value in quotation marks, or the inner key on the next line, indented deeper."
        : lineBefore.Contains(':', StringComparison.Ordinal) ? "The line is indented deeper than the one before, which has its value already: indent both alike."
        : "The line before has no ': ': write it as key: value.";

    private static string NoKey(string before, string after) =>
        after.StartsWith("- ", StringComparison.Ordinal) ? "A list item stands where a key is expected: indent it deeper than the key that it belongs to."
        : after.StartsWith(']') || after.StartsWith('}') ? $"The {after[0]} closes nothing: take it away."
        : !string.IsNullOrWhiteSpace(before) ? "Something follows the end of the value: put all of it in one pair of quotation marks (a ' within '...' is written twice)."
        : !after.Contains(':', StringComparison.Ordinal) ? "The line has no ': ': write it as key: value."
        : "The line is indented otherwise than the keys beside it: give all of them the same number of spaces.";

    private static char Closing(char bracket) => bracket == '[' ? ']' : '}';

    /// <summary>The innermost bracket that the text, or what closes another kind, leaves open; brackets in quotation marks and comments do not count.</summary>
    private static (char Bracket, int Line, int Column)? Unclosed(string[] lines)
    {
        var open = new Stack<(char Bracket, int Line, int Column)>();
        foreach (var (line, row) in lines.Select((line, i) => (line, i + 1)))
        {
            char? quote = null;
            for (var i = 0; i < line.Length && (quote is not null || line[i] != '#' || (i > 0 && !char.IsWhiteSpace(line[i - 1]))); i++)
            {
                switch (line[i])
                {
                    case var letter when quote is not null:
                        quote = letter == quote ? null : quote;
                        break;
                    case '"' or '\'' when i == 0 || !char.IsLetterOrDigit(line[i - 1]):
                        quote = line[i];
                        break;
                    case '[' or '{':
                        open.Push((line[i], row, i + 1));
                        break;
                    case (']' or '}') and var closing when open.TryPeek(out var last):
                        if (Closing(last.Bracket) != closing)
                        {
                            return last;
                        }

                        open.Pop();
                        break;
                }
            }
        }

        return open.TryPeek(out var left) ? left : null;
    }
}
