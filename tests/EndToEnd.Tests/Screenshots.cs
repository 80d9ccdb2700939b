using System.Buffers.Binary;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace MlTr.EndToEnd.Tests;

/// <summary>
/// Every page at the widths of a desk and of a pocket, light and dark, in artifacts/screenshots; at a desk each is also read by axe, which must find
/// nothing serious.
/// </summary>
internal static class Screenshots
{
    private static readonly (int Width, int Height)[] Sizes = [(1440, 900), (400, 800)];

    /// <summary>The same for a page that the server renders alone.</summary>
    private const string Plain = """
        ([dark]) => !!document.querySelector("main h1") && (Number(getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]) < 128) === dark
        """;

    /// <summary>True once a page shows its content in the wanted colours, charts included.</summary>
    private const string Drawn = """
        ([dark, wanted]) => {
          const bar = document.querySelector(".mud-appbar");
          if (!bar || !document.querySelector(".page h1") || document.querySelector("[aria-label=Loading]")) return false;
          if ((Number(getComputedStyle(bar).backgroundColor.match(/\d+/)[0]) < 128) !== dark) return false;
          if (document.querySelector(".plot:not(:has(.main-svg))")) return false;
          const charts = [...document.querySelectorAll("[data-testid=curve-chart]")];
          return charts.length >= wanted && charts.every(chart => chart.dataset.points !== "0" && chart.querySelector(".main-svg .legend, .main-svg .ytick"));
        }
        """;

    public static async Task TakeAsync(IPage page, string address, string sweep)
    {
        (string Name, string Path)[] pages =
        [
            ("home", "/"), ("sweeps", "/sweeps"), ("new-sweep", "/sweeps/new"), ("new-sweep-ablations", "/sweeps/new?template=ablations"),
            ("sweep", sweep), ("sweep-curves", $"{sweep}?tab=curves"), ("sweep-parallel", $"{sweep}?tab=parallel"), ("sweep-importance", $"{sweep}?tab=importance"),
            ("sweep-slices", $"{sweep}?tab=slices"), ("sweep-grid", $"{sweep}?tab=grid"), ("sweep-timeline", $"{sweep}?tab=timeline"), ("sweep-events", $"{sweep}?tab=events"),
            ("sweep-leaderboard", $"{sweep}/leaderboard"), ("leaderboard", "/leaderboard"), ("compare", $"/compare?trials={sweep[8..]}/1,{sweep[8..]}/2"),
            ("trial", $"{sweep}/trials/1"), ("trial-classes", $"{sweep}/trials/1?tab=classes"), ("trial-predictions", $"{sweep}/trials/1/predictions"),
            ("trial-evaluations", $"{sweep}/trials/1?tab=evaluations"), ("trial-configuration", $"{sweep}/trials/1?tab=configuration"),
            ("trial-history", $"{sweep}/trials/1?tab=history"), ("trial-log", $"{sweep}/trials/1?tab=log"),
            ("datasets", "/datasets?register=yes"), ("dataset", "/datasets/marks-mini"), ("dataset-of-marks", "/datasets/marks-mini?tab=pictures"), ("models", "/models"), ("model", "/models/first"),
            ("workers", "/workers"), ("worker", "/workers/cpu-0"), ("worker-events", "/workers/cpu-0?tab=events"), ("worker-log", "/workers/cpu-0?tab=log"),
            ("account", "/account"), ("users", "/users"), ("not-found", "/no-such-page"),
        ];
        await TakeAsync(page, address, pages, Drawn);
    }

    /// <summary>Of a person's own dataset and of a trial whose predictions are computed.</summary>
    public static Task TakeOfPicturesAsync(IPage page, string address, string dataset, string trial) => TakeAsync(
        page,
        address,
        [
            .. new[] { "classes", "together", "sizes", "pictures", "shards" }.Select(tab => ($"dataset-{tab}", $"/datasets/{dataset}?tab={tab}")),
            ("trial-mistakes", $"{trial}/predictions"), ("trial-all-pictures", $"{trial}/predictions?show=all"), ("trial-classes-by-size", $"{trial}?tab=classes"),
        ],
        Drawn);

    /// <summary>Of the page as it is at this moment.</summary>
    public static Task TakeNowAsync(IPage page, string name) =>
        page.ScreenshotAsync(new() { Path = Path.Combine(PlatformProcess.Root(), "artifacts", "screenshots", $"{name}.png"), FullPage = true });

    /// <summary>Of somebody who has logged in.</summary>
    public static Task TakeOfAccountsAsync(IPage page, string address) => TakeAsync(page, address, [("account-of-admin", "/account"), ("users-of-admin", "/users")], Drawn);

    /// <summary>Of somebody who has not.</summary>
    public static Task TakeOfLoginAsync(IPage page, string address) => TakeAsync(page, address, [("login", "/login?return=%2Fsweeps")], Plain);

    private static async Task TakeAsync(IPage page, string address, (string Name, string Path)[] pages, string drawnScript)
    {
        var folder = Path.Combine(PlatformProcess.Root(), "artifacts", "screenshots");
        var barriers = new List<string>();
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
            foreach (var (width, height) in Sizes)
            {
                await page.SetViewportSizeAsync(width, height);
                foreach (var (name, path) in pages)
                {
                    await page.GotoAsync(address + path);
                    await page.WaitForFunctionAsync(drawnScript, new object[] { scheme == ColorScheme.Dark, name switch { "sweep-curves" => 2, "trial" => 5, _ => 0 } });
                    if (name == "home")
                    {
                        await page.Locator("[data-testid=disk-use]").WaitForAsync(); // comes last
                    }

                    var file = Path.Combine(folder, $"{name}-{width}-{scheme}.png".ToLowerInvariant());
                    var picture = await page.ScreenshotAsync(new() { Path = file, FullPage = true });
                    var drawn = BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(16)); // the picture is as wide as what the page really lays out
                    Assert.True(drawn == width, $"{path} is {drawn} pixels wide in a window of {width}: see {file}");
                    Assert.Equal(1, await page.Locator("h1").CountAsync());
                    if (width == Sizes[0].Width)
                    {
                        barriers.AddRange((await BarriersAsync(page)).Select(barrier => $"{path}, {scheme}: {barrier}"));
                    }
                }
            }
        }

        Assert.True(barriers.Count == 0, string.Join('\n', barriers));
    }

    private static async Task<IEnumerable<string>> BarriersAsync(IPage page) => (await page.RunAxe()).Violations
        .Where(violation => violation.Impact is "serious" or "critical")
        .Select(violation => $"{violation.Id}: {violation.Help}: {string.Join("; ", violation.Nodes.Take(3).Select(node => node.Html))}");
}
