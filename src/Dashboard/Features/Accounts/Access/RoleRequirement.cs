using Microsoft.AspNetCore.Authorization;
using MlTr.Abstractions.Accounts;

namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>Asks for a role, where a login is asked for at all.</summary>
internal sealed record RoleRequirement(UserRole Role) : IAuthorizationRequirement;

internal sealed class RoleHandler(LoginState login) : AuthorizationHandler<RoleRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RoleRequirement requirement)
    {
        if (!login.IsOn || context.User.LoggedIn()?.Role >= requirement.Role)
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
