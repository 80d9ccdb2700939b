using MlTr.Abstractions.Accounts;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Cli.Platform;
using MlTr.Silo.Hosting;
using MlTr.Testing;
using Spectre.Console;

namespace MlTr.Silo.Tests.Cli.Platform;

public sealed class AccountVerbsTests : IDisposable
{
    private readonly FakeMlTrClient _client = new();
    private readonly StringWriter _output = new();

    public void Dispose() => _output.Dispose();

    [Fact]
    public async Task User_AddRolePasswordListRemove_DoWhatTheySay()
    {
        await UserAsync("a long password", "add", "ada", "--role", "admin");
        await UserAsync("a long password\n", "add", "bob", "--role", "Viewer");
        await UserAsync("", "role", "bob", "editor");
        await UserAsync("another password", "password", "bob");
        Assert.Equal((UserRole.Editor, "another password"), (_client.Users["bob"].User.Role, _client.Users["bob"].Password));
        await UserAsync("", "list");
        Assert.Contains("bob", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("password\n", _output.ToString().Replace("a new password", "", StringComparison.Ordinal), StringComparison.Ordinal);

        await UserAsync("", "remove", "bob");

        Assert.Equal(["ada"], _client.Users.Keys);
    }

    [Theory]
    [InlineData("a long password", "--role", "add", "bob")]
    [InlineData("a long password", "no role 'boss'", "add", "bob", "--role", "boss")]
    [InlineData("a long password", "no role '2'", "add", "bob", "--role", "2")]
    [InlineData("short", "at least 12", "add", "bob", "--role", "viewer")]
    [InlineData("", "No password", "add", "bob", "--role", "viewer")]
    [InlineData("", "user takes", "ad", "bob")]
    [InlineData("", "last admin", "remove", "root")]
    public async Task User_WhatCannotBe_IsOneLine(string typed, string says, params string[] words)
    {
        await _client.AddUserAsync("root", UserRole.Admin, "a long password");

        var error = await Assert.ThrowsAsync<PlatformException>(() => UserAsync(typed, words));

        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(["root"], _client.Users.Keys);
    }

    [Fact]
    public async Task Token_Add_PrintsTheSecretAlone_AndRevokeEndsIt()
    {
        await TokenAsync("add", "--user", "ada", "--name", "nightly", "--role", "viewer", "--days", "30");
        Assert.Equal("mltr_nightly-secret", _output.ToString().Trim());
        await TokenAsync("list");
        Assert.Contains("mltr_nightl…", _output.ToString(), StringComparison.Ordinal);

        await TokenAsync("revoke", "t1");

        Assert.Null(await _client.CheckTokenAsync("mltr_nightly-secret"));
    }

    [Theory]
    [InlineData("--user", "add", "--name", "x")]
    [InlineData("--days", "add", "--user", "a", "--name", "x", "--days", "0")]
    [InlineData("token takes", "remove", "x")]
    public async Task Token_WhatCannotBe_IsOneLine(string says, params string[] words) =>
        Assert.Contains(says, (await Assert.ThrowsAsync<PlatformException>(() => TokenAsync(words))).Message, StringComparison.Ordinal);

    private IAnsiConsole Terminal()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = 200;
        return console;
    }

    private Task<int> UserAsync(string typed, params string[] words)
    {
        var console = Terminal();
        return AccountVerbs.UserAsync(_client, VerbArguments.Parse(AccountVerbs.Users, words), console, new PasswordInput(console, new StringReader(typed)), TestContext.Current.CancellationToken);
    }

    private Task<int> TokenAsync(params string[] words) => AccountVerbs.TokenAsync(_client, VerbArguments.Parse(AccountVerbs.Tokens, words), Terminal());
}
