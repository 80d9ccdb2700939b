using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Client;
using MlTr.Dashboard.Features.Accounts.Access;
using MlTr.Dashboard.Features.Sweeps;
using MudBlazor;

namespace MlTr.Dashboard.Features.Accounts;

/// <summary>Who may log in, for admins.</summary>
public sealed partial class UsersPage(IMlTrClient client, Session session, IDialogService dialogs, NavigationManager navigation)
{
    private ImmutableArray<UserSnapshot> _users = [];
    private UserRole _role = UserRole.Viewer;
    private string? _problem;
    private string? _name;
    private string? _password;
    private string? _resets;
    private string? _reset;
    private bool _busy;

    protected override async Task OnInitializedAsync()
    {
        if (session.May(UserRole.Admin))
        {
            await DoAsync(LoadAsync);
            _role = _users.IsEmpty ? UserRole.Admin : UserRole.Viewer;
        }
    }

    private Task AddAsync() => DoAsync(async () =>
    {
        var isFirst = _users.IsEmpty;
        await client.AddUserAsync(_name ?? "", _role, _password ?? "", SweepActions.By);
        if (isFirst)
        {
            navigation.NavigateTo(LoginPage.Path, forceLoad: true); // from now on a login is asked for
            return;
        }

        (_name, _password) = ("", "");
        await LoadAsync();
    });

    private Task SetRoleAsync(UserSnapshot user, string? text) => DoAsync(async () =>
    {
        if (AccountRules.ParseRole(text) is { } role)
        {
            await client.SetUserRoleAsync(user.Name, role, SweepActions.By);
            await LoadAsync();
        }
    });

    private Task ResetAsync() => DoAsync(async () =>
    {
        await client.SetPasswordAsync(_resets!, _reset ?? "", SweepActions.By);
        (_resets, _reset) = (null, "");
    });

    private async Task RemoveAsync(UserSnapshot user)
    {
        var sure = await dialogs.ShowMessageBoxAsync(
            $"Remove {user.Name}?", "The user is logged out everywhere, and all tokens of the user stop working. What the user has done stays in the record.", yesText: "Remove the user", noText: "Keep the user");
        if (sure == true)
        {
            await DoAsync(async () =>
            {
                await client.RemoveUserAsync(user.Name, SweepActions.By);
                await LoadAsync();
            });
        }
    }

    private async Task LoadAsync() => _users = await client.ListUsersAsync();

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
