using System.Collections.Immutable;

namespace MlTr.Abstractions.Workers;

/// <summary>
/// Names and values that tell workers apart, such as <c>gpu=h100, site=north</c>; and the same text as what a sweep asks of its workers. Every worker has
/// <c>device</c> (<c>cpu</c> or <c>cuda</c>) and <c>machine</c> besides those it was started with.
/// </summary>
public static class WorkerLabels
{
    /// <summary>Reads labels parted by commas; of a name that comes twice the last value counts. Empty text has none.</summary>
    /// <exception cref="FormatException">A part is not <c>name=value</c>; the message says which.</exception>
    public static ImmutableSortedDictionary<string, string> Parse(string text)
    {
        var labels = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.OrdinalIgnoreCase, StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('=', StringSplitOptions.TrimEntries) is not [{ Length: > 0 } name, { Length: > 0 } value])
            {
                throw new FormatException($"'{part}' is no label: write name=value, parted by commas, such as gpu=h100, site=north.");
            }

            labels[name] = value;
        }

        return labels.ToImmutable();
    }

    /// <summary>Whether a worker has every label that is asked for.</summary>
    public static bool Match(ImmutableSortedDictionary<string, string> wanted, ImmutableSortedDictionary<string, string> offered) =>
        wanted.All(label => offered.TryGetValue(label.Key, out var value) && string.Equals(value, label.Value, StringComparison.OrdinalIgnoreCase));

    /// <summary>The text of labels, sorted by name.</summary>
    public static string Write(ImmutableSortedDictionary<string, string> labels) => string.Join(", ", labels.Select(label => $"{label.Key}={label.Value}"));
}
