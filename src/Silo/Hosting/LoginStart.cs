using MlTr.Abstractions.Accounts;
using MlTr.Dashboard.Features.Accounts.Access;

namespace MlTr.Silo.Hosting;

/// <summary>
/// Finds out whether a login is asked for before the web server starts, and adds the first admin that the settings name. A control process knows the
/// answer from its store (<see cref="LoginCheck"/>); a dashboard alone asks the cluster, until it answers, and refuses then to be reached by others without a user.
/// </summary>
internal sealed partial class LoginStart(IGrainFactory grains, LoginState login, PlatformOptions options, IConfiguration configuration, ILogger<LoginStart> logger) : IHostedService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (login.IsOn || (options.IsControl && options.FirstAdmin.Length == 0))
        {
            return;
        }

        var accounts = grains.GetGrain<IAccountsGrain>(IAccountsGrain.Key);
        var hasUsers = await AskAsync(accounts.HasUsersAsync, cancellationToken);
        if (!hasUsers && options.FirstAdmin.Length > 0)
        {
            var password = await FirstAdmin.ReadPasswordAsync(options, cancellationToken);
            await AskAsync(() => accounts.AddFirstAdminAsync(options.FirstAdmin, password, "settings"), cancellationToken);
            hasUsers = true;
        }

        login.Take(hasUsers);
        LoginCheck.ThrowIfOpen(hasUsers, configuration, options);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>While a cluster starts or changes over, a question may fail.</summary>
    private async Task<bool> AskAsync(Func<Task<bool>> ask, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (AccountsException error)
            {
                throw new PlatformException($"Platform:FirstAdmin: {error.Message}", error);
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                LogNoAnswer(error);
            }

            await Task.Delay(RetryAfter, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The cluster does not say yet whether there are users")]
    private partial void LogNoAnswer(Exception error);
}
