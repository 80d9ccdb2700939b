using System.Globalization;

namespace MlTr.Abstractions;

/// <summary>Finds what somebody who mistyped a name may have meant.</summary>
public static class NearNames
{
    private const int MostTypos = 2;

    /// <summary>The known name nearest to the one typed; null if none is at most two letters away, or the only one that begins with it.</summary>
    public static string? Find(string typed, IEnumerable<string> known)
    {
        var names = known.ToList();
        var most = Math.Min(MostTypos, typed.Length - 1); // any two letters are two typos away from "id"
        return names.Select(name => (Name: name, Distance: Distance(name, typed))).Where(one => one.Distance <= most).OrderBy(one => one.Distance).Select(one => one.Name).FirstOrDefault()
            ?? (typed.Length > MostTypos && names.Where(name => name.StartsWith(typed, StringComparison.OrdinalIgnoreCase)).ToList() is [var only] ? only : null);
    }

    /// <summary>The question after a message about a name that is not known, with a space behind it; nothing if no known name is near.</summary>
    public static string Ask(string typed, IEnumerable<string> known) => Find(typed, known) is { } near ? $"Did you mean {near}? " : "";

    /// <summary>How many letters must be changed, put in or left out (Levenshtein).</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        foreach (var (letter, i) in left.ToLowerInvariant().Select((letter, i) => (letter, i)))
        {
            var corner = row[0];
            row[0] = i + 1;
            for (var j = 1; j <= right.Length; j++)
            {
                (corner, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, corner + (letter == char.ToLower(right[j - 1], CultureInfo.InvariantCulture) ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
