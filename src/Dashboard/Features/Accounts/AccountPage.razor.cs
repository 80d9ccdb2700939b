using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Client;
using MlTr.Dashboard.Features.Accounts.Access;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Accounts;

/// <summary>One's own password and tokens.</summary>
public sealed partial class AccountPage(IMlTrClient client, Session session, TimeProvider time, NavigationManager navigation, ISnackbar snackbar)
{
    /// <summary>The page's address.</summary>
    internal const string Path = "/account";

    private static readonly (string, string)[] Durations = [("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "for ever")];

    private ImmutableArray<TokenSnapshot> _tokens = [];
    private NewToken? _made;
    private string? _problem;
    private string? _current;
    private string? _next;
    private string? _again;
    private string? _name;
    private string _days = "90";
    private UserRole _role = UserRole.Viewer;
    private bool _busy;

    [Inject] internal Browser Browser { get; set; } = null!;

    protected override Task OnInitializedAsync() => session.User is null ? Task.CompletedTask : DoAsync(LoadAsync);

    private Task ChangePasswordAsync() => DoAsync(async () =>
    {
        if (_next != _again)
        {
            throw new AccountsException("The two new passwords differ.");
        }

        await client.ChangePasswordAsync(session.User!, _current ?? "", _next ?? "");
        navigation.NavigateTo($"{LoginPage.Path}?changed=yes&{LoginCookie.ReturnParameter}={Path}", forceLoad: true);
    });

    private Task AddTokenAsync() => DoAsync(async () =>
    {
        int? days = int.TryParse(_days, NumberStyles.None, CultureInfo.InvariantCulture, out var some) ? some : null;
        _made = await client.AddTokenAsync(session.User!, (_name ?? "").Trim(), _role, days);
        _name = "";
        await LoadAsync();
    });

    private Task RevokeAsync(TokenSnapshot token) => DoAsync(async () =>
    {
        await client.RevokeTokenAsync(token.Id, session.User);
        _made = _made?.Token.Id == token.Id ? null : _made;
        await LoadAsync();
    });

    private async Task CopyAsync()
    {
        if (await Browser.CopyAsync(_made!.Secret))
        {
            snackbar.Add("Copied.");
        }
    }

    private async Task LoadAsync() => _tokens = await client.ListTokensAsync(session.User);

    private async Task DoAsync(Func<Task> act)
    {
        (_busy, _problem) = (true, null);
        try
        {
            await act();
        }
        catch (Exception failure)
        {
            _problem = failure.Message;
        }

        _busy = false;
    }
}
