using Microsoft.Playwright;

namespace MlTr.EndToEnd.Tests;

/// <summary>The system's Chromium, with one page that remembers what went wrong in it.</summary>
internal sealed class BrowserSession : IAsyncDisposable
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private BrowserSession(IPlaywright playwright, IBrowser browser, IPage page) => (_playwright, _browser, Page) = (playwright, browser, page);

    public IPage Page { get; }

    /// <summary>Errors of scripts, in order, each with its time and page.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Opens the browser. Where there is none the test is skipped, in CI it fails.</summary>
    public static async Task<BrowserSession> OpenAsync()
    {
        var chromium = Environment.GetEnvironmentVariable("MLTR_CHROMIUM") ?? "/usr/bin/chromium";
        if (!File.Exists(chromium))
        {
            var missing = $"{chromium} is missing: install Chromium, or name it with MLTR_CHROMIUM.";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", missing);
            Assert.Skip(missing);
        }

        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = Arguments });
        var page = await (await browser.NewContextAsync()).NewPageAsync(); // a context of its own may have more tabs
        page.SetDefaultTimeout(60_000);
        var session = new BrowserSession(playwright, browser, page);
        page.PageError += (_, error) => session.Errors.Add($"{TimeProvider.System.GetUtcNow():HH:mm:ss} {new Uri(page.Url).AbsolutePath}: {error}");
        return session;
    }

    public async ValueTask DisposeAsync()
    {
        // What the test saw last: the first thing to look at when it failed.
        await Page.ScreenshotAsync(new() { Path = Path.Combine(PlatformProcess.Root(), "artifacts", "screenshots", "last.png") });
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
