using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MlTr.Abstractions.Accounts;
using MlTr.Dashboard.Features.Accounts;
using MlTr.Dashboard.Features.Accounts.Access;
using MlTr.Dashboard.Features.Workers;

namespace MlTr.Dashboard.Tests.Features.Accounts;

public sealed class AccountPagesTests : PageTest
{
    [Fact]
    public async Task Account_ChangePassword_OfTwoThatDiffer_ChangesNothing_AndOfTheSameLeadsToTheLogin()
    {
        await LogInAsync("ada", UserRole.Viewer);
        var page = Open<AccountPage>("/account");

        await TypeAsync(page, ("current", Password), ("next", "another password"), ("again", "yet another one"));
        await page.Find("[data-testid=change-password]").SubmitAsync();
        Assert.Contains("differ", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Equal(Password, Client.Users["ada"].Password);

        await TypeAsync(page, ("again", "another password"));
        await page.Find("[data-testid=change-password]").SubmitAsync();

        Assert.Equal("another password", Client.Users["ada"].Password);
        Assert.Contains("/login?changed=yes&return=/account", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoBarAndWhoSide_SayWhoItIs_AndLogOutInWords()
    {
        await LogInAsync("ada", UserRole.Editor);

        var (bar, side) = (Render<WhoBar>(), Render<WhoSide>());

        Assert.Contains("ada", bar.Find("[data-testid=who]").TextContent, StringComparison.Ordinal);
        Assert.Equal("Log out", bar.Find("[data-testid=log-out]").TextContent.Trim());
        Assert.Equal("/account", side.Find("[data-testid=side-who] a").GetAttribute("href"));
        Assert.Equal("Log out", side.Find("[data-testid=side-log-out]").TextContent.Trim());
    }

    [Fact]
    public async Task Account_Token_IsShownOnce_ListedByItsBeginning_AndRevoked()
    {
        await LogInAsync("ada", UserRole.Editor);
        var page = Open<AccountPage>("/account");
        Assert.Equal(["viewer", "editor"], page.Find("[data-testid=add-token] select").QuerySelectorAll("option").Select(option => option.TextContent));

        await TypeAsync(page, ("token-name", "nightly"));
        await page.Find("[data-testid=add-token]").SubmitAsync();
        Assert.Contains("mltr_nightly-secret", page.Find("[data-testid=secret]").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("mltr_nightly-secret", page.Find("[data-testid=tokens]").TextContent, StringComparison.Ordinal);

        await page.Find("[data-testid=revoke]").ClickAsync();

        Assert.Empty(page.FindAll("[data-testid=secret]"));
        Assert.Contains("revoked", page.Find("[data-testid=tokens]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_AddRoleAndPassword_AreAskedFor_AndWhatIsRefusedIsSaid()
    {
        await LogInAsync("root", UserRole.Admin);
        var page = Open<UsersPage>("/users");

        await TypeAsync(page, ("user-name", "bob"), ("user-password", "short"));
        await page.Find("[data-testid=add-user]").SubmitAsync();
        Assert.Contains("too short", page.Find("[data-testid=problem]").TextContent, StringComparison.Ordinal);

        await TypeAsync(page, ("user-password", Password));
        await page.Find("[data-testid=add-user]").SubmitAsync();
        await page.Find("[data-user=bob] select").ChangeAsync("Editor");
        await page.Find("[data-user=bob] [data-testid=reset]").ClickAsync();
        await TypeAsync(page, ("reset", "another password"));
        await page.Find("[data-testid=reset-form]").SubmitAsync();

        Assert.Empty(page.FindAll("[data-testid=problem]"));
        Assert.Equal((UserRole.Editor, "another password"), (Client.Users["bob"].User.Role, Client.Users["bob"].Password));
    }

    [Fact]
    public async Task Users_ForAnEditor_ShowsNobody()
    {
        await LogInAsync("ada", UserRole.Editor);

        var page = Open<UsersPage>("/users");

        Assert.Contains("Only admins", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-testid=add-user]"));
    }

    [Fact]
    public void Users_WithoutAny_SaysThatEverybodyMay_AndOffersTheFirstAdmin()
    {
        var page = Open<UsersPage>("/users");

        Assert.NotNull(page.Find("[data-testid=login-off]"));
        Assert.Equal("Admin", page.Find("[data-testid=add-user] select").GetAttribute("value"));
    }

    [Fact]
    public async Task Workers_ForAnEditor_HasNoDrain()
    {
        Client.Scheduler = new([], [Show.Worker("worker-1")]);
        await LogInAsync("ada", UserRole.Editor);

        var page = Open<WorkersPage>("/workers");

        page.WaitForElement("[data-testid=worker-row]");
        Assert.Empty(page.FindAll("[data-testid=drain]"));
    }

    [Theory]
    [InlineData("/sweeps?a=1", "/sweeps?a=1")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("/a\r\nSet-Cookie: b", "/")]
    [InlineData(null, "/")]
    public void Return_IsLocalOnly(string? asked, string expected) => Assert.Equal(expected, LoginCookie.Local(asked));

    private static async Task TypeAsync(IRenderedComponent<Microsoft.AspNetCore.Components.IComponent> page, params (string Field, string Text)[] typed)
    {
        foreach (var (field, text) in typed)
        {
            var input = page.Find($"[data-field={field}]");
            await (field.StartsWith("token-", StringComparison.Ordinal) || field == "user-name" ? input.InputAsync(text) : input.ChangeAsync(text));
        }
    }
}
