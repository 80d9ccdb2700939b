using System.Reflection;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Client;
using MlTr.Dashboard.Features.Accounts.Access;
using MlTr.Testing;

namespace MlTr.Dashboard.Tests.Features.Accounts;

/// <summary>Roles are enforced in one place, for every member that the client has.</summary>
public sealed class GuardedClientTests
{
    private readonly FakeMlTrClient _client = new();
    private readonly LoginState _login = new();

    public static TheoryData<string> Members => [.. Methods.Select(method => method.ToString()!)];

    private static MethodInfo[] Methods => typeof(IMlTrClient).GetMethods();

    [Fact]
    public void Members_AreEachGivenToARole_OrToEverybody_AndNoOthersAre()
    {
        var names = Methods.Select(method => method.Name).ToHashSet();

        Assert.Empty(names.Except(ClientAccess.Roles.Keys).Except(ClientAccess.Everybody));
        Assert.Empty(ClientAccess.Roles.Keys.Concat(ClientAccess.Everybody).Except(names));
        Assert.Empty(ClientAccess.Roles.Keys.Intersect(ClientAccess.Everybody));
        Assert.All(ClientAccess.Own, own => Assert.All(Methods.Where(method => method.Name == own.Key), method => Assert.Contains(own.Value, method.GetParameters().Select(parameter => parameter.Name))));
    }

    /// <summary>What writes into the record is no viewer's, but for one's own tokens.</summary>
    [Fact]
    public void Members_ThatSayWhoAsks_AreNotForViewers() => Assert.All(
        Methods.Where(method => method.GetParameters().Any(parameter => parameter.Name == "by") && !ClientAccess.Own.ContainsKey(method.Name)),
        method => Assert.True(ClientAccess.Roles[method.Name] > UserRole.Viewer, method.Name));

    [Theory]
    [MemberData(nameof(Members))]
    public void Call_WithARoleBelow_IsRefused_AndDoesNothing(string member)
    {
        var method = Methods.Single(method => method.ToString() == member);
        if (ClientAccess.Everybody.Contains(method.Name))
        {
            return;
        }

        _login.Take(hasUsers: true);
        var needed = ClientAccess.Roles[method.Name];
        Identity?[] below = [null, .. Enum.GetValues<UserRole>().Where(role => role < needed).Select(role => new Identity("ada", role, "s"))];

        Assert.All(below, identity =>
        {
            var guarded = Guarded(identity);
            Assert.Throws<NotAllowedException>(() => method.Invoke(guarded, BindingFlags.DoNotWrapExceptions, null, Values(method), null));
        });
        Assert.Empty(_client.Asked);
    }

    [Fact]
    public async Task Call_WithTheRole_IsMade_UnderTheUsersName()
    {
        _login.Take(hasUsers: true);
        var guarded = Guarded(new("ada", UserRole.Editor, "s"));

        var version = await guarded.RegisterModelAsync("kitchen", new("s", 1), by: "dashboard");

        Assert.Equal("ada", version.RegisteredBy);
    }

    [Fact]
    public async Task Call_WhereNobodyNeedsToLogIn_IsMade_AsItWasAsked()
    {
        var version = await Guarded(null).RegisterModelAsync("kitchen", new("s", 1), by: "dashboard");

        Assert.Equal("dashboard", version.RegisteredBy);
    }

    [Fact]
    public async Task Own_IsForOneself_AndForAdmins()
    {
        _login.Take(hasUsers: true);
        await Guarded(new("ada", UserRole.Viewer, "s")).AddTokenAsync("ada", "ci");

        Assert.Throws<NotAllowedException>(() => { _ = Guarded(new("ada", UserRole.Editor, "s")).AddTokenAsync("bob", "ci"); });
        Assert.Throws<NotAllowedException>(() => { _ = Guarded(new("ada", UserRole.Editor, "s")).ListTokensAsync(); });
        await Guarded(new("ada", UserRole.Admin, "s")).AddTokenAsync("bob", "ci");

        Assert.Equal(["token ada ci  ", "token bob ci  "], _client.Asked);
    }

    [Fact]
    public async Task Stream_EndsWithTheLogin()
    {
        _login.Take(hasUsers: true);
        using var session = new Session(_login);
        session.Take(new("ada", UserRole.Viewer, "s"));
        await using var pool = GuardedClient.Over(_client, session).WatchSchedulerAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await pool.MoveNextAsync());

        session.Take(null);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await pool.MoveNextAsync())
            {
                // what had come before may still be read
            }
        });
    }

    private IMlTrClient Guarded(Identity? identity)
    {
        var session = new Session(_login);
        session.Take(identity);
        return GuardedClient.Over(_client, session);
    }

    private static object?[] Values(MethodInfo method) =>
        [.. method.GetParameters().Select(parameter => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null)];
}
