using System.Text;
using System.Text.Json;

namespace MlTr.Model.Data.Readers;

/// <summary>
/// Reads a list beside the pictures: {split}.jsonl with {"path", "labels": [..], "unknown": [..]} a line, or {split}.csv with the
/// columns path and labels (joined by ";"), or path and one column a class with 1, 0 or -1.
/// </summary>
public static class ListReader
{
    private static readonly string[] Endings = [".jsonl", ".csv"];

    /// <summary>Reads one split; the classes come from classes.txt or from all lists of the folder.</summary>
    public static ImageSet Read(string path, string split, DatasetReadOptions options, CancellationToken ct = default)
    {
        var file = TryFind(path, split) ?? throw new DatasetFormatException(Path.Combine(path, split + ".csv"), "there is neither this file nor one ending in .jsonl");
        string[] all = [.. Directory.GetFiles(path, "*.csv"), .. Directory.GetFiles(path, "*.jsonl")];
        var lists = all.Order(StringComparer.Ordinal).ToDictionary(one => one, ReadFile);
        return LabelledPictures.ToSet(path, file, lists[file].Items, lists.Values.SelectMany(list => list.Names), options, ct);
    }

    internal static string? TryFind(string path, string split) =>
        Endings.Select(ending => Path.Combine(path, split + ending)).FirstOrDefault(File.Exists);

    private static (List<LabelledPictures.Item> Items, List<string> Names) ReadFile(string file) =>
        Path.GetExtension(file) == ".csv" ? ReadCsv(file) : ReadJsonLines(file);

    private static (List<LabelledPictures.Item>, List<string>) ReadJsonLines(string file)
    {
        var items = new List<LabelledPictures.Item>();
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                using var json = JsonDocument.Parse(line);
                items.Add(new LabelledPictures.Item(
                    Clean(file, number, json.RootElement.GetProperty("path").GetString()), Names(json.RootElement, "labels", required: true), Names(json.RootElement, "unknown", required: false)));
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw Fail(file, number, "must be an object with path and labels: " + e.Message);
            }
        }

        return (items, [.. items.SelectMany(item => item.Present.Concat(item.Unknown))]);
    }

    private static List<string> Names(JsonElement item, string key, bool required) =>
        item.TryGetProperty(key, out var list) ? [.. list.EnumerateArray().Select(name => name.GetString() ?? throw new JsonException($"{key} holds null"))]
        : required ? throw new KeyNotFoundException($"{key} is missing")
        : [];

    private static (List<LabelledPictures.Item>, List<string>) ReadCsv(string file)
    {
        var rows = Rows(file).ToList();
        if (rows.Count == 0 || rows[0].Cells.Count < 2 || rows[0].Cells[0] != "path")
        {
            throw new DatasetFormatException(file, "must start with a line \"path,labels\" or \"path,<class>,<class>,..\"");
        }

        var head = rows[0].Cells;
        var joined = head is [_, "labels"];
        var items = new List<LabelledPictures.Item>();
        foreach (var (number, cells) in rows.Skip(1))
        {
            if (cells.Count != head.Count)
            {
                throw Fail(file, number, FormattableString.Invariant($"has {cells.Count} columns where the first line has {head.Count}"));
            }

            var path = Clean(file, number, cells[0]);
            if (joined)
            {
                items.Add(new LabelledPictures.Item(path, cells[1].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), []));
                continue;
            }

            if (cells.Skip(1).FirstOrDefault(cell => cell is not ("0" or "1" or "-1")) is { } odd)
            {
                throw Fail(file, number, $"a label must be 1, 0 or -1, not \"{odd}\"");
            }

            var named = head.Zip(cells).Skip(1).ToList();
            items.Add(new LabelledPictures.Item(
                path, [.. named.Where(one => one.Second == "1").Select(one => one.First)], [.. named.Where(one => one.Second == "-1").Select(one => one.First)]));
        }

        return (items, joined ? [.. items.SelectMany(item => item.Present)] : [.. head.Skip(1)]);
    }

    private static IEnumerable<(int Number, List<string> Cells)> Rows(string file)
    {
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return (number, Cells(file, number, line));
            }
        }
    }

    private static List<string> Cells(string file, int number, string line)
    {
        var (cells, cell, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            switch (line[i])
            {
                case '"' when quoted && i + 1 < line.Length && line[i + 1] == '"':
                    cell.Append(line[i++]);
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    cells.Add(cell.ToString().Trim());
                    cell.Clear();
                    break;
                default:
                    cell.Append(line[i]);
                    break;
            }
        }

        cells.Add(cell.ToString().Trim());
        return quoted ? throw Fail(file, number, "a quotation mark is not closed") : cells;
    }

    private static string Clean(string file, int number, string? path) =>
        DatasetPaths.Normalise(path ?? "") ?? throw Fail(file, number, $"\"{path}\" leads outside the data set's folder");

    private static DatasetFormatException Fail(string file, int number, string reason) => new(file, FormattableString.Invariant($"line {number}: {reason}"));
}
