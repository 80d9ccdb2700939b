using System.Diagnostics;
using MlTr.Abstractions.Datasets;
using MlTr.Bench.Pages;
using MlTr.Bench.Platform;

namespace MlTr.Bench;

/// <summary>The dashboard of the real program over a generated store: how fast pages open, how fast updates arrive, what watching costs.</summary>
internal static class PagesVerb
{
    /// <param name="only">pages, push or watchers; empty for all.</param>
    /// <param name="name">Of the pages only those with this in their name.</param>
    public static async Task<int> RunAsync(string only, string name = "")
    {
        if (only is not ("" or "pages" or "push" or "watchers"))
        {
            await Console.Error.WriteLineAsync($"There is no part '{only}': it is pages, push or watchers.");
            return 2;
        }

        using var folder = new TemporaryFolder();
        var started = Stopwatch.GetTimestamp();
        await GeneratedStore.WriteAsync(Path.Combine(folder.Path, "mltr.db"));
        Figures.Line($"Store: one sweep of {GeneratedStore.Trials:N0} trials, the last of which runs, one trial with curves of {GeneratedStore.CurvePoints:N0} points, {GeneratedStore.SmallSweeps} small sweeps; written in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");

        using var platform = PlatformUnderTest.Start(folder.Path);
        using var http = new HttpClient { BaseAddress = new Uri(await platform.AddressAsync) };
        using var control = Process.GetProcessById(platform.Id);
        await platform.WorkerAsync;
        await using var client = await GrainClient.OpenAsync(http);
        while ((await client.Client.GetDatasetAsync("marks-mini")).State != DatasetState.Ready)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200)); // its sweep has asked for it: the pages must not share the cores with that
        }

        await using var browser = await BrowserTimes.OpenAsync(http.BaseAddress);
        var met = true;
        if (only is "" or "pages")
        {
            var missed = await PageTimes.MeasureAsync(http, browser, name);
            met &= missed.Count == 0;
            Figures.Line($"  {BenchPage.All.Length - missed.Count} of {BenchPage.All.Length} pages meet the goal; memory of the control process {control.WorkingSet64 / 1048576.0:0} MiB");
        }

        if (only is "" or "push" && browser is not null)
        {
            met &= await PushTimes.MeasureAsync(client.Grains, browser);
        }

        if (only is "" or "watchers")
        {
            await WatcherShare.MeasureAsync(http, client, control);
        }

        return met ? 0 : 1;
    }
}
