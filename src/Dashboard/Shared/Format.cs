using System.Globalization;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Dashboard.Shared;

/// <summary>How numbers and times look, everywhere the same.</summary>
internal static class Format
{
    public const string None = "–";

    private const string AsVariant = "the variant's own";

    /// <summary>A fraction as the paper prints it: 0.8312 is 83.1%.</summary>
    public static string Percent(double? fraction) => fraction is { } value && double.IsFinite(value) ? Invariant($"{value * 100:0.0}%") : None;

    /// <summary>Progress: whole percent, and 100% only when all is done.</summary>
    public static string Progress(double share) => Invariant($"{(share >= 1 ? 100 : Math.Floor(Math.Clamp(share, 0, 1) * 100)):0}%");

    public static string Duration(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "0s",
        { TotalMinutes: < 1 } => Invariant($"{span.Seconds}s"),
        { TotalHours: < 1 } => Invariant($"{span.Minutes}m {span.Seconds:00}s"),
        { TotalDays: < 1 } => Invariant($"{span.Hours}h {span.Minutes:00}m"),
        _ => Invariant($"{(int)span.TotalDays}d {span.Hours:00}h"),
    };

    public static string RelativeTime(DateTimeOffset time, DateTimeOffset now) => (now - time) switch
    {
        { TotalSeconds: < 5 } => "just now",
        { TotalMinutes: < 1 } gap => Invariant($"{gap.Seconds}s ago"),
        { TotalHours: < 1 } gap => Invariant($"{gap.Minutes} min ago"),
        { TotalDays: < 1 } gap => Invariant($"{(int)gap.TotalHours} h ago"),
        { TotalDays: < 30 } gap => gap.TotalDays < 2 ? "yesterday" : Invariant($"{(int)gap.TotalDays} days ago"),
        _ => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    };

    /// <summary>The moment in full, for tooltips.</summary>
    public static string Exact(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string Bytes(long bytes) => bytes switch
    {
        < 1_024 => Invariant($"{bytes} B"),
        < 1L << 20 => Invariant($"{bytes / 1024.0:0} KiB"),
        < 1L << 30 => Invariant($"{bytes / 1048576.0:0} MiB"),
        _ => Invariant($"{bytes / 1073741824.0:0.0} GiB"),
    };

    /// <summary>The beginning of a checksum: enough to tell two apart.</summary>
    public static string Checksum(string sha256, int letters = 10) => sha256.Length > letters ? sha256[..letters] + "…" : sha256;

    public static string Count(int number, string one, string? many = null) => Invariant($"{number:N0} {(number == 1 ? one : many ?? one + "s")}");

    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 1e-3 or >= 1e6 => value.ToString("0.##e0", CultureInfo.InvariantCulture),
        < 1 => value.ToString("0.####", CultureInfo.InvariantCulture),
        < 100 => value.ToString("0.###", CultureInfo.InvariantCulture),
        _ => value.ToString("0", CultureInfo.InvariantCulture),
    };

    /// <summary>A hyper-parameter for reading: 0.0003 stays, 1E-07 becomes 1e-7, a drawn 0.00123456789 is cut to four digits.</summary>
    public static string Value(ParameterValue value) => value.Type switch
    {
        ParameterType.Float when value.AsFloat == 0 => "0",
        ParameterType.Float when Math.Abs(value.AsFloat) < 1e-4 => value.AsFloat.ToString("0.###e0", CultureInfo.InvariantCulture),
        ParameterType.Float => value.ToString() is { Length: <= 8 } text ? text : value.AsFloat.ToString("G4", CultureInfo.InvariantCulture),
        ParameterType.Bool => value.AsBool ? "on" : "off",
        _ => value.ToString(),
    };

    /// <summary>A hyper-parameter whose value may stand for one that is decided elsewhere: then that is said, as the bare number would be taken at its word.</summary>
    public static string Value(string name, ParameterValue value) => (name, value.Type) switch
    {
        ("image_size", ParameterType.Int) when value.AsInt == 0 => AsVariant,
        ("drop_path_rate", ParameterType.Float) when value.AsFloat < 0 => AsVariant,
        _ => Value(value),
    };

    public static string Parameters(IEnumerable<KeyValuePair<string, ParameterValue>> parameters) =>
        string.Join(", ", parameters.Select(pair => $"{pair.Key} {Value(pair.Key, pair.Value)}"));

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
