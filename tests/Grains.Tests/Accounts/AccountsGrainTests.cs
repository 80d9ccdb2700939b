using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MlTr.Abstractions.Accounts;
using MlTr.Grains.Accounts;
using MlTr.Testing;

namespace MlTr.Grains.Tests.Accounts;

/// <summary>The grain over a store in memory; <see cref="Cluster_CarriesIdentitiesTokensAndErrors"/> asks one in a cluster.</summary>
public sealed class AccountsGrainTests
{
    private const string Password = "correct horse battery";

    private readonly FakeTimeProvider _clock = new(new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryExperimentStore _store = new();

    public AccountsGrainTests() => Grain = NewGrain();

    private AccountsGrain Grain { get; set; }

    private AccountsGrain NewGrain() => new AccountsGrain(_store, _clock, NullLogger<AccountsGrain>.Instance);

    [Fact]
    public async Task Users_FirstIsAnAdmin_LastAdminStays_PasswordsAreLong_NamesAreOnes()
    {
        await RefusedAsync("first user must be an admin", () => Grain.AddUserAsync("bob", UserRole.Viewer, Password, "test"));
        await RefusedAsync("at least 12", () => Grain.AddUserAsync("ada", UserRole.Admin, "short", "test"));
        await RefusedAsync("no name", () => Grain.AddUserAsync("a/../b", UserRole.Admin, Password, "test"));
        Assert.Empty(await Grain.ListUsersAsync());

        await Grain.AddUserAsync(" Ada ", UserRole.Admin, Password, "test");
        await Grain.AddUserAsync("bob", UserRole.Viewer, Password, "test");
        await RefusedAsync("already", () => Grain.AddUserAsync("BOB", UserRole.Editor, Password, "test"));
        await RefusedAsync("last admin", () => Grain.RemoveUserAsync("ada", "test"));
        await RefusedAsync("last admin", () => Grain.SetRoleAsync("ada", UserRole.Editor, "test"));
        await RefusedAsync("no user", () => Grain.SetRoleAsync("eve", UserRole.Editor, "test"));
        Assert.False(await Grain.AddFirstAdminAsync("first", Password, "settings"));

        await Grain.SetRoleAsync("bob", UserRole.Admin, "test");
        await Grain.RemoveUserAsync("ada", "test");

        Assert.Equal([new UserSnapshot("bob", UserRole.Admin, _clock.GetUtcNow())], await Grain.ListUsersAsync());
    }

    [Fact]
    public async Task Sessions_EndWithRolePasswordAndUser_ButNotWithARestartOfTheGrain()
    {
        await Grain.AddUserAsync("ada", UserRole.Admin, Password, "test");
        await Grain.AddUserAsync("bob", UserRole.Viewer, Password, "test");
        var bob = (await Grain.LogInAsync("Bob", Password))!;
        Assert.Equal(("bob", UserRole.Viewer), (bob.User, bob.Role));
        Assert.Null(await Grain.CheckSessionAsync("ada", bob.Stamp));

        Grain = NewGrain();
        Assert.Equal(bob, await Grain.CheckSessionAsync("bob", bob.Stamp));

        await Grain.SetRoleAsync("bob", UserRole.Editor, "test");
        Assert.Null(await Grain.CheckSessionAsync("bob", bob.Stamp));
        var again = (await Grain.LogInAsync("bob", Password))!;
        await RefusedAsync("another one", () => Grain.ChangePasswordAsync("bob", "not the present one", "another password"));
        await Grain.ChangePasswordAsync("bob", Password, "another password");
        Assert.Null(await Grain.CheckSessionAsync("bob", again.Stamp));
        Assert.Null(await Grain.LogInAsync("bob", Password));
        var last = (await Grain.LogInAsync("bob", "another password"))!;
        await Grain.RemoveUserAsync("bob", "test");
        Assert.Null(await Grain.CheckSessionAsync("bob", last.Stamp));
        Assert.Null(await Grain.LogInAsync("bob", "another password"));
    }

    [Fact]
    public async Task LogIn_AfterSeveralFailures_TheNameIsLocked_ForAWhile_WhetherAnybodyHasItOrNot()
    {
        await Grain.AddUserAsync("ada", UserRole.Admin, Password, "test");
        foreach (var name in new[] { "ada", "nobody" })
        {
            for (var failure = 0; failure < FailedLogIns.Limit; failure++)
            {
                Assert.Null(await Grain.LogInAsync(name, "wrong password"));
            }

            await RefusedAsync("try again in a minute", () => Grain.LogInAsync(name, Password));
        }

        _clock.Advance(FailedLogIns.LockDuration);

        Assert.NotNull(await Grain.LogInAsync("ada", Password));
        Assert.Null(await Grain.LogInAsync("nobody", Password));
    }

    [Fact]
    public async Task Tokens_LetInUntilTheyExpire_AreRevoked_OrTheirUserMayLess()
    {
        await Grain.AddUserAsync("ada", UserRole.Admin, Password, "test");
        await Grain.AddUserAsync("bob", UserRole.Editor, Password, "test");
        await RefusedAsync("cannot be an admin", () => Grain.AddTokenAsync("bob", "ci", UserRole.Admin, null, "test"));
        await RefusedAsync("days", () => Grain.AddTokenAsync("bob", "ci", null, 0, "test"));
        var made = await Grain.AddTokenAsync("bob", "ci", null, 2, "test");
        Assert.StartsWith(made.Token.Prefix, made.Secret, StringComparison.Ordinal);
        Assert.Equal(UserRole.Editor, (await Grain.CheckTokenAsync(made.Secret))?.Role);
        Assert.Equal(_clock.GetUtcNow(), (await Grain.ListTokensAsync("bob")).Single().LastUsedAt);
        Assert.Null(await Grain.CheckTokenAsync(made.Secret[..^1]));
        Assert.DoesNotContain(made.Secret, (await _store.ListTokensAsync(null, TestContext.Current.CancellationToken)).Single().ToString(), StringComparison.Ordinal);

        await Grain.SetRoleAsync("bob", UserRole.Viewer, "test");
        Assert.Equal(UserRole.Viewer, (await Grain.CheckTokenAsync(made.Secret))?.Role);
        await RefusedAsync("no token", () => Grain.RevokeTokenAsync(made.Token.Id, "ada", "test"));
        _clock.Advance(TimeSpan.FromDays(2));
        Assert.Null(await Grain.CheckTokenAsync(made.Secret));

        var second = await Grain.AddTokenAsync("bob", "again", null, null, "test");
        Assert.NotNull(await Grain.CheckTokenAsync(second.Secret));
        await Grain.RevokeTokenAsync(second.Token.Id, "bob", "test");
        Assert.Null(await Grain.CheckTokenAsync(second.Secret));
        var third = await Grain.AddTokenAsync("bob", "third", null, null, "test");
        await Grain.RemoveUserAsync("bob", "test");
        Assert.Null(await Grain.CheckTokenAsync(third.Secret));
    }

    [Fact]
    public async Task Watch_SaysAtOnceWhetherThereIsAUser_AndTellsOfEachChange()
    {
        await using var changes = Grain.WatchAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await changes.MoveNextAsync());
        Assert.False(changes.Current);

        await Grain.AddUserAsync("ada", UserRole.Admin, Password, "test");
        Assert.True(await changes.MoveNextAsync());

        Assert.True(changes.Current);
    }

    [Fact]
    public async Task Cluster_CarriesIdentitiesTokensAndErrors()
    {
        await using var platform = new PlatformFixture();
        await platform.InitializeAsync();
        var client = platform.Client;
        await RefusedAsync("first user must be an admin", () => client.AddUserAsync("bob", UserRole.Viewer, Password));
        await client.AddUserAsync("ada", UserRole.Admin, Password);

        var ada = (await client.LogInAsync("ada", Password))!;
        var made = await client.AddTokenAsync("ada", "ci", UserRole.Viewer, 3);

        Assert.Equal(ada, await client.CheckSessionAsync("ada", ada.Stamp));
        Assert.Equal(ada with { Role = UserRole.Viewer }, await client.CheckTokenAsync(made.Secret));
        Assert.Equal(["ada"], (await client.ListUsersAsync()).Select(user => user.Name));
        Assert.Equal(made.Token.Id, (await client.ListTokensAsync()).Single().Id);
    }

    private static async Task RefusedAsync(string why, Func<Task> act) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<AccountsException>(act)).Message, StringComparison.Ordinal);
}
