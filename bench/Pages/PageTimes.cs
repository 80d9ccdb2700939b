using System.Diagnostics;
using MlTr.Bench.Platform;

namespace MlTr.Bench.Pages;

/// <summary>How long each page takes: its document, its content on the server's side, and in a browser.</summary>
internal static class PageTimes
{
    public const double GoalMilliseconds = 500;
    private const int Visits = 5;

    /// <returns>The names of the pages that miss the goal.</returns>
    public static async Task<List<string>> MeasureAsync(HttpClient http, BrowserTimes? browser, string name)
    {
        var missed = new List<string>();
        Figures.Line($"Milliseconds until a page shows its content (goal {GoalMilliseconds:0}): from the request, over its document, to the first picture of its content that leaves the server; 'browser' until Chromium shows it");
        Figures.Line($"  {"page",-30} {"document",8} {"cold",8} {"warm",8} {"browser",8} {"KiB sent",9}");
        foreach (var page in BenchPage.All.Where(page => page.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))
        {
            try
            {
                var (_, cold, _) = await VisitAsync(http, page);
                var warm = new List<(double Document, double Content, long Bytes)>();
                for (var visit = 0; visit < Visits; visit++)
                {
                    warm.Add(await VisitAsync(http, page));
                }

                var content = Figures.Quantile(warm.Select(visit => visit.Content), 0.5);
                var seen = browser is null ? double.NaN : await browser.MeasureAsync(page);
                var isMissed = Math.Max(content, cold) > GoalMilliseconds;
                Figures.Line($"  {page.Name,-30} {Figures.Quantile(warm.Select(visit => visit.Document), 0.5),8:0.0} {cold,8:0} {content,8:0} {seen,8:0} {warm.Max(visit => visit.Bytes) / 1024,9:0} {(isMissed ? "MISSED" : "met")}");
                if (isMissed)
                {
                    missed.Add(page.Name);
                }
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                Figures.Line($"  {page.Name,-30} did not show its content: {error.Message}");
                missed.Add(page.Name);
            }
        }

        return missed;
    }

    private static async Task<(double Document, double Content, long Bytes)> VisitAsync(HttpClient http, BenchPage page)
    {
        var started = Stopwatch.GetTimestamp();
        var (circuit, shown) = await Circuit.OpenAsync(http, page.Path, page.Shows);
        await using (circuit)
        {
            var at = await shown;
            return (Stopwatch.GetElapsedTime(started, circuit.DocumentAt).TotalMilliseconds, Stopwatch.GetElapsedTime(started, at).TotalMilliseconds, circuit.Drawn);
        }
    }
}
