namespace MlTr.Silo.Cli.Model;

/// <summary>Comma-separated values as RFC 4180 has them.</summary>
internal static class Csv
{
    public static string Field(string text) =>
        text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
