using MlTr.Dashboard.Features.Accounts.Access;
using MlTr.Grains.Storage;
using MlTr.Silo.Cli.Platform;

namespace MlTr.Silo.Hosting;

/// <summary>Refuses, before anything else of a control process starts, to be reached by others where nobody needs to log in.</summary>
internal sealed class LoginCheck(IExperimentStore store, LoginState login, PlatformOptions options, IConfiguration configuration) : IHostedService
{
    /// <exception cref="PlatformException">Others can reach the process, and nobody needs to log in.</exception>
    public static void ThrowIfOpen(bool hasUsers, IConfiguration configuration, PlatformOptions options)
    {
        if (!hasUsers && WebAddresses.Open(configuration, options) is { } open)
        {
            throw new PlatformException(
                $"{open} can be reached by others, and there is no user yet: add an admin with {AccountVerbs.AddAdmin} (or Platform:FirstAdmin), or stay on this machine with --port.");
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var hasUsers = !(await store.ListUsersAsync(cancellationToken)).IsEmpty;
        login.Take(hasUsers);
        if (!hasUsers && options.FirstAdmin.Length > 0)
        {
            await FirstAdmin.ReadPasswordAsync(options, cancellationToken); // whatever is wrong with it is said now
            return;
        }

        ThrowIfOpen(hasUsers, configuration, options);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
