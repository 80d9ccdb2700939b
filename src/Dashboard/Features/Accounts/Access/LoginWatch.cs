using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlTr.Abstractions.Client;

namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>Follows the platform's users, so that a change is felt at once; without the stream open pages find out within <see cref="CircuitLogin"/>'s interval.</summary>
internal sealed class LoginWatch([FromKeyedServices(AccessKeys.Unguarded)] IMlTrClient client, LoginState login, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var hasUsers in client.WatchAccountsAsync(stoppingToken))
                {
                    login.Take(hasUsers);
                }
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                // the grain moved or the cluster is away for a moment: ask again
            }

            await Task.Delay(RetryAfter, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
