using System.Diagnostics;
using Microsoft.Playwright;
using MlTr.Bench.Platform;

namespace MlTr.Bench.Pages;

/// <summary>The system's Chromium.</summary>
internal sealed class BrowserTimes : IAsyncDisposable
{
    private const int Visits = 3;

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly Uri _address;

    private BrowserTimes(IPlaywright playwright, IBrowser browser, IPage page, Uri address) => (_playwright, _browser, Page, _address) = (playwright, browser, page, address);

    public IPage Page { get; }

    /// <summary>Null where there is no Chromium.</summary>
    public static async Task<BrowserTimes?> OpenAsync(Uri address)
    {
        var chromium = Environment.GetEnvironmentVariable("MLTR_CHROMIUM") ?? "/usr/bin/chromium";
        if (!File.Exists(chromium))
        {
            Figures.Line($"{chromium} is missing, so nothing is measured in a browser: install Chromium, or name it with MLTR_CHROMIUM.");
            return null;
        }

        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = Arguments });
        return new(playwright, browser, await browser.NewPageAsync(), address);
    }

    /// <summary>Milliseconds until the page stands there, median of a few visits with a full cache.</summary>
    public async Task<double> MeasureAsync(BenchPage page)
    {
        var times = new List<double>();
        for (var visit = 0; visit <= Visits; visit++)
        {
            var started = Stopwatch.GetTimestamp();
            await Page.GotoAsync(new Uri(_address, page.Path).ToString(), new() { WaitUntil = WaitUntilState.Commit });
            await Page.WaitForSelectorAsync(page.Selector, new() { Timeout = 30_000, State = WaitForSelectorState.Attached });
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return Figures.Quantile(times.Skip(1), 0.5);
    }

    public Task OpenAsync(string path) => Page.GotoAsync(new Uri(_address, path).ToString());

    /// <summary>When an expression becomes true on the page, in milliseconds of the machine's clock; looked at before each frame.</summary>
    public Task<double> WhenAsync(string expression, object? argument) => Page.EvaluateAsync<double>(
        $$"""
        argument => new Promise(resolve => {
          const look = () => { if ({{expression}}) resolve(performance.timeOrigin + performance.now()); else setTimeout(look, 2); };
          look();
        })
        """, argument);

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
