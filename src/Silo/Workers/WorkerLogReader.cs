using System.Text.RegularExpressions;

namespace MlTr.Silo.Workers;

/// <summary>
/// Reads one stream of a worker's output: the console logger's entries, of one line with (perhaps) time, level, category and text, or of a first line
/// without text and others that are set in, as the settings have it; and whatever else a process writes. Used by one thread at a time.
/// </summary>
/// <param name="plainLevel">The level of lines that no logger wrote.</param>
/// <param name="add">Takes level and text.</param>
internal sealed partial class WorkerLogReader(string plainLevel, Action<string, string> add)
{
    private const int MaxLength = 4_000;
    private const string Inset = "      ";

    private string? _level;
    private string? _category;

    public void Read(string line)
    {
        if (Head().Match(line) is { Success: true } head)
        {
            (_level, _category) = (LevelOf(head.Groups["level"].Value), head.Groups["category"].Value.Split('.')[^1]);
            if (head.Groups["text"] is { Length: > 0, Value: var text })
            {
                Add(_level, $"{_category}: {text}");
                _category = null;
            }

            return;
        }

        if (_level is not null && line.StartsWith(Inset, StringComparison.Ordinal))
        {
            Add(_level, _category is { } category ? $"{category}: {line[Inset.Length..]}" : line[Inset.Length..]);
            _category = null;
            return;
        }

        _level = null;
        if (line.Length > 0)
        {
            Add(plainLevel, line);
        }
    }

    /// <summary>The name of a level that the console logger shortens.</summary>
    private static string LevelOf(string shortened) => shortened switch
    {
        "trce" => "trace",
        "dbug" => "debug",
        "warn" => "warning",
        "fail" => "error",
        "crit" => "critical",
        _ => "info",
    };

    private void Add(string level, string text) => add(level, text.Length > MaxLength ? $"{text[..MaxLength]}…" : text);

    [GeneratedRegex(@"^(\S{1,32} ){0,2}?(?<level>trce|dbug|info|warn|fail|crit): (?<category>\S+?)\[-?\d+\]( (?<text>.*))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Head();
}
