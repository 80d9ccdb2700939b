using Microsoft.Playwright;

namespace MlTr.EndToEnd.Tests;

/// <summary>Users from the first one to a removed one, in the real program and a real browser.</summary>
public sealed class LoginTests : IDisposable
{
    private const string Password = "correct horse battery";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("mltr-login-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task LoginAndRoles()
    {
        Assert.Equal(0, await PlatformProcess.RunAsync(Password, "user", "add", "root", "--role", "admin", "--data", _data.FullName)); // before the platform ever ran
        await using var platform = PlatformProcess.Start("--data", _data.FullName, "--port", "0", "--workers", "0");
        var address = await platform.AddressAsync();
        Assert.Equal(0, await PlatformProcess.RunAsync(Password, "user", "add", "vera", "--role", "viewer", "--data", _data.FullName)); // in the one that runs
        Assert.Equal(0, await PlatformProcess.RunAsync(Password, "user", "add", "ed", "--role", "editor", "--data", _data.FullName));
        await using var browser = await BrowserSession.OpenAsync();
        var page = browser.Page;

        await Screenshots.TakeOfLoginAsync(page, address);
        await page.SetViewportSizeAsync(1440, 900);
        await page.GotoAsync($"{address}/sweeps?state=running");
        await LogInAsync(page, "vera", "a wrong password");
        await page.GetByText("The name or the password is wrong.").WaitForAsync();
        await LogInAsync(page, "vera", Password);
        await page.WaitForURLAsync($"{address}/sweeps?state=running");
        await page.Locator("[data-testid=who]").GetByText("viewer").WaitForAsync();
        Assert.Equal(0, await page.GetByText("New sweep").CountAsync());
        Assert.Equal(403, await page.EvaluateAsync<int>("async () => (await fetch('/api/cluster')).status"));
        await page.GotoAsync($"{address}/sweeps/new");
        await page.Locator("[data-testid=not-allowed]").WaitForAsync();
        await Assertions.Expect(page.Locator("[data-testid=start-sweep]")).ToBeDisabledAsync();

        var otherTab = await page.Context.NewPageAsync();
        await otherTab.GotoAsync($"{address}/workers");
        await otherTab.Locator("[data-testid=who]").GetByText("viewer").WaitForAsync();
        await Assertions.Expect(page.Locator("[data-testid=log-out]")).ToHaveTextAsync("Log out");
        await page.SetViewportSizeAsync(400, 800);
        await Assertions.Expect(page.Locator("[data-testid=log-out]")).ToBeHiddenAsync(); // there the menu has it
        await Assertions.Expect(page.Locator("[data-testid=side-log-out]")).Not.ToBeInViewportAsync(); // the menu closes by itself on a narrow screen; opened before that, it would be closed
        await page.GetByLabel("Open or close the menu").ClickAsync();
        await page.Locator("[data-testid=side-log-out]").ClickAsync();
        await page.SetViewportSizeAsync(1440, 900);
        await page.WaitForURLAsync($"{address}/login");
        await otherTab.WaitForURLAsync(url => new Uri(url).AbsolutePath == "/login"); // by itself
        await otherTab.CloseAsync();
        await page.GotoAsync($"{address}/sweeps/new");
        await LogInAsync(page, "ed", Password);
        await page.Locator("[data-testid=start-sweep]").ClickAsync();
        await page.Locator("[data-testid=sweep-state]").WaitForAsync();
        await page.GotoAsync($"{new Uri(page.Url).GetLeftPart(UriPartial.Path)}?tab=events");
        await page.GetByText("ed", new() { Exact = true }).Last.WaitForAsync(); // as who started it

        Assert.Equal(0, await PlatformProcess.RunAsync("", "user", "remove", "ed", "--data", _data.FullName));
        await page.WaitForURLAsync(url => new Uri(url).AbsolutePath == "/login"); // by itself
        await LogInAsync(page, "ed", Password);
        await page.GetByText("The name or the password is wrong.").WaitForAsync();

        await LogInAsync(page, "root", Password);
        await page.Locator("[data-testid=who]").WaitForAsync();
        await Screenshots.TakeOfAccountsAsync(page, address);
        Assert.Empty(browser.Errors);
    }

    private static async Task LogInAsync(IPage page, string name, string password)
    {
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
    }
}
