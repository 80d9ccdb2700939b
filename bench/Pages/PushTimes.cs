using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;
using MlTr.Bench.Platform;
using MlTr.Grains.Trials;

namespace MlTr.Bench.Pages;

/// <summary>From a report's acknowledgement, which means that it is durable, until a browser shows it.</summary>
internal static class PushTimes
{
    private const double GoalMilliseconds = 250;
    private const int Updates = 40;
    private const long Epoch = 1_000_000;

    private static readonly TrialId Trial = new(GeneratedStore.Many, GeneratedStore.Trials);

    /// <returns>True if the goal is met.</returns>
    public static async Task<bool> MeasureAsync(IGrainFactory grains, BrowserTimes browser)
    {
        var reports = grains.GetGrain<ITrialReports>(Trial.ToString());
        await reports.BeginAsync(Epoch, "bench", "cpu");
        await reports.ReportAsync(new TrialReport(Epoch) { Start = new AttemptStart(0, 1_000_000, "bench"), Step = 1, Points = [new(MetricNames.TrainLoss, 1, 1), new(MetricNames.MeanAveragePrecision, 1, 0.9)] });
        Figures.Line($"Milliseconds from an update's commit until Chromium shows it (goal {GoalMilliseconds:0}), {Updates} updates at uneven times: median, 95 %");
        var step = 1L;
        var met = true;
        foreach (var (name, path, expression) in new[]
        {
            ("trial: its step", $"/sweeps/{GeneratedStore.Many}/trials/{Trial.Number}", "[...document.querySelectorAll('dl.facts dd')].some(one => one.textContent.startsWith(`${argument} of`))"),
            ("trial: the loss drawn", $"/sweeps/{GeneratedStore.Many}/trials/{Trial.Number}", "[...document.querySelectorAll('.js-plotly-plot')].some(one => one.data?.some(line => line.x.at(-1) === argument))"),
            ("sweep's leaderboard", $"/sweeps/{GeneratedStore.Many}/leaderboard", "document.querySelector('[data-testid=leaderboard-row]')?.dataset.value == 0.9 + argument * 1e-6"),
            ("leaderboard of all", "/leaderboard", "document.querySelector('[data-testid=leaderboard-row]')?.dataset.value == 0.9 + argument * 1e-6"),
        })
        {
            await browser.OpenAsync(path);
            await browser.Page.WaitForSelectorAsync(path.EndsWith("leaderboard", StringComparison.Ordinal) ? "[data-testid=leaderboard-row]" : ".js-plotly-plot .main-svg", new() { Timeout = 60_000 });
            var times = new List<double>();
            var random = new Random(1);
            for (var update = 0; update < Updates; update++)
            {
                await Task.Delay(random.Next(300, 1_500));
                step++;
                var seen = browser.WhenAsync(expression, step);
                await reports.ReportAsync(new TrialReport(Epoch)
                {
                    Step = step,
                    Points = [new(MetricNames.TrainLoss, step, 1.0 / step), new(MetricNames.MeanAveragePrecision, step, 0.9 + (step * 1e-6))],
                });
                var committed = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;
                times.Add(Math.Max(0, await seen.WaitAsync(TimeSpan.FromMinutes(1)) - committed));
            }

            var late = Figures.Quantile(times, 0.95);
            met &= late <= GoalMilliseconds;
            Figures.Line($"  {name,-30} {Figures.Quantile(times, 0.5),8:0} {late,8:0} {(late <= GoalMilliseconds ? "met" : "MISSED")}");
        }

        return met;
    }
}
