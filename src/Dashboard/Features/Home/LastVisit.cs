using System.Globalization;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Home;

/// <summary>When this browser was here before. Visits within half an hour are one, so that a reload does not make everything old.</summary>
internal static class LastVisit
{
    private const string Key = "mltr-visits";
    private const string Pattern = "O";
    private static readonly TimeSpan Apart = TimeSpan.FromMinutes(30);

    /// <summary>Notes this visit.</summary>
    /// <returns>The time of the visit before; null if there was none.</returns>
    public static async Task<DateTimeOffset?> NoteAsync(Browser browser, DateTimeOffset now)
    {
        var (before, latest) = Parse(await browser.ReadAsync(Key));
        if (latest is null || now - latest > Apart)
        {
            before = latest;
        }

        await browser.WriteAsync(Key, string.Join(' ', new[] { before ?? now, now }.Select(time => time.ToString(Pattern, CultureInfo.InvariantCulture))));
        return before == now ? null : before;
    }

    private static (DateTimeOffset? Before, DateTimeOffset? Latest) Parse(string? kept) =>
        kept?.Split(' ') is [var before, var latest] && Read(before) is { } one && Read(latest) is { } other ? (one, other) : (null, null);

    private static DateTimeOffset? Read(string text) =>
        DateTimeOffset.TryParseExact(text, Pattern, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) ? time : null;
}
