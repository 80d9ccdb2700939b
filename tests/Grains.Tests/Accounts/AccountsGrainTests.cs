using Microsoft.Extensions.Time.Testing;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Client;
using MlTr.Grains.Accounts;
using Orleans.Core.Internal;

namespace MlTr.Grains.Tests.Accounts;

/// <summary>One story on a cluster of its own for all: there is one list of users in a platform.</summary>
public sealed class AccountsGrainTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private readonly FakeTimeProvider _clock = new(new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.Zero };
    private PlatformFixture _platform = null!;

    private IMlTrClient Client => _platform.Client;

    public async ValueTask InitializeAsync()
    {
        _platform = new PlatformFixture { Clock = _clock };
        await _platform.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task Users_FirstIsAnAdmin_LastAdminStays_PasswordsAreLong_NamesAreOnes()
    {
        await RefusedAsync("first user must be an admin", () => Client.AddUserAsync("bob", UserRole.Viewer, Password));
        await RefusedAsync("at least 12", () => Client.AddUserAsync("ada", UserRole.Admin, "short"));
        await RefusedAsync("no name", () => Client.AddUserAsync("a/../b", UserRole.Admin, Password));
        Assert.Empty(await Client.ListUsersAsync());

        await Client.AddUserAsync(" Ada ", UserRole.Admin, Password);
        await Client.AddUserAsync("bob", UserRole.Viewer, Password);
        await RefusedAsync("already", () => Client.AddUserAsync("BOB", UserRole.Editor, Password));
        await RefusedAsync("last admin", () => Client.RemoveUserAsync("ada"));
        await RefusedAsync("last admin", () => Client.SetUserRoleAsync("ada", UserRole.Editor));
        await RefusedAsync("no user", () => Client.SetUserRoleAsync("eve", UserRole.Editor));
        Assert.False(await _platform.Grains.GetGrain<IAccountsGrain>(IAccountsGrain.Key).AddFirstAdminAsync("first", Password, "settings"));

        await Client.SetUserRoleAsync("bob", UserRole.Admin);
        await Client.RemoveUserAsync("ada");

        Assert.Equal([new UserSnapshot("bob", UserRole.Admin, _clock.GetUtcNow())], await Client.ListUsersAsync());
    }

    [Fact]
    public async Task Sessions_EndWithRolePasswordAndUser_ButNotWithARestartOfTheGrain()
    {
        await Client.AddUserAsync("ada", UserRole.Admin, Password);
        await Client.AddUserAsync("bob", UserRole.Viewer, Password);
        var bob = (await Client.LogInAsync("Bob", Password))!;
        Assert.Equal(("bob", UserRole.Viewer), (bob.User, bob.Role));
        Assert.Null(await Client.CheckSessionAsync("ada", bob.Stamp));

        await _platform.Grains.GetGrain<IAccountsGrain>(IAccountsGrain.Key).AsReference<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);
        Assert.Equal(bob, await Client.CheckSessionAsync("bob", bob.Stamp));

        await Client.SetUserRoleAsync("bob", UserRole.Editor);
        Assert.Null(await Client.CheckSessionAsync("bob", bob.Stamp));
        var again = (await Client.LogInAsync("bob", Password))!;
        await RefusedAsync("another one", () => Client.ChangePasswordAsync("bob", "not the present one", "another password"));
        await Client.ChangePasswordAsync("bob", Password, "another password");
        Assert.Null(await Client.CheckSessionAsync("bob", again.Stamp));
        Assert.Null(await Client.LogInAsync("bob", Password));
        var last = (await Client.LogInAsync("bob", "another password"))!;
        await Client.RemoveUserAsync("bob");
        Assert.Null(await Client.CheckSessionAsync("bob", last.Stamp));
        Assert.Null(await Client.LogInAsync("bob", "another password"));
    }

    [Fact]
    public async Task LogIn_AfterSeveralFailures_TheNameIsLocked_ForAWhile_WhetherAnybodyHasItOrNot()
    {
        await Client.AddUserAsync("ada", UserRole.Admin, Password);
        foreach (var name in new[] { "ada", "nobody" })
        {
            for (var failure = 0; failure < FailedLogIns.Limit; failure++)
            {
                Assert.Null(await Client.LogInAsync(name, "wrong password"));
            }

            await RefusedAsync("try again in a minute", () => Client.LogInAsync(name, Password));
        }

        _clock.Advance(FailedLogIns.LockDuration);

        Assert.NotNull(await Client.LogInAsync("ada", Password));
        Assert.Null(await Client.LogInAsync("nobody", Password));
    }

    [Fact]
    public async Task Tokens_LetInUntilTheyExpire_AreRevoked_OrTheirUserMayLess()
    {
        await Client.AddUserAsync("ada", UserRole.Admin, Password);
        await Client.AddUserAsync("bob", UserRole.Editor, Password);
        await RefusedAsync("cannot be an admin", () => Client.AddTokenAsync("bob", "ci", UserRole.Admin));
        await RefusedAsync("days", () => Client.AddTokenAsync("bob", "ci", null, 0));
        var made = await Client.AddTokenAsync("bob", "ci", days: 2);
        Assert.StartsWith(made.Token.Prefix, made.Secret, StringComparison.Ordinal);
        Assert.Equal(UserRole.Editor, (await Client.CheckTokenAsync(made.Secret))?.Role);
        Assert.Equal(_clock.GetUtcNow(), (await Client.ListTokensAsync("bob")).Single().LastUsedAt);
        Assert.Null(await Client.CheckTokenAsync(made.Secret[..^1]));
        Assert.DoesNotContain(made.Secret, (await _platform.Store.ListTokensAsync(null, TestContext.Current.CancellationToken)).Single().ToString(), StringComparison.Ordinal);

        await Client.SetUserRoleAsync("bob", UserRole.Viewer);
        Assert.Equal(UserRole.Viewer, (await Client.CheckTokenAsync(made.Secret))?.Role);
        await RefusedAsync("no token", () => Client.RevokeTokenAsync(made.Token.Id, "ada"));
        _clock.Advance(TimeSpan.FromDays(2));
        Assert.Null(await Client.CheckTokenAsync(made.Secret));

        var second = await Client.AddTokenAsync("bob", "again");
        Assert.NotNull(await Client.CheckTokenAsync(second.Secret));
        await Client.RevokeTokenAsync(second.Token.Id, "bob");
        Assert.Null(await Client.CheckTokenAsync(second.Secret));
        var third = await Client.AddTokenAsync("bob", "third");
        await Client.RemoveUserAsync("bob");
        Assert.Null(await Client.CheckTokenAsync(third.Secret));
    }

    [Fact]
    public async Task Watch_SaysAtOnceWhetherThereIsAUser_AndTellsOfEachChange()
    {
        await using var changes = Client.WatchAccountsAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await changes.MoveNextAsync());
        Assert.False(changes.Current);

        await Client.AddUserAsync("ada", UserRole.Admin, Password);
        Assert.True(await changes.MoveNextAsync());

        Assert.True(changes.Current);
    }

    private static async Task RefusedAsync(string why, Func<Task> act) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<AccountsException>(act)).Message, StringComparison.Ordinal);
}
