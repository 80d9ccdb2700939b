using Microsoft.Playwright;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using static Microsoft.Playwright.Assertions;

namespace MlTr.EndToEnd.Tests;

/// <summary>A person's own pictures from the form to a trial's predictions, with a real browser on a real platform.</summary>
public sealed class InsightTests : IDisposable
{
    private static readonly LocatorAssertionsToBeVisibleOptions ForAMinute = new() { Timeout = 60_000 };

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("mltr-insight-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task APersonsOwnPictures_AreRegisteredSeenAndPredicted()
    {
        var pictures = Path.Combine(_data.FullName, "My kitchen");
        Pictures.Write(pictures);
        await using var browser = await BrowserSession.OpenAsync();
        var page = browser.Page;
        await using var platform = PlatformProcess.Start("--data", Path.Combine(_data.FullName, "data"), "--port", "0");
        var address = await platform.AddressAsync();

        await RegisterAsync(page, address, pictures);
        await Expect(page.GetByTestId("dataset-state")).ToHaveTextAsync("ready", new() { Timeout = 60_000 });
        await page.Locator(".tabs").GetByText("Pictures", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByTestId("pictures").Locator("img")).ToHaveCountAsync(12, new() { Timeout = 30_000 });
        await page.WaitForFunctionAsync("() => document.querySelector('[data-testid=pictures] img').naturalWidth > 0");

        var trial = await TrainAsync(address);
        await page.GotoAsync($"{address}/sweeps/{trial.SweepId}/trials/1/predictions");
        await page.GetByTestId("start-predictions").ClickAsync();
        await page.Locator("[data-field=show]").SelectOptionAsync("all", new() { Timeout = 60_000 });
        await page.GetByTestId("predictions").Locator("a[href*='show=all']").First.ClickAsync(); // a link of the list that was asked for
        await Expect(page.GetByTestId("heat-map")).ToBeVisibleAsync(ForAMinute);
        await page.GetByTestId("own-picture").SetInputFilesAsync(Path.Combine(pictures, "validation", "cup", "1.png"));
        await Expect(page.GetByTestId("own-answer")).ToContainTextAsync("plate", new() { Timeout = 60_000 });
        Assert.Empty(browser.Errors);
        await Screenshots.TakeOfPicturesAsync(page, address, "my-kitchen", $"/sweeps/{trial.SweepId}/trials/1");
    }

    /// <summary>First with a folder that is not there, then with the right one.</summary>
    private static async Task RegisterAsync(IPage page, string address, string pictures)
    {
        await page.GotoAsync(address + "/datasets");
        await page.GetByTestId("open-register").ClickAsync();
        await page.Locator("[data-field=folder]").FillAsync(pictures + "-not-there");
        await page.GetByTestId("register").ClickAsync();
        await Expect(page.GetByTestId("check-result")).ToContainTextAsync("There is no folder", new() { Timeout = 30_000 });
        await page.Locator("[data-field=folder]").FillAsync(pictures);
        await Expect(page.GetByTestId("check-result")).ToHaveCountAsync(0); // what was said of another folder is gone
        await page.GetByTestId("register").ClickAsync();
        await page.WaitForURLAsync("**/datasets/my-kitchen");
    }

    private static async Task<TrialId> TrainAsync(string address)
    {
        await using var connection = await PlatformConnection.OpenAsync(address);
        var spec = SweepBuilder.Named("Own").On("my-kitchen").Fixed("passes", 1).Fixed("image_size", 32).Fixed("batch_size", 4).Build();
        var sweep = await connection.Client.StartSweepAsync(spec);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        await foreach (var change in connection.Client.WatchSweepAsync(sweep, limit.Token))
        {
            if (change.Sweep is { IsFinal: true } final)
            {
                Assert.Equal(SweepState.Completed, final.State);
                break;
            }
        }

        return new TrialId(sweep, 1);
    }
}
